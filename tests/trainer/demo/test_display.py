import io

from rich.console import Console

from trainer.demo.display import BARS, WIDTH, Display, gain_table, refresh_line, sparkline, step_line
from trainer.demo.results import Results


def rendered(renderable: object, *, terminal: bool = False) -> str:
    console = Console(file=io.StringIO(), width=160, force_terminal=terminal, color_system=None)
    console.print(renderable)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_sparkline_scales_and_marks_gaps() -> None:
    assert sparkline([0.0, None, 1.0]) == f"{BARS[0]}·{BARS[-1]}"
    assert len(sparkline([0.5] * (WIDTH + 9))) == WIDTH


def test_a_step_line_says_what_the_step_did(recorded: Results) -> None:
    line = step_line(recorded.steps[0], 4)
    for part in ("step 1/4", "reward 0.40", "1:0.90 2:0.20", "right 0.80 wrong 0.60", "unscored 1"):
        assert part in line
    assert "train-7 (level 2, 4 groups: value rank 1 of 4)" in line
    assert "resampled nothing" in step_line(recorded.steps[1], 4)
    assert "wrong -" in step_line(recorded.steps[2], 4)


def test_the_table_has_every_level_with_its_intervals(recorded: Results) -> None:
    text = rendered(gain_table(recorded.levels))
    assert "40.0 [35.0, 45.0]" in text
    assert "60.0 [55.0, 65.0]" in text
    assert "+20.0 [+12.9, +27.1]" in text
    assert "code" in text


def test_the_refresh_line_names_both_entropies(recorded: Results) -> None:
    assert recorded.refresh is not None
    line = refresh_line(recorded.refresh)
    assert "0.500 before, 0.400 after" in line
    assert "2 without verdict" in line


def test_the_panel_shows_what_was_resampled_and_why(recorded: Results) -> None:
    console = Console(file=io.StringIO(), width=160, force_terminal=True, color_system=None)
    with Display(console, recorded, 4).training():
        pass
    text = console.file.getvalue()  # type: ignore[attr-defined]
    for part in ("step 4 of 4", "reward", "confidence, wrong", "train-7", "value rank 1 of 4"):
        assert part in text


def test_events_are_plain_lines_without_a_terminal(recorded: Results) -> None:
    console = Console(file=io.StringIO(), width=160)
    display = Display(console, recorded, 4)
    with display.training():
        display.on_event("scorer [1] is away")
    assert console.file.getvalue() == "scorer [1] is away\n"  # type: ignore[attr-defined]
    assert recorded.events[-1] == "scorer [1] is away"
