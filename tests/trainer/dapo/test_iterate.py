"""`codaserve dapo` with the demo's policy and critic, a real scorer and real critics; killed on the way."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from codaserve.embedded import EmbeddedService
from codaserve.settings import ConfigurationError, load
from tests.trainer.rollout.vllm.conftest import Server as VllmStandIn
from trainer.collect.weights import policy_digest
from trainer.command import DONE, UNUSABLE
from trainer.dapo.iterate import _claimed, _collect, _reload, own_keys
from trainer.dapo.loop_settings import DapoLoopSettings
from trainer.dapo.main import run
from trainer.dapo.stages import Iteration
from trainer.demo.settings import CRITIC, POLICY, SHIPPED
from trainer.demo.tasks import family
from trainer.errors import CriticAwayError, SynchronisationError

SECONDS = 300.0
"""For what takes ten on an idle machine."""


@pytest.fixture
def scorer_address(tmp_path: Path) -> Iterator[str]:
    with EmbeddedService.start("scorer", log=tmp_path / "scorer.log", timeout=SECONDS) as service:
        yield service.address


def keys(folder: Path, **changes: Any) -> dict[str, Any]:
    """A configuration of seconds."""
    return {
        "output": str(folder / "out"),
        "model": {"path": str(SHIPPED / POLICY), "device": "cpu", "trainable": "norm"},
        "tasks": {"file": str(folder / "train.jsonl")},
        "evaluate": {"file": str(folder / "held_out.jsonl")},
        "answers": {"max_prompt_tokens": 40, "max_response_tokens": 80},
        "collect": {"solutions": 3, "keep": 2, "completions": 4, "questions_at_once": 2},
        "critic": {"base": str(SHIPPED / CRITIC), "learning_rate": 1e-4, "held_out_share": 0.0},
        "pairs": {"beta": 0.1, "threshold": 0.0, "batch_pairs": 16},
        "optimizer": {"learning_rate": 1e-3},
        "tracking": {"trackers": []},
        **changes,
    }


def write(path: Path, content: dict[str, Any]) -> Path:
    path.write_text(yaml.safe_dump(content))
    return path


def test_two_iterations_of_which_one_is_killed_on_the_way(
    tmp_path: Path, scorer_address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = Random(3)
    family.write_tasks(tmp_path / "train.jsonl", family.distinct("2", "train", 4, rng), prefix="train")
    family.write_tasks(tmp_path / "held_out.jsonl", family.distinct("2", "held-out", 2, rng), prefix="held-out")
    config = write(tmp_path / "c.yaml", keys(tmp_path, scorer={"addresses": [scorer_address]}))
    out = tmp_path / "out"
    killed_when(out / "finished.json", [sys.executable, "-m", "codaserve.cli.main", "dapo", str(config)])
    first, second = out / "iteration-01", out / "iteration-02"
    parts = [path.stat().st_mtime_ns for path in (first / "data" / "states").iterdir()]
    assert len(parts) == 2

    assert run([str(config), "--iterations", "2"]) == DONE
    shown = capsys.readouterr().out
    assert "iteration 1/2, collect: done before" in shown
    assert "iteration 2/2, actor: done in" in shown
    assert f"the trained policy is in {second / 'actor' / 'model'}" in shown
    assert [path.stat().st_mtime_ns for path in (first / "data" / "states").iterdir()] == parts
    # The last actor is generator and reference; the critic goes on from its last weights.
    collected = json.loads((second / "data" / "collect.json").read_text())
    assert collected["policy"]["path"] == str(first / "actor" / "model")
    digests = [policy_digest(str(path), "policy") for path in (first / "actor" / "model", SHIPPED / POLICY)]
    assert collected["policy"]["files"] == digests[0] != digests[1]
    critics = [json.loads((folder / "critic" / "report.json").read_text())["identity"] for folder in (first, second)]
    facts = json.loads((second / "critic" / "checkpoint" / "critic.json").read_text())["training"]
    assert facts["lineage"][-1] == critics[0]
    for folder, critic in zip((first, second), critics, strict=True):
        triples = pq.read_table(folder / "actor" / "triples").to_pylist()
        assert {row["critic"] for row in triples} <= {critic, ""}
        assert any(row["critic"] for row in triples)
    entries = json.loads((out / "results.json").read_text())
    assert [entry["triples"]["no_critic"] for entry in entries] == [{}, {}]
    assert [[e["moment"] for e in entry["evaluations"]] for entry in entries] == [["before", "after"], ["after"]]

    # A kill may come between the end of a stage and the note of it.
    noted = json.loads((out / "finished.json").read_text())
    (out / "finished.json").write_text(json.dumps(noted[:-2]))
    left = {path: path.read_bytes() for path in (second / "actor" / "metrics.jsonl", second / "critic" / "report.json")}
    assert run([str(config), "--iterations", "2"]) == DONE
    assert capsys.readouterr().out.count("done before") == 4
    assert all(path.read_bytes() == content for path, content in left.items())
    assert json.loads((out / "finished.json").read_text()) == noted
    assert run([str(config), "--iterations", "1"]) == DONE
    assert json.loads((out / "results.json").read_text()) == entries
    assert run([str(config), "--pairs.beta", "0.2"]) == UNUSABLE
    assert "begun with another pairs" in capsys.readouterr().err


def killed_when(finished: Path, command: list[str]) -> None:
    """Runs a command and kills it when it has begun to train the first policy."""
    process = subprocess.Popen(command, env={**os.environ, "OMP_NUM_THREADS": "1"}, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + SECONDS
    while not (finished.exists() and len(json.loads(finished.read_text())) == 2):
        assert process.poll() is None, "the command ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()


@pytest.fixture
def iteration(tmp_path: Path, critic_server: Any) -> Iteration:
    """With a critic that was trained, to be served at an address."""
    service = {"addresses": [critic_server.address], "max_outage": 0.2}
    settings = DapoLoopSettings(**keys(tmp_path, critic_service=service))
    found = Iteration(settings, 1)
    found.critic.mkdir(parents=True)
    (found.critic / "report.json").write_text(json.dumps({"identity": "new"}))
    return found


def test_running_critics_are_told_to_load_the_new_checkpoint(iteration: Iteration, critic: Any) -> None:
    critic.serves = "new"
    _reload(iteration)
    assert critic.reloaded == [str((iteration.critic / "checkpoint").resolve())]


def test_a_critic_that_sees_another_folder_is_refused(iteration: Iteration, critic: Any) -> None:
    critic.serves = "another"
    with pytest.raises(ConfigurationError, match="see the same folder"):
        _reload(iteration)


def test_a_critic_that_is_away_stops_the_command(iteration: Iteration, critic_server: Any) -> None:
    critic_server.stop()
    with pytest.raises(CriticAwayError, match="could not load"):
        _reload(iteration)


def test_vllm_servers_write_the_answers_of_the_policy_that_they_serve(
    tmp_path: Path, policy_dir: Path, scorer_server: Any
) -> None:
    (tmp_path / "train.jsonl").write_text('{"question": "1 + 1 =", "gold": "2"}\n')
    served = VllmStandIn(policy_dir)
    try:
        answers = {"max_prompt_tokens": 20, "max_response_tokens": 8, "engine": "vllm"}
        settings = DapoLoopSettings(
            **keys(
                tmp_path,
                model={"path": str(policy_dir), "device": "cpu"},
                answers={**answers, "vllm": {"addresses": [served.address], "max_outage": 30.0}},
                scorer={"addresses": [scorer_server.address]},
            )
        )
        with _claimed(settings):
            _collect(Iteration(settings, 1))
            asked = len(served.requests)
            assert asked
            (row, *_) = pq.read_table(Iteration(settings, 1).data / "states").to_pylist()
            assert len(row["completions"]) == 4
            # The policy of the next iteration is another one.
            shutil.copytree(SHIPPED / POLICY, Iteration(settings, 1).actor / "model")
            with pytest.raises(SynchronisationError):
                _collect(Iteration(settings, 2))
    finally:
        served.stop()


def test_a_folder_has_one_owner_and_nothing_of_others(tmp_path: Path) -> None:
    settings = DapoLoopSettings(**keys(tmp_path))
    with _claimed(settings) as finished, pytest.raises(ConfigurationError, match="in use"), _claimed(settings):
        assert finished == []
    (tmp_path / "mine.txt").touch()
    other = DapoLoopSettings(**{**keys(tmp_path), "output": str(tmp_path)})
    with pytest.raises(ConfigurationError, match="not empty"), _claimed(other):
        pass


def test_a_folder_is_gone_on_with_however_its_path_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with _claimed(DapoLoopSettings(**keys(tmp_path))):
        pass
    monkeypatch.chdir(tmp_path)
    relative = DapoLoopSettings(**{**keys(tmp_path), "output": "out"})
    with _claimed(relative):
        assert Iteration(relative, 1).data == tmp_path / "out" / "iteration-01" / "data"


def test_what_only_later_stages_need_may_change_until_they_begin(tmp_path: Path) -> None:
    def begun_with(**changes: Any) -> None:
        with _claimed(DapoLoopSettings(**keys(tmp_path, **changes))):
            pass

    begun_with(tasks={"file": tmp_path / "mistaken.jsonl"}, model={"path": "mistaken"})
    begun_with()
    (tmp_path / "out" / "iteration-01" / "data").mkdir(parents=True)
    with pytest.raises(ConfigurationError, match="another model;"):
        begun_with(model={"path": "other"})
    (tmp_path / "out" / "iteration-01" / "critic").mkdir()
    begun_with(pairs={"threshold": 0.1})
    with pytest.raises(ConfigurationError, match="another critic;"):
        begun_with(pairs={"threshold": 0.1}, critic={"base": "other"})
    (tmp_path / "out" / "iteration-01" / "actor").mkdir()
    with pytest.raises(ConfigurationError, match="another pairs;"):
        begun_with()
    begun_with(pairs={"threshold": 0.1}, iterations=3)


def test_what_a_stage_refuses_has_the_key_of_this_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = write(tmp_path / "c.yaml", keys(tmp_path, model={"path": str(tmp_path / "none")}))
    assert run([str(config)]) == UNUSABLE
    assert "model.path:" in (shown := capsys.readouterr().err)
    assert "policy.path" not in shown
    assert own_keys("policy.max_prompt_tokens: 0") == "answers.max_prompt_tokens: 0"
    assert own_keys("dapo.threshold: leaves nothing") == "pairs.threshold: leaves nothing"
    assert own_keys("dapo.data: is none") == "dapo.data: is none"


def test_each_iteration_draws_new_answers(tmp_path: Path) -> None:
    settings = DapoLoopSettings(**keys(tmp_path))
    seeds = {Iteration(settings, number).collect_settings().seed for number in (1, 2, 3)}
    assert len(seeds) == 3


def test_the_stages_do_not_read_the_environment_of_their_own_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    iteration = Iteration(DapoLoopSettings(**keys(tmp_path)), 1)

    def settings() -> list[Any]:
        return [iteration.collect_settings(), iteration.critic_settings(), iteration.actor_settings()]

    usual = settings()
    for name in ("COLLECT_COMPLETIONS", "COLLECT_SEED", "TRAINCRITIC_EPOCHS", "TRAINER_SEED", "TRAINER_DAPO__BETA"):
        monkeypatch.setenv(f"CODASERVE_{name}", "7")
    assert settings() == usual


def test_the_example_is_a_configuration() -> None:
    example = Path(__file__).parents[3] / "docs" / "examples" / "dapo.yaml"
    settings = load(DapoLoopSettings, [], prog="codaserve dapo", config=example)
    actor = Iteration(settings, 2).actor_settings()
    assert (actor.dapo.beta, actor.dapo.batch_pairs, actor.optimizer.learning_rate) == (0.01, 2048, 5e-7)
    before = Path("runs/dapo/iteration-01").absolute()
    assert actor.model.path == str(before / "actor" / "model")
    assert Iteration(settings, 2).critic_settings().base == before / "critic" / "checkpoint"


def test_every_key_is_documented() -> None:
    def undocumented(model: Any, before: str = "") -> list[str]:
        found = []
        for name, field in model.model_fields.items():
            found += [] if field.description else [before + name]
            if hasattr(field.annotation, "model_fields"):
                found += undocumented(field.annotation, f"{before}{name}.")
        return found

    assert undocumented(DapoLoopSettings) == []
