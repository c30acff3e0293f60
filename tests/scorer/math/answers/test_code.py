"""Program text is recognised, mathematics and words are not taken for it."""

import pytest

from scorer.math.answers.code import looks_like_code


@pytest.mark.parametrize(
    "text",
    [
        "eval(\"__import__('os').system('touch x')\")",
        "exec('1')",
        "().__class__.__mro__[1]",
        "import os; os.system('x')",
        "from math import sqrt",
        "print(42)",
        "lambda: 42",
        "lambda x, y: x",
        "def f(x): return x",
        "return 42",
        "int('42')",
        "math.sqrt(4)",
        "globals()",
        "open('/etc/passwd').read()",
        "```python\n42\n```",
        "console.log(42)",
        "function f(x) { return 42 }",
        "() => { return 42 }",
        "SELECT answer FROM golds",
        "1; rm -rf /",
        "$(cat answer)",
        "${jndi:ldap://127.0.0.1/a}",
        r"\input{/etc/passwd}",
        r"\write18{ls}",
        r"\def\a{\a\a}\a",
        "<script>alert(1)</script>",
        "while True: pass",
        "[x for x in range(3)]",
    ],
)
def test_code(text: str) -> None:
    assert looks_like_code(text)


@pytest.mark.parametrize(
    "text",
    [
        r"\lambda : x \mapsto x",
        r"f(x) = \frac{1}{x}",
        "$(1 / 2) x^2$",
        "open interval (0, 1)",
        "x in (0, 1)",
        "for x in R",
        "the class of even numbers",
        "select two from the four",
        "They return at 7 pm",
        "max(1, 2)",
        "sqrt(3)/3",
        "x**2",
        r"\left\{x : x > 0\right\}",
        r"\text{default}",
        "int_0^1 x dx",
        r"\operatorname{ord}_p(n)",
        "a; b",
        "",
    ],
)
def test_no_code(text: str) -> None:
    assert not looks_like_code(text)
