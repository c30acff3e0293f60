"""Any text is read or refused, quickly and with one of two errors; what is printed is read again."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorer.math.syntax.parse import parse
from scorer.math.syntax.show import show
from scorer.math.syntax.tree import NotReadable, TooLarge

_PIECES = (
    r"1 23 4.5 x y e i f A \pi \infty + - * / ^ _ = < > \le \in ( ) [ ] \{ \} { } | , ; : ! ' % $ \$ & \\ \frac \sqrt"
    r" \sin \log_ \ln \text{cm} \text{or} and or \pm \cup \setminus \mathbb{R} ^\circ \overline{ \dot{ ... \binom"
    r" \begin{cases} \end{cases} \begin{pmatrix} \end{pmatrix} \sum_{k=1}^ \int_0^1 dx \lim \bmod \pmod \left \right"
    r" \mathrm{ \vec ² ½ √ million cm a.m. U d \quad"
)
PIECES = _PIECES.split()


@given(st.lists(st.sampled_from(PIECES), max_size=14), st.sampled_from(["", " "]))
def test_pieces_of_answers_are_read_or_refused(pieces: list[str], space: str) -> None:
    try:
        node = parse(space.join(pieces))
    except (NotReadable, TooLarge):
        return
    shown = show(node)
    if r"\text" not in shown:
        assert show(parse(shown)) == shown


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse(text)
    except (NotReadable, TooLarge):
        return


@pytest.mark.parametrize(
    "text",
    [
        "(" * 3000 + "1)*2" + ")" * 2999,
        r"\left(" * 2000,
        "x^{" * 2000 + "x" + "}" * 2000,
        "9^" * 2000 + "9",
        r"\frac{1}{1+" * 800 + "1" + "}" * 800,
        r"\sqrt" * 2000 + "2",
        r"\sin" * 2000 + " x",
        r"\vec" * 2000 + " x",
        "-(" * 1500 + "1" + ")" * 1500,
        "5" + "!" * 3000,
        "5" + "%" * 3000,
        "|" * 4000,
        "{" * 4000,
        r"\{" * 4000,
        "f(" * 3000 + "x" + ")" * 3000,
        r"\int" * 2000,
        r"\begin{pmatrix}" * 900,
        "x=" * 9000 + "x",
        "1," * 9000 + "1",
        "1" * 19000,
        "1." * 9000,
        "1{,}" * 4000,
        "1 " * 9000,
        "a'" * 9000,
        "$" * 19000,
        r"\text{a}" * 2800,
        r"\text{a " * 2800,
        "1 cm " * 3800,
        "5" * 30_000,
        "\\" * 19000,
        "1_" * 9000,
        "0.(" * 6000,
        "((1,2)" * 3000,
        "(A) " * 4900 + "1",
        "C. " * 6000 + "1",
        "1" + " " * 19_000 + "1",
        "." * 19_000 + "1",
        r"\text{a" + "." * 19_000,
        "the answer is" + " " * 19_000 + "?",
        "<" + "," * 9000 + "<>",
        r"5 \text{" + "a " * 9000 + "^}",
        "5 " + "a" * 19_000 + "+",
        "5 cm" + "^" * 9000,
        "_" * 19_000,
    ],
    ids=lambda text: re.sub(r"[^\w]", "", text[:12]) or text[:3],
)
def test_hostile_texts_are_refused(text: str) -> None:
    with pytest.raises((NotReadable, TooLarge)):
        parse(text)


@pytest.mark.parametrize("text", ["1" * 4001, "1" * 30_000, "(" * 100 + "x)+1" + ")" * 99, "x=" * 4000 + "x"])
def test_size_is_the_reason_given_for_what_is_large(text: str) -> None:
    with pytest.raises(TooLarge, match="more than"):
        parse(text)
