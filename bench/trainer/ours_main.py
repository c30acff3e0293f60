"""Trains with this project's trainer and prints what it took, as a line of JSON.

    python -m bench.trainer.ours_main SETTING grpo|everything FOLDER [CRITIC]

`grpo` is the baseline without a critic. `everything` is CoDaPO with a focused batch and step credit; scorer and critic
are services in processes of their own in both.
"""

import json
import sys
import time
from pathlib import Path

import torch

from bench.trainer.memory import peak_bytes
from bench.trainer.setting import Setting
from trainer.loop import train
from trainer.report.reports import EvaluationReport, StepReport
from trainer.settings import TrainerSettings

THREADS = ["--threads", "1"]
"""Of the critic, as in the demo: more would only take the processor from the trainer."""


class Record:
    """Keeps what each step took."""

    def __init__(self) -> None:
        self.steps: list[dict[str, float]] = []
        self._end = time.perf_counter()

    def on_step(self, report: StepReport) -> None:
        """Everything of a step, its focused batch included; its time is that from the end of the one before, which has
        what is written of it, too."""
        before, self._end = self._end, time.perf_counter()
        batches = [batch for batch in (report.batch, report.focused) if batch is not None]
        rollouts = sum(batch.rollouts for batch in batches)
        tokens = sum(batch.rollouts * batch.response_tokens for batch in batches)
        self.steps.append(
            {
                **report.timings,
                "rollouts": rollouts,
                "tokens": tokens,
                "right": report.batch.accuracy or 0.0,
                "total": self._end - before,
            }
        )

    def on_evaluation(self, report: EvaluationReport) -> None:
        """There is none."""

    def on_event(self, text: str) -> None:
        """Shown, on stderr."""
        print(text, file=sys.stderr)


def main(setting: Setting, kind: str, folder: str, critic: str) -> int:
    """Runs the training."""
    torch.set_num_threads(setting.threads)
    settings = TrainerSettings.model_validate(
        {
            "output_dir": folder,
            "seed": setting.seed,
            "steps": setting.steps + 1,
            "model": {
                "path": setting.model,
                "device": "cpu" if setting.device == "cpu" else "auto",
                "precision": "float32" if setting.device == "cpu" else "bfloat16",
            },
            "tasks": {"file": setting.tasks},
            "rollout": {
                "questions": setting.questions,
                "group_size": setting.group_size,
                "max_prompt_tokens": 256,
                "max_response_tokens": setting.tokens,
            },
            "objective": {"kind": "grpo"} if kind == "grpo" else {"kind": "codapo"},
            "optimizer": {"learning_rate": setting.learning_rate},
            "critic": {"checkpoint": critic, "arguments": THREADS} if critic else {"enabled": False},
            "checkpoint": {"every": setting.steps + 1, "keep": 1},
            "tracking": {"trackers": []},
        }
    )
    record = Record()
    train(settings, observers=[record])
    peak = peak_bytes() if setting.device == "cpu" else torch.cuda.max_memory_allocated()
    print(json.dumps({"steps": record.steps[1:], "peak_bytes": peak}))
    return 0


if __name__ == "__main__":
    text, kind, folder, *critic = sys.argv[1:]
    Path(folder).mkdir(parents=True, exist_ok=True)
    sys.exit(main(Setting.from_json(text), kind, folder, critic[0] if critic else ""))
