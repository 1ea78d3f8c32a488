"""Memory goes back to the system once everybody has left, and the sessions of lost connections with it."""

import asyncio
import inspect
import subprocess
import sys
from functools import cache
from types import SimpleNamespace
from weakref import WeakSet

import numpy as np
import pytest
from streamlit.runtime import Runtime
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager

from dashboard import resources
from dashboard.jobs import decoded
from dashboard.server import memory
from dashboard.server.memory import given_back
from dashboard.session import kept
from tests.loops import run
from tests.waiting import PATIENCE


def watched(monkeypatch, pages: list[int], looks: int) -> list[str]:
    """What is done in so many looks, of which each finds the next number of pages."""
    done, left = [], list(pages)
    monkeypatch.setattr(memory, "LOOK", 0.0)
    monkeypatch.setattr(memory, "_forget_sessions", lambda: done.append("forget"))
    monkeypatch.setattr(memory, "_forget_kept", lambda: done.append("let go"))
    monkeypatch.setattr(memory, "give_back", lambda: done.append("give back"))

    async def stay() -> None:
        looked = asyncio.Event()

        def count() -> int:
            done.append("look")
            if done.count("look") == looks:
                looked.set()
            return left.pop(0) if len(left) > 1 else left[0]

        async with given_back(count):
            await looked.wait()

    run(stay())
    return done


def test_while_somebody_is_there_nothing_is_done(monkeypatch):
    assert set(watched(monkeypatch, [3, 2, 1], 9)) == {"look"}


def test_after_the_last_page_it_is_given_back_some_times_and_then_no_more(monkeypatch):
    done = watched(monkeypatch, [1, 0], 40)
    assert done[:4] == ["look", "look", "forget", "let go"]
    assert done.count("give back") == done.count("forget") == done.count("let go") == memory.AFTERWARDS


def test_whoever_comes_and_leaves_begins_it_anew(monkeypatch):
    done = watched(monkeypatch, [0] * 20 + [1] + [0], 60)
    assert done.count("give back") == 2 * memory.AFTERWARDS


PROGRAM = """
import threading
from dashboard import resources
from dashboard.jobs import decoded
from dashboard.server import memory

def size():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096

def work():
    kept = [bytes(3000) for _ in range(20_000)]  # below what is mapped by itself
    barrier.wait()
    pinned.append(kept[::100])  # so that the heap's end is not free

memory.limit_heaps()
barrier, pinned = threading.Barrier(8), []
threads = [threading.Thread(target=work) for _ in range(8)]
before = size()
for thread in threads: thread.start()
for thread in threads: thread.join()
after = size()
memory.give_back()
print(before, after, size())
"""


@pytest.mark.skipif(memory._of_glibc("malloc_trim") is None, reason="no glibc here")
def test_what_threads_left_free_between_what_they_keep_is_given_back():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=PATIENCE, check=True)
    before, after, given = map(int, done.stdout.split())
    assert after - before > 200 * 2**20, "The program did not leave any memory free."
    assert given - before < (after - before) / 4


def test_what_is_kept_for_whoever_looks_again_is_let_go(monkeypatch):
    pixels = decoded.PixelCache(1000)
    monkeypatch.setattr(memory, "decoded", cache(lambda: pixels))
    monkeypatch.setattr(kept, "_kept", [])
    made = []
    remembered = kept.for_an_hour(1)(lambda number: made.append(number))
    for _ in range(2):
        remembered(1)
        memory.decoded().put("picture", np.zeros(600, np.uint8))
        assert pixels.size == 600
        memory._forget_kept()
        assert pixels.size == 0
        pixels.put("another", np.zeros(900, np.uint8))  # as much as before
        assert pixels.size == 900
        pixels.clear()
    assert made == [1, 1]


LARGE = """
import numpy as np
from dashboard.server import memory

def size():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096

def work():
    for _ in range(300):
        large = np.ones(400_000, np.uint8)  # a picture: had it lain in the heap, the next thing would keep it there
        small.append(bytes(2000))
        pictures.append(large)
        if len(pictures) > 100:
            pictures.pop(0)

if LIMITED: memory.limit_heaps()
np.ones(30_000_000, np.uint8)  # what makes glibc take large things out of the heap from now on
small, pictures = [], []
before = size()
work()
pictures.clear()
print(size() - before)
"""


@pytest.mark.skipif(memory._of_glibc("mallopt") is None, reason="no glibc here")
def test_large_things_are_the_systems_again_as_soon_as_they_are_free():
    def left(limited: bool) -> int:
        program = LARGE.replace("LIMITED", str(limited))
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE, check=True
        )
        return int(done.stdout)

    assert left(False) > 30 * 2**20, "By itself glibc kept nothing: the test shows nothing."
    assert left(True) < 5 * 2**20


def test_no_queue_is_made_to_be_forgotten(monkeypatch):
    opened, queues = [], WeakSet()
    monkeypatch.setattr(resources, "_queues", queues)
    monkeypatch.setattr(resources, "storage", lambda: opened.append("storage"))
    resources.forget_stored_jobs()
    assert not opened and not queues


def test_sessions_of_connections_that_were_lost_long_ago_are_let_go(monkeypatch):
    storage = MemorySessionStorage(ttl_seconds=60)
    clock = [0.0]
    storage._cache._timer = lambda: clock[0]
    storage.save(SimpleNamespace(session=SimpleNamespace(id="left")))
    running = SimpleNamespace(_session_mgr=SimpleNamespace(_session_storage=storage))
    monkeypatch.setattr(memory.runtime, "get_instance", lambda: running)
    memory._forget_sessions()
    assert len(storage._cache._expirations) == 1
    clock[0] = 61.0
    memory._forget_sessions()
    assert len(storage._cache._expirations) == 0


def test_a_real_session_manager_has_what_is_asked_of_it():
    source = inspect.getsource(WebsocketSessionManager)
    assert "self._session_storage" in source
    assert "self._session_mgr" in inspect.getsource(Runtime)
