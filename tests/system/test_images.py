"""The images of critic and trainer, really run, and a trainer against scorer and critic in containers."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.system import containers
from tests.system.containers import UID
from tests.system.serving import ROOT, Served

pytestmark = pytest.mark.images

ASSETS = ROOT / "trainer/demo/assets"
TASKS = ROOT / "docker/compose/tasks.jsonl"


@dataclass(frozen=True)
class Images:
    """Names of images."""

    critic: str
    trainer: str


@pytest.fixture(scope="module")
def images() -> Images:
    """Those with torch, for processors."""
    return Images(*containers.build("critic", "trainer"))


@pytest.fixture(scope="module")
def scorer(image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A scorer in a container without scratch folders."""
    with containers.container(image, [], tmp_path_factory.mktemp("scorer") / "log") as served:
        yield served


@pytest.fixture(scope="module")
def critic(images: Images, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A critic in a container, with the checkpoint where the image looks for it."""
    log = tmp_path_factory.mktemp("critic") / "log"
    checkpoint = {ASSETS / "critic": "/checkpoint:ro"}
    with containers.container(images.critic, ["--threads", "1"], log, program="critic", volumes=checkpoint) as served:
        yield served


def configuration(folder: Path, scorer: Served, critic: Served, **changes: Any) -> Path:
    """A file with the compose file's short run, with other paths and addresses."""
    settings = yaml.safe_load((ROOT / "docker/compose/train.yaml").read_text()) | changes
    settings["scorer"]["addresses"] = [scorer.address]
    settings["critic"]["addresses"] = [critic.address]
    path = folder / "train.yaml"
    path.write_text(yaml.safe_dump(settings))
    path.chmod(0o644)
    return path


def steps(output: Path) -> list[dict[str, Any]]:
    """What a run wrote of its steps."""
    return [json.loads(line) for line in (output / "metrics.jsonl").read_text().splitlines()]


def check(output: Path, count: int) -> None:
    """Every response was scored and valued."""
    done = steps(output)
    assert [step["step"] for step in done] == list(range(1, count + 1))
    for step in done:
        assert step["batch"]["scored"] == 32
        assert step["batch"]["update"]["gradient_norm"] > 0
    assert (output / "model").is_dir()


def test_a_trainer_on_the_host_trains_against_containers(scorer: Served, critic: Served, tmp_path: Path) -> None:
    changes = {
        "output_dir": str(tmp_path / "run"),
        "model": {"path": str(ASSETS / "policy"), "device": "cpu", "trainable": "norm"},
        "tasks": {"file": str(TASKS)},
    }
    command: list[str | Path] = [sys.executable, "-m", "codaserve.cli.main", "train", "--config"]
    command.append(configuration(tmp_path, scorer, critic, **changes))
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    check(tmp_path / "run", 2)


def test_the_trainers_image_trains_against_containers(
    images: Images, scorer: Served, critic: Served, open_folder: Path
) -> None:
    runs = open_folder / "runs"
    runs.mkdir()
    runs.chmod(0o777)
    volumes = {
        configuration(open_folder, scorer, critic, steps=1): "/config/train.yaml:ro",
        TASKS: "/config/tasks.jsonl:ro",
        ASSETS / "policy": "/policy:ro",
        runs: "/runs",
    }
    done = containers.once(images.trainer, ["train", "--config", "/config/train.yaml"], volumes)
    assert done.returncode == 0, done.stderr
    check(runs / "first", 1)
    assert (runs / "first/metrics.jsonl").stat().st_uid == UID


def test_the_trainers_image_says_what_it_takes(images: Images) -> None:
    done = containers.once(images.trainer, [], {})
    assert done.returncode == 0
    assert "--rollout.group-size" in done.stdout


def test_health_is_asked_inside(critic: Served, images: Images) -> None:
    assert containers.once(images.critic, ["health", critic.address], {}, "codaserve").returncode == 0


def test_images_hold_what_they_need_and_run_without_rights(images: Images) -> None:
    containers.check_image(images.critic, has={"torch"}, health=True)
    containers.check_image(images.trainer, has={"torch", "tensorboard"}, health=False)


def test_the_root_file_system_cannot_be_written(images: Images) -> None:
    script = "touch /tmp/mine && ! touch /opt/codaserve/mine && ! touch /runs/mine && id -u"
    done = containers.once(images.trainer, ["-c", script], {}, "/bin/sh")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(UID)
