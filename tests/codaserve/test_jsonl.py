"""Objects are read strictly."""

import pytest

from codaserve.jsonl import strict_object


def test_an_object_is_read() -> None:
    assert strict_object(' {"a": [1, null], "b": {"a": 2}}\n') == {"a": [1, None], "b": {"a": 2}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1, "b": {"c": 1, "c": 2}}', "'c' is given twice"),
        ('{"a": -Infinity}', "-Infinity is not JSON"),
        ('{"a"', "not JSON: .* at column 5"),
        ("[" * 100_000, "nested too deeply"),
        ("1", "expected an object, found int"),
    ],
)
def test_what_is_no_plain_object_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        strict_object(text)
