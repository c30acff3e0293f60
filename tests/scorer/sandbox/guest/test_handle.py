from typing import Any

import pytest

from scorer.sandbox.guest.handle import Handle, number_of


def test_attributes_and_calls_are_asked_of_the_program_and_nothing_else_is() -> None:
    asked: list[Any] = []

    def ask(verb: str, target: Any, positional: tuple[Any, ...], named: dict[str, Any]) -> str:
        asked.append((verb, target is handle, positional, named))
        return "answer"

    handle: Any = Handle(7, ask)
    other = Handle(7, ask)
    assert handle.x == "answer" and handle(1, k=2) == "answer" and handle.__name__ == "answer"
    handle.y = 3
    assert asked == [
        ("get", True, ("x",), {}),
        ("call", True, (1,), {"k": 2}),
        ("get", True, ("__name__",), {}),
        ("set", True, ("y", 3), {}),
    ]
    assert handle == handle and handle != other and handle != 3 and handle and "object" in repr(handle)
    assert len({handle, other}) == 2
    for operation in (len, iter, int, lambda value: value + 1, lambda value: value < 1, lambda value: value[0]):
        with pytest.raises(TypeError):
            operation(handle)
    with pytest.raises(AttributeError):
        _ = handle.__eq2__
    assert len(asked) == 4


def test_only_handles_have_numbers() -> None:
    def ask(*_: Any) -> None:
        return None

    assert number_of(Handle(7, ask)) == 7
    assert number_of(type("Handle", (), {"_number_in_program": 7})()) is None
