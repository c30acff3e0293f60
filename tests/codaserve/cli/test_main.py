import os
import subprocess
import sys

import pytest

from codaserve import __version__
from codaserve.cli import main as cli


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(" ".join(command.words) in out for command in cli.COMMANDS)


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"codaserve {__version__}\n"


@pytest.mark.parametrize("argv", [[], ["scoer"], ["--what"]])
def test_mistakes_exit_with_2(argv: list[str]) -> None:
    assert cli.main(argv) == 2


@pytest.mark.parametrize(
    ("argv", "module", "passed"),
    [
        (["scorer", "--port", "1"], "scorer.main", ["--port", "1"]),
        (["critic", "--port", "1"], "critic.main", ["--port", "1"]),
        (["critic"], "critic.main", []),
        (["critic", "train", "--data", "x"], "critic.main", ["train", "--data", "x"]),
        (["critic", "value", "x"], "codaserve.cli.critic_value", ["x"]),
        (["train", "c.yaml"], "trainer.main", ["c.yaml"]),
        (["dapo", "c.yaml"], "trainer.dapo.main", ["c.yaml"]),
        (["score", "x"], "codaserve.cli.score", ["x"]),
        (["explain", "--gold", "5"], "codaserve.cli.explain", ["--gold", "5"]),
        (["doctor", "host:1"], "codaserve.cli.doctor", ["host:1"]),
        (["check-tasks", "x"], "codaserve.cli.check_tasks", ["x"]),
        (["demo", "--seed", "1"], "trainer.demo.main", ["--seed", "1"]),
    ],
)
def test_dispatch(argv: list[str], module: str, passed: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    class Program:
        given: list[str] | None = None

        def run(self, arguments: list[str]) -> int:
            self.given = arguments
            return 5

    program = Program()
    monkeypatch.setitem(sys.modules, module, program)
    assert cli.main(argv) == 5
    assert program.given == passed


def test_a_missing_extra_is_named() -> None:
    code = """
import importlib.abc, sys

class No(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "pydantic":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, No())
from codaserve.cli.main import main
sys.exit(main(["scorer"]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "pip install 'codaserve[scorer]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_interrupt_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    class Program:
        def run(self, arguments: list[str]) -> int:
            raise KeyboardInterrupt

    monkeypatch.setitem(sys.modules, "scorer.main", Program())
    assert cli.main(["scorer"]) == 130


def test_a_reader_that_goes_away_is_no_traceback() -> None:
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "codaserve.cli.main", "--help"]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    os.close(write)
    assert done.returncode == 1
    assert done.stderr == ""
