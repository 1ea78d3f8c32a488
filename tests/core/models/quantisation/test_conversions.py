import torch
from transformers.core_model_loading import WeightConverter, WeightRenaming

from core.models.quantisation.conversions import AsItIs, RoundedNames, StoredNames, split
from core.models.quantisation.rounding import rounded


def test_only_what_is_listed_gets_another_name():
    names = StoredNames({"a.qweight": "a.stored.qweight"})
    assert names.rename_source_key("a.qweight") == ("a.stored.qweight", None)
    assert names.rename_source_key("b.qweight") == ("b.qweight", None)


def test_only_what_is_listed_is_rounded_and_its_parts_get_their_names():
    names = RoundedNames({"a.weight": "a.stored.weight"}, "4bit")
    assert names.rename_source_key("b.weight") == ("b.weight", None)
    target, source = names.rename_source_key("a.weight")
    weight = torch.randn(4, 64)
    names.add_tensor(target, "a.weight", source, lambda: weight)
    found, wanted = names.convert(target), rounded(weight, "4bit")
    assert found.keys() == {f"a.stored.{part}" for part in wanted}
    assert all(torch.equal(found[f"a.stored.{part}"], tensor) for part, tensor in wanted.items())


def test_transforms_are_told_apart():
    renaming, converter = WeightRenaming("a", "b"), RoundedNames({}, "8bit")
    assert split([converter, renaming]) == ([renaming], [converter]) and isinstance(converter, WeightConverter)
    assert AsItIs().convert({"a": 1}) == {"a": 1}
