"""The command on budgets of seconds, with a scorer and critic of its own."""

import json
import shutil
from pathlib import Path

import pytest

from codaserve.tokenizer import load_tokenizer
from critic.checkpoint import Critic, digest
from trainer.demo.main import run
from trainer.demo.results import Results
from trainer.demo.settings import BASE, CRITIC, POLICY
from trainer.demo.tasks import family

TINY_LABELS = {"questions": 8, "solutions": 2, "keep": 1, "completions": 1}


def arguments(section: str) -> list[str]:
    return [word for key, value in TINY_LABELS.items() for word in (f"--{section}.{key}", str(value))]


def test_a_small_demo_goes_through(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "out"
    sizes = ["--steps", "2", "--questions", "7", "--group-size", "4", "--held-out", "2", "--samples", "1"]
    argv = ["--seed", "3", "--threads", "1", "--output", str(output), *sizes, *arguments("refresh")]
    assert run(argv) == 0
    shown = capsys.readouterr().out
    for part in ("critic refreshed", "before training", "step 1/2", "step 2/2", "after training", "95% interval"):
        assert part in shown
    results = Results.read(output / "results.json")
    assert [point.step for point in results.steps] == [1, 2]
    assert [row.level for row in results.levels] == ["all", *family.LEVELS]
    assert results.levels[0].questions == 2 * len(family.LEVELS)
    assert results.refresh is not None
    assert results.refresh.unscored == 0
    assert results.refresh.checkpoint_before != results.refresh.checkpoint_after
    assert (output / "report.html").stat().st_size > 10_000
    # The command again replaces what is there: here it fails before that, and says what would help.
    assert run([*argv, "--assets", str(tmp_path / "nothing")]) == 1
    assert "--from-scratch" in capsys.readouterr().err


def test_from_scratch_makes_a_policy_a_base_and_a_critic(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = [
        "--from-scratch",
        "--output",
        str(tmp_path),
        "--threads",
        "1",
        "--scratch.steps",
        "2",
        "--scratch.base.steps",
        "2",
    ]
    argv += [
        *arguments("scratch.critic"),
        "--scratch.critic.epochs",
        "1",
        "--max-response-tokens",
        "40",
    ]
    assert run(argv) == 0
    policy = tmp_path / "assets" / POLICY
    assert load_tokenizer(policy)("Compute 1+1.\n")["input_ids"]
    assert json.loads((policy / "training.json").read_text())["steps"] == 2
    critic = Critic.load(tmp_path / "assets" / CRITIC)
    assert critic.facts["boundaries"] > 0
    assert critic.facts["lineage"][0] == digest(tmp_path / "assets" / BASE)
    assert critic.facts["calibration"]["scale"] > 0
    assert "warm-up 2/2" in capsys.readouterr().out
    # A second run keeps policy and base, as after an interruption, and makes the critic anew.
    kept = [tmp_path / "assets" / name / "model.safetensors" for name in (POLICY, BASE)]
    written = [path.stat().st_mtime_ns for path in kept]
    shutil.rmtree(tmp_path / "assets" / CRITIC)
    assert run(argv) == 0
    assert capsys.readouterr().out.count("is there already") == 2
    assert [path.stat().st_mtime_ns for path in kept] == written
    assert Critic.load(tmp_path / "assets" / CRITIC).facts["lineage"][0] == critic.facts["lineage"][0]
