"""Drawn pictures are drawn once, and go with the run that they show."""

import gc
import weakref

from core.rendering.overlay import fit
from dashboard import memo as kept
from dashboard.loaded_run import LoadedRun
from dashboard.ui import images


class Owner:
    """Something that can be forgotten."""


def test_the_same_is_made_once_and_another_owner_has_its_own():
    made = []
    one, other = Owner(), Owner()
    for owner in (one, one, other):
        kept.memoised(owner, "key", lambda: made.append(1))
    assert len(made) == 2


def test_without_a_key_nothing_is_kept():
    made, owner = [], Owner()
    for _ in range(2):
        kept.memoised(owner, None, lambda: made.append(1))
    assert len(made) == 2


def test_the_longest_unused_goes_first(monkeypatch):
    monkeypatch.setattr(kept, "MOST", 2)
    owner, made = Owner(), []
    for key in ("a", "b", "a", "c", "a", "b"):
        kept.memoised(owner, key, lambda key=key: made.append(key))
    assert made == ["a", "b", "c", "b"]


def test_what_was_made_goes_with_its_owner():
    owner = Owner()
    gone = weakref.ref(kept.memoised(owner, "key", Owner))
    assert gone() is not None
    del owner
    gc.collect()
    assert gone() is None


def test_a_preview_has_the_size_in_which_it_is_shown(ask, explain, chosen):
    run = LoadedRun(explain(ask().request), chosen)
    assert images.preview(run).shape == (500, 750, 3)
    assert images.picture_width(chosen.picture.size) == 750
    assert images.small(run, 50).shape == fit(chosen.picture.pixels, 50).shape
