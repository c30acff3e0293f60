"""The most memory that this process had at one time. Imports nothing of this project: TRL's environment has none."""

from pathlib import Path


def peak_bytes() -> int:
    """Resident, of this process alone.

    VmHWM of proc_pid_status(5), which begins anew with each program that is executed; ru_maxrss of getrusage(2) would
    begin with what the process had that started this one.
    """
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    (line,) = [line for line in lines if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024
