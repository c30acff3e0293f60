import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from codaserve.v1 import scorer_pb2 as pb
from scorer.code.outputs import difference

EXACT, TOKENS = pb.COMPARE_EXACT, pb.COMPARE_TOKENS
ANY_LINES, ANY_TOKENS = pb.COMPARE_UNORDERED_LINES, pb.COMPARE_UNORDERED_TOKENS
COMPARISONS = [pb.COMPARE_UNSPECIFIED, pb.COMPARE_LINES, EXACT, TOKENS, ANY_LINES, ANY_TOKENS]
outputs = st.text(alphabet="ab1. \t\r\n", max_size=30).map(str.encode)


def where(got: bytes, expected: bytes, comparison: int = pb.COMPARE_LINES, tolerance: float = 0.0) -> str | None:
    found = difference(got, expected, comparison, tolerance)  # type: ignore[arg-type]
    return None if found is None else found.where


@pytest.mark.parametrize(
    ("got", "expected", "place"),
    [
        (b"a\nb\n", b"a\nb", None), (b"a \r\nb\t\n\n\n", b"a\nb", None), (b"", b"\n \n", None),
        (b"a\nc", b"a\nb", "in line 2"), (b" a", b"a", "in line 1"), (b"a\n\nb", b"a\nb", "in line 2"),
        (b"a", b"a\nb", "in line 2"), (b"a\nb", b"a", "in line 2"), (b"", b"a", "in line 1"),
        ("a\u00a0".encode(), b"a", "in line 1"), (b"\xff", b"\xff", None),
    ],
)  # fmt: skip
def test_lines(got: bytes, expected: bytes, place: str | None) -> None:
    assert where(got, expected) == place


@pytest.mark.parametrize(
    ("got", "expected", "place"),
    [
        (b"a\n", b"a\n", None), (b"a", b"a\n", "in line 1"), (b"a\n", b"a", "in line 1"), (b"", b"", None),
        (b"a\r\nb", b"a\nb", "in line 1"), (b"x\ny\nz", b"x\ny\nw", "in line 3"), (b"x\n", b"x\ny", "in line 2"),
    ],
)  # fmt: skip
def test_exact(got: bytes, expected: bytes, place: str | None) -> None:
    assert where(got, expected, EXACT) == place


@pytest.mark.parametrize(
    ("got", "expected", "tolerance", "place"),
    [
        (b"1  2\n3", b"1 2 3", 0, None), (b"1 2", b"1 2 3", 0, "in token 3"), (b"1 2 3", b"1 2", 0, "in token 3"),
        (b"1.0", b"1", 0, "in token 1"), (b"1.0", b"1", 1e-9, None), (b"0.30000000000000004", b"0.3", 1e-9, None),
        (b"1", b"2", 5.0, "in token 1"), (b"01", b"1", 5.0, "in token 1"), (b"1.5", b"2", 0.2, "in token 1"),
        (b"1100.5", b"1000.0", 0.2, None), (b"nan", b"nan", 1.0, None), (b"nan", b"0.5", 1.0, "in token 1"),
        (b"1e999", b"0.5", 1.0, "in token 1"), (b"0.5", b"1e999", 1.0, "in token 1"),
        (b"inf", b"0.5", 9.0, "in token 1"),
        (b"1_0.0", b"10", 1.0, "in token 1"), (b"x1.0", b"x1", 1.0, "in token 1"), (b"+.5e0", b"0.5", 1e-9, None),
        (b"9" * 2000 + b".0", b"9" * 2000, 1.0, "in token 1"),
    ],
)  # fmt: skip
def test_tokens(got: bytes, expected: bytes, tolerance: float, place: str | None) -> None:
    assert where(got, expected, TOKENS, tolerance) == place


@pytest.mark.parametrize(
    ("got", "expected", "comparison", "place"),
    [
        (b"b\na\n", b"a \nb", ANY_LINES, None), (b"b\n\na\n", b"a\nb", ANY_LINES, None),
        (b"a\na", b"a\nb", ANY_LINES, "in line 2"), (b"a", b"a\na", ANY_LINES, "in a line"),
        (b"a\na\na", b"a\na", ANY_LINES, "in line 3"), (b"2 1", b"1 2", ANY_LINES, "in line 1"),
        (b"2 1", b"1\n2", ANY_TOKENS, None), (b"2 2", b"1 2", ANY_TOKENS, "in token 2"),
        (b"", b"1", ANY_TOKENS, "in a token"),
    ],
)  # fmt: skip
def test_any_order(got: bytes, expected: bytes, comparison: int, place: str | None) -> None:
    assert where(got, expected, comparison) == place


@given(outputs)
def test_every_output_matches_itself(text: bytes) -> None:
    assert all(where(text, text, comparison) is None for comparison in COMPARISONS)


@given(outputs, outputs)
@example(b"\n", b"")
def test_what_a_strict_comparison_accepts_the_wider_ones_accept(got: bytes, expected: bytes) -> None:
    equal = {comparison: where(got, expected, comparison) is None for comparison in COMPARISONS}
    assert equal[EXACT] == (got == expected)
    assert equal[TOKENS] == (got.split() == expected.split())
    assert equal[ANY_TOKENS] == (sorted(got.split()) == sorted(expected.split()))
    lines = [[line.rstrip() for line in text.rstrip().split(b"\n")] for text in (got, expected)]
    assert equal[pb.COMPARE_LINES] == (lines[0] == lines[1])
    assert equal[ANY_LINES] == (sorted(filter(None, lines[0])) == sorted(filter(None, lines[1])))


@given(st.lists(st.sampled_from([b"a", b"b c", b" d"])), st.randoms(use_true_random=False))
def test_order_is_nothing_where_it_is_said_to_be(lines: list[bytes], chance: object) -> None:
    mixed = list(lines)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert where(b"\n".join(mixed), b"\n".join(lines), ANY_LINES) is None
    assert where(b" ".join(mixed), b"\n".join(lines), ANY_TOKENS) is None


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(1e-9, 1))
def test_tolerance_is_relative_above_one(got: float, expected: float, tolerance: float) -> None:
    match = where(b"%r" % got, b"%r" % expected, TOKENS, tolerance) is None
    assert match == (got == expected or abs(got - expected) <= tolerance * max(1.0, math.fabs(expected)))


@pytest.mark.parametrize("comparison", COMPARISONS)
@pytest.mark.parametrize("hostile", [b"\n", b"a ", b"a\n", b" ", b"\xff", b"1.5 "])
def test_an_output_of_many_megabytes_is_looked_at_only_as_far_as_it_agrees(comparison: int, hostile: bytes) -> None:
    """Of 64 MB of tokens, a list would take gigabytes."""
    assert where(hostile * (1 << 24), b"a\nb\n" * 1000, comparison, 0.0) is not None


def test_differences_are_told_without_what_is_expected() -> None:
    for comparison in COMPARISONS:
        found = difference(b"first\nwrong " + b"x" * 500, b"first\nsecret", comparison, 0.0)
        assert found is not None and "secret" not in str(found) and len(str(found)) < 300
