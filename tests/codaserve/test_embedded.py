import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from codaserve.embedded import EmbeddedService, EmbeddedServiceError

Install = Callable[[str], None]
FAKE = """
import sys, time
print("the log", file=sys.stderr, flush=True)
{body}
"""
LISTEN = """
import signal
path = sys.argv[sys.argv.index("--address_file") + 1]
open(path, "w").write("127.0.0.1:1\\n")
{then}
sys.stdin.read()
sys.exit(7)
"""


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts a program of the test's own in the place of the command line."""

    def install(body: str) -> None:
        package = tmp_path / "codaserve" / "cli"
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        (package / "main.py").write_text(FAKE.format(body=body))
        (package.parent / "__init__.py").touch()
        monkeypatch.chdir(tmp_path)  # python -m looks in the working folder first

    return install


def test_starts_and_stops(fake: Install, tmp_path: Path) -> None:
    fake(LISTEN.format(then="signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))"))
    with EmbeddedService.start("scorer", ["--x", "1"], log=tmp_path / "log") as service:
        assert service.address == "127.0.0.1:1"
        assert service.alive
        arguments = Path(f"/proc/{service.process.pid}/cmdline").read_text().split("\0")
        assert arguments[3:6] == ["scorer", "--x", "1"]
        assert {"--host", "127.0.0.1", "--port", "0", "--exit_with_parent"} <= set(arguments)
    assert not service.alive
    assert service.stop() == 0


def test_kills_what_does_not_stop(fake: Install) -> None:
    fake(LISTEN.format(then="signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"))
    service = EmbeddedService.start("critic")
    assert service.stop(timeout=0.2) == -signal.SIGKILL


def test_an_early_end_shows_the_log(fake: Install, tmp_path: Path) -> None:
    fake("sys.exit(3)")
    with pytest.raises(EmbeddedServiceError, match=r"scorer: ended with status 3(.|\n)*the log"):
        EmbeddedService.start("scorer", log=tmp_path / "log")


def test_a_late_start_is_killed(fake: Install) -> None:
    fake("time.sleep(600)")
    with pytest.raises(EmbeddedServiceError, match=r"did not listen within 0\.3 s"):
        EmbeddedService.start("scorer", timeout=0.3)


def test_goes_when_its_parent_is_killed(fake: Install) -> None:
    fake(LISTEN.format(then=""))
    code = "from codaserve.embedded import EmbeddedService as E; import time"
    code += "; print(E.start('scorer').process.pid, flush=True); time.sleep(600)"
    # -P: the parent takes the real package, the child the fake one
    parent = subprocess.Popen([sys.executable, "-P", "-c", code], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()
    give_up = time.monotonic() + 20
    while _alive(child):
        assert time.monotonic() < give_up
        time.sleep(0.02)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
