"""Services as a machine would run them: from packages of their own, as root, as another user, in a container."""

import re
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc

from codaserve.v1 import scorer_pb2 as pb
from codaserve.v1 import scorer_pb2_grpc

ROOT = Path(__file__).parents[2]
START_SECONDS = 120.0
STOP_SECONDS = 60.0
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
PLAIN_USER = 61234
"""Uid and gid of nobody on this machine."""


@dataclass(frozen=True)
class Served:
    """A running service."""

    address: str
    pid: int
    """Of what was started: the service, or podman."""
    log: Path
    temporary: Path
    """Its folder for temporary files, empty at first."""


@contextmanager
def serving(command: Sequence[str | Path], log: Path, program: str = "scorer") -> Iterator[Served]:
    """Starts a service and waits until it listens and, if it is a scorer, has tried its languages; it must stop when
    told to, with status 0.

    Args:
        command: How; standard error is the log.
        log: New file for it.
        program: Which one it is.
    """
    temporary = log.with_suffix(".tmp")
    temporary.mkdir()
    temporary.chmod(0o777)
    with log.open("wb") as file:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            env=ENVIRONMENT | {"TMPDIR": str(temporary)},
            cwd="/",
            start_new_session=True,
        )
    try:
        address = _address(process, log, program)
        if program == "scorer":
            _wait_for_languages(address)
        yield Served(address, process.pid, log, temporary)
        process.terminate()
        assert process.wait(STOP_SECONDS) == 0, log.read_text()
    finally:
        process.kill()
        process.wait()


def _address(process: subprocess.Popen[bytes], log: Path, program: str) -> str:
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up:
        if found := re.search(rf"{program} listening on (\S+)", log.read_text(errors="replace")):
            return found[1]
        assert process.poll() is None, log.read_text(errors="replace")
        time.sleep(0.1)
    raise AssertionError(f"the {program} does not listen: {log.read_text(errors='replace')}")


def information(address: str) -> pb.ScorerInfo:
    """What a scorer says of itself."""
    with grpc.insecure_channel(address) as channel:
        stub = scorer_pb2_grpc.ScorerStub(channel)  # type: ignore[no-untyped-call]
        info: pb.ScorerInfo = stub.Info(pb.ScorerInfoRequest(), timeout=START_SECONDS)
        return info


def _wait_for_languages(address: str) -> None:
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up:
        if not any("being tried" in language.detail for language in information(address).missing_languages):
            return
        time.sleep(0.5)
    raise AssertionError(f"the languages are not tried in {START_SECONDS:g} s: {information(address)}")


def as_plain_user(command: Sequence[str | Path]) -> list[str | Path]:
    """The command as a user without rights."""
    user = str(PLAIN_USER)
    return ["setpriv", "--reuid", user, "--regid", user, "--clear-groups", "--no-new-privs", *command]
