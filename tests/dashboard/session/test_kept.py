"""What is kept for everybody is made once, and again after it was let go of."""

from dashboard.session import kept


def test_it_is_made_once_until_it_is_let_go_of(monkeypatch):
    monkeypatch.setattr(kept, "_kept", [])
    made = []

    @kept.for_an_hour(2)
    def twice(number: int, _unlike: object) -> int:
        made.append(number)
        return 2 * number

    assert [twice(1, object()), twice(1, object()), twice(2, object())] == [2, 2, 4]
    assert made == [1, 2]
    kept.forget()
    assert twice(1, object()) == 2 and made == [1, 2, 1]


def test_of_one_function_no_more_is_kept_than_was_said(monkeypatch):
    monkeypatch.setattr(kept, "_kept", [])
    made = []
    one = kept.for_an_hour(1)(lambda number: made.append(number))
    for number in (1, 2, 1):
        one(number)
    assert made == [1, 2, 1]
