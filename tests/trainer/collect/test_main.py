"""The command, with a scorer of its own."""

import json
from pathlib import Path

import pytest

from codaserve.cli.main import main
from critic.training import data


def test_the_command_collects_and_goes_on(policy_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tasks = tmp_path / "tasks.jsonl"
    tasks.write_text("".join(json.dumps({"question": f"{n}+1=", "gold": str(n + 1)}) + "\n" for n in range(3)))
    command = ["critic", "collect", "--output", str(tmp_path / "data"), "--tasks.file", str(tasks)]
    command += ["--policy.path", str(policy_dir), "--policy.max-prompt-tokens", "20"]
    command += ["--policy.max-response-tokens", "8", "--solutions", "2", "--keep", "1", "--completions", "2"]
    assert main(command) == 0
    assert "3 of 3 questions" in (out := capsys.readouterr().out)
    assert "states" in out
    assert data.read(tmp_path / "data")
    assert main(command) == 0
    assert "0 completions" in capsys.readouterr().out
    assert main([*command, "--completions", "3"]) == 2
    assert "another completions" in capsys.readouterr().err
    assert main([*command, "--policy.path", str(tmp_path / "none")]) == 2
    assert f"policy.path: {tmp_path / 'none'} cannot be loaded" in capsys.readouterr().err
