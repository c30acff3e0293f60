"""Programs that run in the environments that `make test-adapters` installs."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]


def run(environment: str, program: str, *arguments: str, before: str = "", timeout: float = 600) -> Any:
    """What a program of this folder printed last, as JSON; its other output is for people.

    Args:
        environment: Folder of the environment.
        program: File of this folder.
        arguments: Of the program.
        before: Folder in the environment whose packages are taken before its others.
        timeout: Seconds.
    """
    command = [str(ROOT / environment / "bin" / "python"), str(Path(__file__).with_name(program)), *arguments]
    path = f"{ROOT / environment / before}{os.pathsep}{ROOT}" if before else str(ROOT)
    variables = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False, env=variables)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-8000:]
    return json.loads(done.stdout.splitlines()[-1])
