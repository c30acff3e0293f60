"""Containers as an orchestrator runs them that grants nothing: no capability, no new namespace, nothing writable."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.system.serving import ROOT, Served, serving

FOLDER = ROOT / "build" / "containers"
PODMAN = ("podman", "--root", str(FOLDER / "storage"), "--runroot", str(FOLDER / "run"), "--cgroup-manager", "cgroupfs")
UID = 1000


def build() -> str:
    """Builds the image, or finds it built, and returns its name."""
    command = [ROOT / "tests/system/image.sh", FOLDER]
    environment = os.environ | {"PYTHON": sys.executable}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=1200, env=environment, check=True)
    return done.stdout.split()[-1]


@contextmanager
def container(image: str, arguments: Sequence[str], log: Path, scratch: Sequence[Path] = ()) -> Iterator[Served]:
    """A scorer in a container, gone afterwards.

    Args:
        image: From `build`.
        arguments: As after `codaserve scorer`.
        log: New file for what it writes.
        scratch: Folders of this machine that appear in the container under /scratch, by their names.
    """
    name = f"codaserve-{log.stem}-{log.stat().st_ino if log.exists() else id(log)}"
    command: list[str | Path] = [
        *(*PODMAN, "--runtime", "runc", "run", "--rm", "--name", name, "--network=host"),
        *("--read-only", "--tmpfs", "/tmp:size=16m,mode=1777", "--cap-drop=ALL", "--security-opt=no-new-privileges"),
        *("--security-opt", f"seccomp={ROOT / 'docker/seccomp.json'}"),
        *("--ulimit", "nofile=20000:20000", "--ulimit", "nproc=4096:4096"),
        *(f"--volume={folder}:/scratch/{folder.name}" for folder in scratch),
        *(image, "--host", "127.0.0.1", "--port", "0", *arguments),
    ]
    try:
        with serving(command, log) as served:
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
