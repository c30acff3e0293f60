"""What each extra brings, in environments of their own."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.system


def install(folder: Path, requirement: str) -> Path:
    """A new environment with the project in it; returns its interpreter."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True, timeout=120)
    python = folder / "bin" / "python"
    constraints = ROOT / "constraints.txt"
    command: list[str | Path] = [python, "-m", "pip", "install", "--quiet", "-c", constraints, requirement]
    subprocess.run(command, check=True, timeout=600, cwd=ROOT)
    return python


def packages(python: Path) -> set[str]:
    """Names of the distributions that are installed."""
    code = "import importlib.metadata as m; print(*(d.metadata['Name'].lower() for d in m.distributions()))"
    out = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True, timeout=60, cwd="/")
    return set(out.stdout.split()) - {"pip", "setuptools"}


def test_a_client_brings_only_grpcio_and_protobuf(tmp_path: Path) -> None:
    python = install(tmp_path / "client", ".")
    # typing-extensions is grpcio's own requirement
    assert packages(python) == {"codaserve", "grpcio", "protobuf", "typing_extensions"}
    code = "from codaserve import ScorerClient, CriticClient, AsyncScorerClient, AsyncCriticClient"
    subprocess.run([python, "-c", code], check=True, timeout=60, cwd="/")
    refused = subprocess.run(
        [tmp_path / "client/bin/codaserve", "scorer"], capture_output=True, text=True, timeout=60, cwd="/"
    )
    assert refused.returncode == 2
    assert "pip install 'codaserve[scorer]'" in refused.stderr


def test_a_scorer_runs_without_torch(codaserve: Path, tmp_path: Path) -> None:
    assert not packages(codaserve.with_name("python")) & {"torch", "transformers", "accelerate", "numpy"}
    tasks = tmp_path / "tasks.jsonl"
    tasks.write_text(
        '{"id": "m", "math": {"gold": ["1/2"], "response": "\\\\boxed{\\\\frac{2}{4}}"}}\n'
        '{"id": "c", "code": {"language": "python", "source": "print(1)", "stdio": {"cases": [{"output": "1"}]}}}\n'
    )
    command: list[str | Path] = [codaserve, "score", tasks, "-o", tmp_path / "results.jsonl"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd="/")
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "results.jsonl").read_text().count('"correct": true') == 2
