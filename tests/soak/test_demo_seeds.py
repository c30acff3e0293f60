"""The demo's gain is clear of the noise whatever the seed. Three whole demos: about twenty minutes."""

import subprocess
import sys
from pathlib import Path

import pytest

from trainer.demo.results import Results

pytestmark = pytest.mark.soak


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_gain_is_clear_of_the_noise(seed: int, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "codaserve.cli.main", "demo", "--seed", str(seed), "--output", str(tmp_path)]
    subprocess.run(command, check=True, timeout=3600)
    results = Results.read(tmp_path / "results.json")
    assert results.clear, results.levels[0]
    assert (tmp_path / "report.html").stat().st_size > 10_000
