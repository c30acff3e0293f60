from typing import Any, cast

import pytest

from scorer.sandbox.guest.handle import FarIterator, FreeHandle, Handle, is_handle, number_of


class Other:
    """The other process: remembers what it was asked, and answers what it was told to."""

    def __init__(self, answer: Any = "answer") -> None:
        self.asked: list[tuple[str, int, tuple[Any, ...]]] = []
        self.answer = answer

    def ask(self, verb: str, target: Any, positional: tuple[Any, ...], named: dict[str, Any]) -> Any:
        self.asked.append((verb, number_of(target), (*positional, *named.items())))
        return self.answer


def test_attributes_and_calls_are_asked_of_the_other_process() -> None:
    other = Other()
    handle: Any = Handle(7, other.ask)
    assert handle.x == "answer" and handle(1, k=2) == "answer" and handle.__name__ == "answer"
    handle.y = 3
    with pytest.raises(AttributeError):
        _ = handle.__eq2__
    assert other.asked == [
        ("get", 7, ("x",)), ("call", 7, (1, ("k", 2))), ("get", 7, ("__name__",)), ("set", 7, ("y", 3)),
    ]  # fmt: skip


def test_operations_of_one_object_are_asked() -> None:
    other = Other(3)
    handle: Any = Handle(7, other.ask)
    assert (len(handle), int(handle), abs(handle), hash(handle), handle["k"], -handle) == (3,) * 6
    assert [verb for verb, _, _ in other.asked] == ["len", "int", "abs", "hash", "getitem", "neg"]
    other.answer = False
    assert not handle


@pytest.mark.parametrize(
    "compare",
    [
        lambda a, b: a + b, lambda a, b: b - a, lambda a, b: a < b, lambda a, b: b >= a, lambda a, b: b in a,
        lambda a, b: a % b, lambda a, b: a @ b, lambda a, b: divmod(a, b),
    ],
)  # fmt: skip
def test_no_value_of_the_script_is_handed_to_an_object_of_the_program(compare: Any) -> None:
    other = Other(True)
    with pytest.raises(TypeError):
        compare(Handle(7, other.ask), 4242)
    assert other.asked == []


def test_an_object_equals_no_value_whatever_it_says() -> None:
    other = Other(True)
    handle, three = Handle(7, other.ask), cast("Any", 3)
    assert handle != three and three != handle and handle not in [three, "x"]
    assert other.asked == []
    assert handle == Handle(8, other.ask)
    assert other.asked[0][:2] == ("eq", 7)


def test_objects_of_a_script_decide_for_themselves_what_they_equal() -> None:
    other = Other(True)
    handle: Any = FreeHandle(7, other.ask)
    assert handle == 3 and handle + 1 and 1 + handle
    assert [verb for verb, _, _ in other.asked] == ["eq", "add", "radd"]


def test_classes_of_the_program_tell_their_instances() -> None:
    other = Other(True)
    kind: Any = Handle(1, other.ask)
    assert isinstance(Handle(2, other.ask), kind) and not isinstance(3, kind)
    assert [(verb, number) for verb, number, _ in other.asked] == [("isinstance", 2)]


def test_iterators_ask_for_no_more_than_is_wanted_at_first() -> None:
    asked: list[int] = []
    numbers = iter(range(1000))

    def ask(verb: str, target: Any, positional: tuple[Any, ...], named: dict[str, Any]) -> tuple[list[int], bool]:
        asked.append(positional[0])
        items = [number for _, number in zip(range(positional[0]), numbers, strict=False)]
        return items, len(items) < positional[0]

    far = FarIterator(1, ask)
    assert [next(far) for _ in range(10)] == list(range(10)) and asked == [1] * 10
    assert list(far) == list(range(10, 1000)) and len(asked) < 100
    assert next(far, None) is None


def test_only_handles_are_handles() -> None:
    assert is_handle(Handle(7, Other().ask)) and is_handle(FreeHandle(7, Other().ask))
    assert not is_handle(type("Handle", (Handle,), {})(7, Other().ask))
