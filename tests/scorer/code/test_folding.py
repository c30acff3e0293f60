import ast
from typing import Any

import pytest

from scorer.code.folding import NoLiteralError, fold


@pytest.mark.parametrize(
    "text",
    ["1", "-2.5", "+3", "'a' 'b'", "b'x'", "None", "(1, [2, {3: {4}}])", "set()", "1 + 2j", "7 // 2 - 7 % 4 * 2.5"],
)
def test_folding_gives_what_python_gives(text: str) -> None:
    value: Any = fold(ast.parse(text, mode="eval").body)
    assert value == eval(text) and type(value) is type(eval(text))


@pytest.mark.parametrize(
    "text",
    ["x", "1 + 'a'", "[*[1]]", "{**{}}", "~1", "not 1", "1 // 0", "-True", f"{2**70} * 3", "2 ** 3", "f()", "..."],
)
def test_folding_refuses_the_rest(text: str) -> None:
    with pytest.raises(NoLiteralError):
        fold(ast.parse(text, mode="eval").body)
