"""Access tokens: known by their hash alone, good until they end or are withdrawn, and never confused."""

import sqlite3
from contextlib import closing
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import InputError
from dashboard.storage import access_tokens
from dashboard.storage.access_tokens import LONGEST_LABEL, MOST, USED, AccessTokens
from tests.some import some

DAY = 86_400.0


@pytest.fixture
def tokens(tmp_path):
    made = AccessTokens(tmp_path / "tokens" / "tokens.sqlite")
    yield made
    made.close()


@pytest.fixture
def clock(monkeypatch):
    """The time, which a test moves on: `clock[0] += 60`."""
    now = [1_000_000.0]
    monkeypatch.setattr(access_tokens, "time", SimpleNamespace(time=lambda: now[0]))
    return now


def test_a_token_is_found_by_its_text_and_by_nothing_else(tokens):
    token, text = tokens.make("ada", "oidc", "  the \n cluster ", DAY)
    assert (token.label, token.person, token.used) == ("the cluster", "ada", None)
    assert tokens.find(text, "oidc").name == token.name
    other = tokens.make("ada", "oidc", "another", DAY)[1]
    begin, name, secret = text.split("_", 2)
    swapped = "_".join((begin, name, other.split("_", 2)[2]))
    wrong = [
        swapped,
        text[:-1],
        f"{text}A",
        text.upper(),
        f" {text}",
        f"{text}\n",
        text.replace("_", "-", 1),
        "",
        "x" * 10**6,
    ]
    wrong += [f"{begin}_{name}_{'A' * 43}", f"{begin}_{'0' * 16}_{secret}", text.replace(secret[0], "\u0661", 1), "\0"]
    assert [tokens.find(each, "oidc") for each in wrong] == [None] * len(wrong)


def test_the_text_of_a_token_stands_nowhere(tokens, tmp_path):
    text = tokens.make("ada", "oidc", "label", DAY)[1]
    tokens.find(text, "oidc")
    secret = text.split("_", 2)[2].encode()
    files = some([path for path in tmp_path.rglob("*") if path.is_file()])
    assert [path.name for path in files if secret in path.read_bytes()] == []
    assert {path.stat().st_mode & 0o077 for path in files} == {0}
    assert (tmp_path / "tokens").stat().st_mode & 0o777 == 0o700


def test_a_token_ends_by_itself_by_withdrawal_and_where_people_prove_otherwise_who_they_are(tokens, clock):
    token, text = tokens.make("ada", "open", "label", 100)
    assert tokens.find(text, "open") and tokens.is_good(token.name)
    assert tokens.find(text, "oidc") is None
    clock[0] += 99.9
    assert tokens.find(text, "open") is not None
    clock[0] += 0.1
    assert tokens.find(text, "open") is None and not tokens.is_good(token.name) and not tokens.listed("open")
    token, text = tokens.make("ada", "open", "label", 100)
    assert tokens.withdraw(token.name) and not tokens.withdraw(token.name)
    assert tokens.find(text, "open") is None and not tokens.is_good(token.name)


def test_when_it_was_used_is_known_to_a_minute_and_written_no_oftener(tokens, clock, tmp_path):
    text = tokens.make("ada", "open", "label", DAY)[1]
    tokens.find(text, "open")
    first = clock[0]
    clock[0] += USED / 2
    tokens.find(text, "open")
    assert tokens.listed("open")[0].used == first
    clock[0] += USED / 2
    tokens.find(text, "open")
    assert tokens.listed("open")[0].used == clock[0]


def test_whose_they_are(tokens, clock):
    for person, mode in (("ada", "oidc"), ("ben", "oidc"), ("ada", "open")):
        tokens.make(person, mode, f"{person} {mode}", DAY)
        clock[0] += 1
    assert [token.label for token in tokens.listed("oidc")] == ["ben oidc", "ada oidc"]
    assert [token.label for token in tokens.listed("oidc", "ada")] == ["ada oidc"]
    assert tokens.listed("oidc", "cleo") == [] and tokens.listed("proxy") == []


@pytest.mark.parametrize("label", ["", "  ", "\n", "x" * (LONGEST_LABEL + 1)])
def test_a_label_is_short_and_says_something(tokens, label):
    with pytest.raises(InputError, match="Say in 1 to 80 characters"):
        tokens.make("ada", "open", label, DAY)


def test_nobody_has_any_number_and_those_that_have_ended_do_not_count(tokens, clock):
    for number in range(MOST):
        tokens.make("ada", "open", str(number), 100)
    with pytest.raises(InputError, match="There are 20 access tokens already"):
        tokens.make("ada", "open", "one more", 100)
    tokens.make("ben", "open", "another's", 100)
    clock[0] += 100
    assert tokens.make("ada", "open", "afterwards", 100)


def test_two_servers_share_them(tokens, tmp_path):
    other = AccessTokens(tmp_path / "tokens" / "tokens.sqlite")
    token, text = tokens.make("ada", "open", "label", DAY)
    assert other.find(text, "open").name == token.name
    other.withdraw(token.name)
    assert tokens.find(text, "open") is None
    other.close()


def test_a_damaged_file_lets_nobody_in(tmp_path):
    path = tmp_path / "tokens" / "tokens.sqlite"
    first = AccessTokens(path)
    text = first.make("ada", "open", "label", DAY)[1]
    first.close()
    path.write_bytes(b"no database " * 1000)
    again = AccessTokens(path)
    assert again.find(text, "open") is None and list(path.parent.glob("*.broken-*"))
    again.close()


def test_a_hash_that_is_none_lets_nobody_in(tokens, tmp_path):
    token, text = tokens.make("ada", "open", "label", DAY)
    with closing(sqlite3.connect(tmp_path / "tokens" / "tokens.sqlite")) as connection, connection:
        connection.execute("UPDATE tokens SET hash = ? WHERE name = ?", (b"", token.name))
    assert tokens.find(text, "open") is None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.text(max_size=120), st.from_regex(r"smoothcam_[0-9a-f]{16}_[A-Za-z0-9_-]{43}", fullmatch=True)))
def test_whatever_is_shown_in_place_of_a_token_is_none(tokens, shown):
    tokens.listed("open") or tokens.make("ada", "open", "label", DAY)
    assert tokens.find(shown, "open") is None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 69), character=st.characters(codec="ascii"))
def test_a_token_with_one_other_character_is_none(tokens, place, character):
    text = tokens.make("ada", "open", "label", DAY)[1]
    changed = text[:place] + character + text[place + 1 :]
    assert (tokens.find(changed, "open") is not None) is (changed == text)
    for token in tokens.listed("open"):
        tokens.withdraw(token.name)
