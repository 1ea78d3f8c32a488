import pytest

from dashboard.language import N_, _, catalogue, counted, listed, speaking

HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\nPlural-Forms: nplurals=1; plural=0;\\n"\n'
CATALOGUES = {
    "some": [
        ("Run", "运行"),
        ("{name} took {seconds:.1f} s", "{name} 用时 {seconds:.1f} 秒"),
        (", ", "、"),
        ("Untold", ""),
    ],
    "others": [("{count} run", "{count} runs", "{count} 条运行记录"), ("Braces: {}", "花括号：{}")],
}


@pytest.fixture(autouse=True)
def catalogues(tmp_path, monkeypatch):
    """Two small catalogues instead of the project's."""
    (tmp_path / "zh_Hans").mkdir()
    for name, messages in CATALOGUES.items():
        lines = [
            'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\nPlural-Forms: nplurals=1; plural=0;\\n"\n'
        ]
        for one, *many, said in messages:
            plural = f'msgid_plural "{many[0]}"\nmsgstr[0]' if many else "msgstr"
            lines.append(f'msgid "{one}"\n{plural} "{said}"\n')
        (tmp_path / "zh_Hans" / f"{name}.po").write_text("\n".join(lines), "utf-8")
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    catalogue.translations.cache_clear()
    yield
    catalogue.translations.cache_clear()


def test_english_is_said_as_it_is_written():
    assert _("Run") == "Run"
    assert _("{name} took {seconds:.1f} s", name="a", seconds=2) == "a took 2.0 s"
    assert [counted("{count} run", "{count} runs", n) for n in (0, 1, 2)] == ["0 runs", "1 run", "2 runs"]
    assert listed(["a", "b"]) == "a, b"


def test_messages_of_every_catalogue_are_translated():
    with speaking("zh_Hans"):
        assert _("Run") == "运行"
        assert _("{name} took {seconds:.1f} s", name="Run", seconds=2) == "Run 用时 2.0 秒"
        assert [counted("{count} run", "{count} runs", n) for n in (0, 1, 2)] == [f"{n} 条运行记录" for n in (0, 1, 2)]
        assert listed(["a", "b"]) == "a、b"


def test_what_no_catalogue_knows_is_said_in_english():
    with speaking("zh_Hans"):
        assert _("Unheard of") == "Unheard of"
        assert _("Untold") == "Untold"
        assert counted("{count} map", "{count} maps", 2) == "2 maps"


def test_what_is_filled_in_is_taken_as_it_is():
    with speaking("zh_Hans"):
        assert (
            _("{name} took {seconds:.1f} s", name="{seconds} {name} Run", seconds=1)
            == "{seconds} {name} Run 用时 1.0 秒"
        )


def test_without_values_braces_are_text():
    assert _("Braces: {}") == "Braces: {}"
    with speaking("zh_Hans"):
        assert _("Braces: {}") == "花括号：{}"


def test_marking_changes_nothing():
    assert N_("Run") == "Run"
    with speaking("zh_Hans"):
        assert N_("Run") == "Run"
