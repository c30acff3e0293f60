"""The interface of version 2, with plain files in place of the kernel's; version 1 is tested on the kernel itself."""

from pathlib import Path

import pytest

from scorer.sandbox.guest.cgroups import Cgroup

MEBIBYTE = 1 << 20
FILES = {
    "cgroup.controllers": "cpu memory pids\n",
    "cgroup.procs": "",
    "memory.current": f"{5 * MEBIBYTE}\n",
    "memory.events": "low 0\nhigh 0\nmax 7\noom 2\noom_kill 1\noom_group_kill 0\n",
    "memory.max": "",
    "memory.stat": f"anon {MEBIBYTE}\nfile {3 * MEBIBYTE}\nkernel 100000\nshmem {2 * MEBIBYTE}\n",
    "memory.swap.max": "",
    "pids.max": "",
    "cpu.stat": "usage_usec 2500000\nuser_usec 2000000\nsystem_usec 500000\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        (tmp_path / name).write_text(content)
    return tmp_path


@pytest.fixture
def cgroup(folder: Path) -> Cgroup:
    return Cgroup(dict.fromkeys(("memory", "pids", "cpu"), str(folder)))


def number(path: Path) -> int:
    return int(path.read_text())


def test_the_process_enters_and_may_not_swap(cgroup: Cgroup, folder: Path) -> None:
    assert (folder / "cgroup.procs").read_text() == "0"
    assert (folder / "memory.swap.max").read_text() == "0"
    assert cgroup.detail == "memory and processes of a run together, version 2"


def test_limits_leave_the_template_its_share_and_are_written_when_they_change(cgroup: Cgroup, folder: Path) -> None:
    cgroup.settle()
    cgroup.limit(100 * MEBIBYTE, 4)
    written = number(folder / "memory.max")
    assert 105 * MEBIBYTE < written < 130 * MEBIBYTE
    assert number(folder / "pids.max") == 5
    (folder / "memory.max").write_text("")
    cgroup.limit(100 * MEBIBYTE, 4)
    assert (folder / "memory.max").read_text() == ""
    cgroup.limit(200 * MEBIBYTE, 4)
    assert number(folder / "memory.max") == written + 100 * MEBIBYTE


def test_what_the_service_keeps_of_earlier_runs_takes_nothing_from_later_ones(cgroup: Cgroup, folder: Path) -> None:
    cgroup.settle()
    cgroup.limit(100 * MEBIBYTE, 4)
    first = number(folder / "memory.max")
    (folder / "memory.current").write_text(f"{500 * MEBIBYTE}\n")
    cgroup.limit(100 * MEBIBYTE, 4)
    assert number(folder / "memory.max") == first  # only files that the kernel would give up
    (folder / "memory.current").write_text(f"{600 * MEBIBYTE}\n")
    (folder / "memory.stat").write_text(FILES["memory.stat"].replace(f"shmem {2 * MEBIBYTE}", f"shmem {62 * MEBIBYTE}"))
    cgroup.limit(100 * MEBIBYTE, 4)
    assert 60 * MEBIBYTE <= number(folder / "memory.max") - first < 70 * MEBIBYTE


def test_only_kills_since_the_limits_were_set_count(cgroup: Cgroup, folder: Path) -> None:
    cgroup.limit(MEBIBYTE, 1)
    assert not cgroup.killed_for_memory()
    (folder / "memory.events").write_text(FILES["memory.events"].replace("oom_kill 1", "oom_kill 2"))
    assert cgroup.killed_for_memory()
    cgroup.limit(MEBIBYTE, 1)
    assert not cgroup.killed_for_memory()


def test_processor_time_is_in_seconds(cgroup: Cgroup) -> None:
    assert cgroup.cpu_seconds() == 2.5


def test_a_group_that_cannot_be_entered_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Cgroup({"memory": str(tmp_path / "missing")})
