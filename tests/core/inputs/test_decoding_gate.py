"""Who is let in, who waits, and whose turn it is."""

from threading import Event, Thread

import pytest

from core.inputs.decoding_gate import DecodingGate
from tests.waiting import PATIENCE, wait_until


class Visitor(Thread):
    """Goes in, says so, and stays until it is told to leave."""

    def __init__(self, gate, pixels):
        super().__init__(daemon=True)
        self.gate, self.pixels, self.inside, self.leave = gate, pixels, Event(), Event()
        self.start()

    def run(self):
        with self.gate.room_for(self.pixels):
            self.inside.set()
            self.leave.wait(PATIENCE)

    def goes_in(self):
        return self.inside.wait(PATIENCE)

    def goes(self):
        self.leave.set()
        self.join(PATIENCE)
        return not self.is_alive()


def test_no_more_pixels_than_there_is_room_for():
    gate = DecodingGate(100)
    first, second = Visitor(gate, 60), Visitor(gate, 40)
    assert first.goes_in() and second.goes_in()
    third = Visitor(gate, 1)
    assert not third.inside.wait(0.1)
    assert second.goes() and third.goes_in()
    assert first.goes() and third.goes()


def test_first_come_first_served():
    gate = DecodingGate(100)
    inside = Visitor(gate, 90)
    assert inside.goes_in()
    large = Visitor(gate, 100)
    wait_until(lambda: gate.waiting == 1)
    small = Visitor(gate, 1)  # there is room for it, but it came later
    assert not small.inside.wait(0.1) and not large.inside.is_set()
    assert inside.goes() and large.goes_in() and not small.inside.is_set()
    assert large.goes() and small.goes_in() and small.goes()


def test_one_that_is_larger_than_the_room_goes_in_alone():
    gate = DecodingGate(100)
    huge = Visitor(gate, 10_000)
    assert huge.goes_in() and huge.goes()
    with gate.room_for(100):
        pass


def test_room_is_given_back_after_a_failure():
    gate = DecodingGate(100)
    with pytest.raises(ValueError), gate.room_for(100):
        raise ValueError
    after = Visitor(gate, 100)
    assert after.goes_in() and after.goes()
