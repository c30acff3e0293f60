"""One of two scorers is killed and started, again and again: the run ends as an undisturbed one of its seed does."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.disturbed.compare import compare, retries
from bench.disturbed.replica import Replica
from bench.disturbed.run import run_both
from trainer.report.reports import EvaluationReport, Observer, StepReport

STEPS = 4


class KilledEverySecondStep:
    """The scorer is away for every second step, and back for the others: whatever the clock says, some are sent to a
    dead one."""

    def __init__(self, replica: Replica) -> None:
        self.replica = replica
        self.events: list[str] = []

    def on_step(self, report: StepReport) -> None:
        if report.step % 2:
            self.replica.kill()
        else:
            self.replica.start()

    def on_evaluation(self, report: EvaluationReport) -> None:
        pass

    def on_event(self, text: str) -> None:
        self.events.append(text)


def test_the_run_is_that_of_scorers_that_stay(tmp_path: Path) -> None:
    disturbances: list[KilledEverySecondStep] = []

    @contextmanager
    def disturb(replica: Replica) -> Iterator[Observer]:
        disturbances.append(KilledEverySecondStep(replica))
        yield disturbances[0]

    undisturbed, disturbed = run_both(tmp_path, steps=STEPS, questions=4, response_tokens=40, disturb=disturb)
    (disturbance,) = disturbances
    assert disturbance.replica.kills == STEPS // 2
    found = compare(undisturbed, disturbed)
    assert found.different == []
    assert found.numbers > 300
    assert found.largest < 1e-3, found.where
    assert retries(undisturbed) == {"scorer": 0, "critic": 0}
    assert retries(disturbed)["scorer"] >= STEPS // 2
    assert retries(disturbed)["critic"] == 0
