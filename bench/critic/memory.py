"""What memory one way of asking a critic takes at most, each in a process of its own.

python -m bench.critic.memory CONTESTANT CHECKPOINT SIZE COUNT
"""

import os
import subprocess
import sys
from pathlib import Path

import torch

from bench.critic.contestants import InProcess
from bench.critic.workload import groups

IN_PROCESS = ("state by state", "padded", "packed")


def of_contestant(name: str, checkpoint: Path, size: int, count: int) -> int:
    """Peak resident memory of a process that values the groups in process, bytes.

    Args:
        name: One of `IN_PROCESS`.
        checkpoint: The critic.
        size: Responses of each group.
        count: Groups.
    """
    command = [sys.executable, "-m", "bench.critic.memory", name, str(checkpoint), str(size), str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(done.stdout)


def of_process(process: int) -> int:
    """Peak resident memory of a running process, bytes (VmHWM of proc(5))."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024


def main() -> None:
    """Values groups in this process and prints its peak memory."""
    name, checkpoint, size, count = sys.argv[1:]
    torch.set_num_threads(1)
    ours = InProcess(Path(checkpoint), plain=name != "packed")
    getattr(ours, name.replace(" ", "_"))(groups(int(count), int(size), seed=int(size)))
    print(of_process(os.getpid()))  # getrusage has the parent's, if that had more when it made this process


if __name__ == "__main__":
    main()
