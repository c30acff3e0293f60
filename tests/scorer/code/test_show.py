from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorer.code import show
from scorer.sandbox.guest.codec import Opaque


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"), (True, "true"), (1, "1"), (0.5, "0.5"), ("é\n", '"é\\n"'), ([1, (2, [])], "[1, [2, []]]"),
        ({"a": [1], "b": {}}, '{"a": [1], "b": {}}'), (Opaque("set", [1, 2]), "set(1, 2)"), (b"\xff", "b'\\xff'"),
        (Opaque("dict", [1, 2, (3,), "x"]), '{1: 2, [3]: "x"}'), (1j, "1j"),
        ([1 << 100_000], "[an integer of 100001 bits]"),
        ("\x1b[2J\ud800", '"\\u001b[2J?"'),
    ],
)  # fmt: skip
def test_values_are_shown_as_json_where_they_have_such_a_form(value: Any, text: str) -> None:
    assert show.value(value) == text


@pytest.mark.parametrize("value", [["x" * 50] * 1000, "y" * 10**7, [[]] * 200_000, {str(i): i for i in range(10**5)}])
def test_large_values_are_cut(value: Any) -> None:
    assert len(show.value(value)) <= 1024 and len(show.value([value] * 50)) <= 1024


@given(st.text(max_size=2000), st.binary(max_size=5000))
def test_whatever_is_shown_can_be_sent_and_printed(text: str, raw: bytes) -> None:
    for shown in (show.printable(text), show.printable_bytes(raw)):
        assert len(shown) <= 1024 and shown.encode().decode() == shown
        assert not set(shown) & set(map(chr, [*range(9), 27, 127, 155]))
