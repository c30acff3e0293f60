import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.math import peers
from bench.math.cases import INJECTION, Case
from bench.math.peers import Peer, PeerProcess
from bench.math.tally import NOT_RUN

SCRIPT = f"""#!{sys.executable}
import json, sys, time
print(json.dumps({{"ready": True}}), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    if asked["gold"] == "hang":
        time.sleep(60)
    if asked["gold"] == "crash":
        sys.exit(1)
    print(json.dumps({{"accepted": asked["text"] == asked["gold"], "seconds": 0.5}}), flush=True)
"""


class Scripted(Peer):
    """A peer that accepts equal texts, hangs and crashes."""

    script: Path

    @property
    def python(self) -> Path:
        return Scripted.script


@pytest.fixture(autouse=True)
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "peer"
    path.write_text(SCRIPT)
    path.chmod(0o700)
    monkeypatch.setattr(Scripted, "script", path, raising=False)


@pytest.fixture
def process() -> Iterator[PeerProcess]:
    with PeerProcess(Scripted("scripted", "scripted 1.0", evaluates=True)) as process:
        yield process


def case(gold: str, *, response: str | None = None, answer: str | None = None, category: str = "") -> Case:
    return Case("1", gold, True, category, response, answer)


def test_verdicts_come_with_the_time_that_the_peer_measured(process: PeerProcess) -> None:
    assert process.judge(case("5", answer="5"), "") == (True, 0.5)
    assert process.judge(case("5", answer="6"), "") == (False, 0.5)


def test_a_peer_that_does_not_search_gets_what_ours_found(process: PeerProcess) -> None:
    assert process.judge(case("5", response="so it is 5"), "5")[0] is True


def test_a_peer_that_searches_gets_the_response() -> None:
    with PeerProcess(Scripted("scripted", "scripted 1.0", searches=True)) as process:
        assert process.judge(case("so it is 5", response="so it is 5"), "5")[0] is True


def test_a_peer_that_hangs_is_killed_and_started_again(process: PeerProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    assert process.judge(case("5", answer="5"), "")[0] is True
    monkeypatch.setattr(peers, "SECONDS", 0.2)
    assert process.judge(case("hang", answer="5"), "") == (None, 0.2)
    monkeypatch.setattr(peers, "SECONDS", 10.0)
    assert process.judge(case("5", answer="5"), "")[0] is True


def test_a_peer_that_crashes_is_started_again(process: PeerProcess) -> None:
    assert process.judge(case("crash", answer="5"), "")[0] is None
    assert process.judge(case("5", answer="5"), "")[0] is True


def test_programs_are_kept_from_a_peer_that_would_run_them(process: PeerProcess) -> None:
    assert process.judge(case("1", answer="__import__('os')", category=INJECTION), "")[0] == NOT_RUN


@pytest.mark.parametrize("there", [True, False])
def test_a_peer_that_does_not_start_is_named(there: bool) -> None:
    Scripted.script.write_text(f"#!{sys.executable}\nraise SystemExit(1)\n")
    if not there:
        Scripted.script.unlink()
    with (
        PeerProcess(Scripted("scripted", "scripted 1.0")) as process,
        pytest.raises(RuntimeError, match="does not start"),
    ):
        process.judge(case("5", answer="5"), "")
