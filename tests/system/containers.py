"""Containers as an orchestrator runs them that grants nothing: no capability, no new namespace, nothing writable."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Literal

from tests.system.serving import ROOT, Served, serving

FOLDER = ROOT / "build" / "containers"
PODMAN = ("podman", "--root", str(FOLDER / "storage"), "--runroot", str(FOLDER / "run"), "--cgroup-manager", "cgroupfs")
UID = 1000


Program = Literal["scorer", "critic", "trainer"]
WALLS: tuple[str, ...] = (
    *("--read-only", "--tmpfs", "/tmp:size=64m,mode=1777", "--cap-drop=ALL", "--security-opt=no-new-privileges"),
    *("--security-opt", f"seccomp={ROOT / 'docker/seccomp.json'}", "--network=host"),
    *("--ulimit", "nofile=20000:20000", "--ulimit", "nproc=4096:4096"),
)
"""Of every container; only the network is the machine's, whose loopback is enough."""


def build(*programs: Program) -> list[str]:
    """Builds images, or finds them built, and returns their names."""
    command = [ROOT / "tests/system/image.sh", FOLDER, *programs]
    environment = os.environ | {"PYTHON": sys.executable}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=1800, env=environment, check=True)
    return done.stdout.split()


def configuration(image: str) -> dict[str, Any]:
    """What an image says of itself."""
    command = [*PODMAN, "image", "inspect", image]
    found: list[dict[str, Any]] = json.loads(
        subprocess.run(command, check=True, capture_output=True, timeout=60).stdout
    )
    return found[0]


def check_image(image: str, *, has: set[str], health: bool) -> None:
    """Asserts that an image runs without rights and holds no package that it does not need.

    Args:
        image: From `build`.
        has: Which of torch, TensorBoard and pip it holds.
        health: Whether it has a health check.
    """
    listing = "import importlib.metadata as m; print(*(d.metadata['Name'].lower() for d in m.distributions()))"
    packages = set(once(image, ["-c", listing], {}, "/opt/codaserve/bin/python").stdout.split())
    assert "codaserve" in packages
    assert packages & {"torch", "tensorboard", "pip"} == has
    said = configuration(image)
    assert said["User"] == f"{UID}:{UID}"
    assert said["Labels"]["org.opencontainers.image.licenses"] == "Apache-2.0"
    check = said.get("Healthcheck", {}).get("Test", ["NONE"])
    assert check[:3] == (["CMD", "codaserve", "health"] if health else ["NONE"])


def once(
    image: str, arguments: Sequence[str | Path], volumes: Mapping[Path, str], entrypoint: str = ""
) -> "subprocess.CompletedProcess[str]":
    """Runs a container to its end, with its output.

    Args:
        image: From `build`.
        arguments: As after the image's own command.
        volumes: Folders and files of this machine by their paths inside; ":ro" after one keeps it unchanged.
        entrypoint: In place of the image's.
    """
    mounts = [f"--volume={outside}:{inside}" for outside, inside in volumes.items()]
    instead = ["--entrypoint", entrypoint] if entrypoint else []
    threads = ["--env", "OMP_NUM_THREADS=1"]  # one processor is enough, and more than there are would be waited for
    command = [*PODMAN, "--runtime", "runc", "run", "--rm", *WALLS, *threads, *mounts, *instead, image, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=600)


@contextmanager
def container(
    image: str,
    arguments: Sequence[str],
    log: Path,
    scratch: Sequence[Path] = (),
    *,
    program: Program = "scorer",
    volumes: Mapping[Path, str] | None = None,
) -> Iterator[Served]:
    """A service in a container, gone afterwards.

    Args:
        image: From `build`.
        arguments: As after `codaserve scorer`.
        log: New file for what it writes.
        scratch: Folders of this machine that appear in the container under /scratch, by their names.
        program: Which service it is.
        volumes: As of `once`.
    """
    name = f"codaserve-{log.stem}-{log.stat().st_ino if log.exists() else id(log)}"
    command: list[str | Path] = [
        *(*PODMAN, "--runtime", "runc", "run", "--rm", "--name", name, *WALLS),
        *(f"--volume={folder}:/scratch/{folder.name}" for folder in scratch),
        *(f"--volume={outside}:{inside}" for outside, inside in (volumes or {}).items()),
        *(image, "--host", "127.0.0.1", "--port", "0", *arguments),
    ]
    try:
        with serving(command, log, program) as served:
            yield served
    finally:
        subprocess.run([*PODMAN, "rm", "--force", "--time", "0", name], capture_output=True, timeout=60)


@contextmanager
def scratch_folders(parent: Path, count: int) -> Iterator[list[Path]]:
    """File systems in memory, bounded in size and in files, for the container's user, gone afterwards."""
    with ExitStack() as stack:
        folders = []
        for index in range(count):
            folder = parent / str(index)
            folder.mkdir()
            options = f"size=64m,nr_inodes=4096,mode=700,uid={UID},gid={UID}"
            _run("mount", "-t", "tmpfs", "-o", f"nosuid,nodev,{options}", "codaserve-scratch", str(folder))
            stack.callback(_run, "umount", "--lazy", str(folder))
            folders.append(folder)
        yield folders


def _run(*command: str) -> None:
    subprocess.run(command, check=True, timeout=60)
