"""What the page says of runs that failed, and of those that did not."""

from pathlib import Path

from tests.trainer.page.runs import write_run
from trainer.page.failures import failure_table
from trainer.page.groups import group_runs
from trainer.page.page import page
from trainer.page.read import REASON, Run, read_run


def stopped(folder: Path, *events: str) -> Run:
    """A run of a step of four, with more events."""
    write_run(folder)
    metrics = folder / "metrics.jsonl"
    metrics.write_text("".join(metrics.read_text().splitlines(keepends=True)[:2]))
    with (folder / "events.log").open("a") as file:
        file.writelines(f"2026-01-31 23:59:59 {event}\n" for event in events)
    return read_run(folder, folder.name)


def test_nothing_failed() -> None:
    assert "Nothing failed" in failure_table([Run("a")])


def test_a_stop_is_a_failure(tmp_path: Path) -> None:
    run = stopped(tmp_path / "a", "step 2, batch: 4 of 16", "stopped: 4 of 16 rollouts <got> no verdict")
    run.steps = []
    text = failure_table([run])
    assert "Nothing failed" not in text
    assert "<code>4 of 16 rollouts &lt;got&gt; no verdict</code></td><td>1</td>" in text


def test_stops_come_before_what_is_more_frequent(tmp_path: Path) -> None:
    run = stopped(tmp_path / "a", "stopped: scorer away", "resumed from step 1", "stopped: scorer away")
    first = failure_table([run]).split("<tbody>\n")[1].split("</tr>")[0]
    assert first.endswith("<code>scorer away</code></td><td>2</td>")


def test_an_unfinished_run_says_why_it_stopped(tmp_path: Path) -> None:
    run = stopped(tmp_path / "a", f"stopped: the training <diverged> {'x' * 9999}")
    text = page([run], group_runs([run]))
    assert "unfinished: at step 1 of 4, stopped: the training &lt;diverged&gt; xxx" in text
    assert len(run.stops[0]) == REASON


def test_a_run_that_went_on_is_not_stopped_any_more(tmp_path: Path) -> None:
    run = stopped(tmp_path / "a", "stopped: scorer away", "resumed from step 1")
    text = page([run], group_runs([run]))
    assert "unfinished: at step 1 of 4</p>" in text
    assert "<code>scorer away</code>" in text


def test_a_run_that_could_not_save_its_policy_is_not_finished(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "a")
    with (folder / "events.log").open("a") as file:
        file.write("2026-01-31 23:59:59 stopped: model cannot be written\n")
    run = read_run(folder, "a")
    assert "unfinished: at step 4 of 4, stopped: model cannot be written" in page([run], group_runs([run]))
