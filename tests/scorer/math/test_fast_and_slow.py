r"""What the service decides by itself agrees with what a worker would say, wherever both decide."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from scorer.math import understand
from scorer.math.compare import decide, read
from scorer.math.judgement import Options, Outcome

VALUES = st.fractions(min_value=-2000, max_value=10**7, max_denominator=16)
UNITS = st.sampled_from(
    [
        "",
        "",
        "",
        "%",
        r"\%",
        " cm",
        r"\text{ cm}",
        " meters",
        "^\\circ",
        " dollars",
        " red marbles",
        r"\,m",
        "~s",
        " g",
        "m",
    ]
)
WORDS = st.sampled_from(
    ["A", "(B)", "C. 42", "yes", "Monday", r"\text{even}", "DNA", "x", "xyz", "no solution", "e", "i"]
)
JUNK = st.sampled_from(
    ["", "", "", "", "", " ", "+1", "$", "-", "!", ",", ".", "0", "x", " or 5", "/2", "^2", "_2", "(", "}"]
)


def spellings(value: Fraction) -> list[str]:
    """Ways to write a number, some of them only of numbers near it."""
    top, bottom = value.numerator, value.denominator
    whole, rest = divmod(abs(top), bottom)
    sign = "-" if value < 0 else ""
    return [
        str(value),
        f"{float(value):g}",
        f"{float(value):.2f}",
        f"{whole:,}",
        f"{whole * 1000:,}".replace(",", "{,}"),
        rf"{sign}\frac{{{abs(top)}}}{{{bottom}}}",
        rf"\frac{{{2 * top}}}{{{2 * bottom}}}",
        rf"{sign}{whole}\frac{{{rest}}}{{{bottom}}}",
        f"{sign}{whole} {rest}/{bottom}",
        f"{float(value):e}",
        rf"{float(value):g} \times 10^{{2}}",
        rf"\${sign}{whole}",
        f"x = {value}",
        f"${value}$",
        f"{whole}_{{10}}",
        rf"{sign}0.{whole}\overline{{{rest}}}",
    ]


def spelled(value: Fraction, pick: int, unit: str) -> str:
    text = spellings(value)[pick]
    return text if "times" in text else text + unit  # whether a percent sign is that of the power is anybody's guess


NUMBERS = st.builds(spelled, VALUES, st.integers(0, 15), UNITS)
ANSWERS = st.builds(lambda text, junk, at: text[:at] + junk + text[at:], NUMBERS | WORDS, JUNK, st.integers(0, 12))
PAIRS = st.one_of(
    st.tuples(ANSWERS, ANSWERS),
    VALUES.flatmap(lambda value: st.tuples(*[st.sampled_from(spellings(value))] * 2)),
    st.tuples(WORDS, WORDS),
)


@settings(max_examples=400)
@given(PAIRS)
def test_they_agree(pair: tuple[str, str]) -> None:
    gold, answer = pair
    fast = decide(read(gold), read(answer))
    if fast is None or fast.rule == "exact_text":
        return
    slow = understand.compare(gold, answer, Options())
    if slow.outcome in (Outcome.EQUAL, Outcome.DIFFERENT):
        assert (slow.outcome is Outcome.EQUAL) == fast.equal, (fast, slow)
