"""Models that a caller has loaded: which one lies inside what is given, and whether maps can be computed of it.

It is judged by what it is and can do: subclasses, wrappers and adapters that are not merged count as what they are made
of, and whatever its configuration calls itself.
"""

from typing import Any

from torch import nn
from transformers import PreTrainedTokenizerBase

from core.errors import ModelError
from core.models.families import family_of
from core.models.families.base import Family
from core.models.folders.configuration import unsupported

_COMPILED = "_orig_mod"  # of torch.compile
_WHOLE_NUMBERS = ("torch.ao.nn.quantized", "torch.nn.quantized")


def bare_model(model: Any) -> nn.Module:
    """The transformers model inside: without torch.compile, DataParallel or a PEFT model around it.

    PEFT's layers stay where they are inside it, and are part of what is explained.

    Raises:
        ModelError: it is no model, or a PEFT model that is more than its layers.
    """
    while True:
        if not isinstance(model, nn.Module):
            raise ModelError(f"A model from transformers is needed, not {_kind(model)}. Load one with from_pretrained.")
        if hasattr(model, "peft_config") and hasattr(model, "get_base_model"):
            configs = model.peft_config.values()
            if any(getattr(config, "is_prompt_learning", False) for config in configs):
                raise ModelError(
                    "This PEFT model puts learned tokens before the prompt, which are no part of its base; its maps "
                    "would be its base's. Explain a LoRA, or merge what was learned into the weights."
                )
            model = model.get_base_model()
        elif isinstance(getattr(model, _COMPILED, None), nn.Module):
            model = getattr(model, _COMPILED)
        elif isinstance(model, nn.DataParallel | nn.parallel.DistributedDataParallel):
            model = model.module
        else:
            return model


def check_model(model: nn.Module) -> None:
    """Refuses a bare model of which not everything is there that maps need.

    Raises:
        ModelError: it is of no supported family, has no head, or lets no gradient through; the sentence says which.
    """
    family = family_of(model)
    if family is None:
        kind = getattr(getattr(model, "config", None), "model_type", type(model).__name__)
        raise ModelError(unsupported(kind))
    _check_head(model, family)
    try:
        layers = len(family.decoder_layers(model))
    except (AttributeError, TypeError):
        layers = 0
    if not layers:
        raise ModelError(
            f"This {type(model).__name__} does not keep its decoder layers where {family.title} has them. Load it as "
            f"{family.model_class.__name__}."
        )
    _check_gradients(model)


def _check_head(model: nn.Module, family: Family) -> None:
    if getattr(model, "lm_head", None) is None or not callable(getattr(model, "generate", None)):
        raise ModelError(
            f"This {type(model).__name__} has no head that says words, so there is no answer to explain. Load it as "
            f"{family.model_class.__name__}."
        )


def _check_gradients(model: nn.Module) -> None:
    modules = list(model.modules())
    if any(type(module).__module__.startswith(_WHOLE_NUMBERS) for module in modules):
        raise ModelError(
            "Layers of this model compute with whole numbers (PyTorch's int8), through which no gradient flows. Give "
            "the model as it was before it was quantised."
        )
    if any(hasattr(module, _COMPILED) for module in modules):
        raise ModelError(
            "Parts of this model are compiled one by one, and what is recorded inside them would not be seen. Give the "
            "model as it was before, or compile it as a whole."
        )
    if any(parameter.is_inference() for parameter in model.parameters()):
        raise ModelError(
            "This model was loaded inside torch.inference_mode, so it has no gradients. Load it outside of that."
        )


def check_processor(processor: Any, model: nn.Module) -> None:
    """Refuses what cannot make a model's inputs of pictures and a prompt.

    Raises:
        ModelError: it is no processor, or another model's.
    """
    example = "AutoProcessor.from_pretrained with the model's folder or id"
    if processor is None:
        raise ModelError(f"The model's processor is missing. Give what {example} returns.")
    if isinstance(processor, PreTrainedTokenizerBase):
        raise ModelError(
            f"A tokenizer was given in the processor's place, and cannot read pictures. Give what {example} returns."
        )
    if any(not hasattr(processor, name) for name in ("tokenizer", "image_processor", "apply_chat_template")):
        raise ModelError(
            f"In the processor's place is {_kind(processor)}. Give what {example} returns, which reads text and "
            "pictures."
        )
    if not getattr(processor, "chat_template", None):
        raise ModelError("The processor has no chat template, so it is not known how a question is put. Set one.")
    ids = getattr(processor, "image_token_ids", None)
    if ids and model.config.image_token_id not in ids:
        raise ModelError(
            f"The processor belongs to another model: its token for a picture is not this model's. Give what {example} "
            "returns."
        )


def _kind(value: Any) -> str:
    return f"a value of type {type(value).__name__}"
