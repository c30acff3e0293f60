from bench.critic import speed


def test_contestants_agree_and_the_report_has_a_row_for_each() -> None:
    text = speed.run(hidden=128, layers=1, count=2, repeats=1)
    for name in ("state by state", "padded", "packed", "gRPC"):
        assert text.count(f"| {name} |") == 2
    assert "| 64 |" in text
