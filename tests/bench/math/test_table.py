import pytest

from bench.math.table import seconds, table


def test_table_is_markdown() -> None:
    assert table(["a", "b"], [[1, "x"]]) == "| a | b |\n| --- | --- |\n| 1 | x |\n"


@pytest.mark.parametrize(
    ("value", "text"), [(0.0000452, "45 µs"), (0.00123, "1.23 ms"), (0.0456, "45.6 ms"), (2.049, "2.05 s")]
)
def test_seconds_have_a_fitting_unit(value: float, text: str) -> None:
    assert seconds(value) == text
