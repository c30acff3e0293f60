"""The two runs: the demo's policy and critic, real scorers and a real critic at addresses."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from random import Random

import torch

from bench.disturbed.replica import Replica
from codaserve.embedded import EmbeddedService
from trainer.demo.settings import CRITIC, POLICY, SHIPPED
from trainer.demo.tasks import family
from trainer.loop import train
from trainer.report.reports import Observer
from trainer.settings import (
    CriticClientSettings,
    EvaluateSettings,
    ModelSettings,
    OptimizerSettings,
    RolloutSettings,
    ScorerClientSettings,
    TaskSettings,
    TrackingSettings,
    TrainerSettings,
)

OUTAGE_SECONDS = 300.0
START_SECONDS = 300.0


def run_both(
    folder: Path,
    *,
    steps: int,
    questions: int,
    response_tokens: int,
    disturb: Callable[[Replica], AbstractContextManager[Observer]],
) -> tuple[Path, Path]:
    """Trains twice with the same seed against the same services.

    Args:
        folder: For everything that is written.
        steps: Batches of a run.
        questions: Of a batch; each gets four responses.
        response_tokens: Longest response.
        disturb: Given one of the two scorers, what observes the second run and kills that scorer meanwhile.

    Returns:
        The folders of the undisturbed run and of the disturbed one.
    """
    torch.set_num_threads(1)
    folder.mkdir(parents=True, exist_ok=True)
    rng = Random(5)
    family.write_tasks(folder / "train.jsonl", family.spread(8 * questions, "train", rng), prefix="train")
    family.write_tasks(folder / "held-out.jsonl", family.spread(questions, "held-out", rng), prefix="held-out")
    with _services(folder) as (replicas, critic):

        def trained(name: str, observers: Sequence[Observer]) -> Path:
            settings = TrainerSettings(
                output_dir=folder / name,
                steps=steps,
                model=ModelSettings(path=str(SHIPPED / POLICY), device="cpu", trainable="norm"),
                tasks=TaskSettings(file=folder / "train.jsonl"),
                evaluate=EvaluateSettings(file=folder / "held-out.jsonl"),
                rollout=RolloutSettings(
                    questions=questions, group_size=4, max_prompt_tokens=128, max_response_tokens=response_tokens
                ),
                optimizer=OptimizerSettings(learning_rate=1e-2),
                scorer=ScorerClientSettings(
                    addresses=[replica.address for replica in replicas], max_outage=OUTAGE_SECONDS
                ),
                critic=CriticClientSettings(addresses=[critic], max_outage=OUTAGE_SECONDS),
                tracking=TrackingSettings(trackers=[]),
            )
            train(settings, observers=observers)
            return settings.output_dir

        undisturbed = trained("undisturbed", ())
        with disturb(replicas[0]) as observer:
            return undisturbed, trained("disturbed", [observer])


@contextmanager
def _services(folder: Path) -> Iterator[tuple[list[Replica], str]]:
    with ExitStack() as stack:
        replicas = [stack.enter_context(Replica(folder / f"scorer-{number}.log")) for number in (1, 2)]
        arguments = ["--checkpoint", str(SHIPPED / CRITIC), "--device", "cpu", "--threads", "1"]
        # Each sequence alone: what shares a pass depends on the clock, last digits on what shares a pass, and now
        # and then a last digit decides between two tokens, by which even two undisturbed runs would part.
        arguments += ["--batching.max-tokens-per-pass", "1"]
        critic = EmbeddedService.start("critic", arguments, log=folder / "critic.log", timeout=START_SECONDS)
        yield replicas, stack.enter_context(critic).address
