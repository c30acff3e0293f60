import os
from pathlib import Path

import pytest

from scorer.sandbox.guest.scratch import empty


@pytest.fixture
def top(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


def emptied(folder: Path) -> bool:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        empty(descriptor)
    finally:
        os.close(descriptor)
    return not list(folder.iterdir())


def test_a_folder_of_any_depth_is_emptied(top: Path) -> None:
    here = os.open(top, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("d", dir_fd=here)
        os.close(os.open("f", os.O_CREAT | os.O_WRONLY, dir_fd=here))
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    assert emptied(top)


def test_thousands_of_files_and_names_that_look_like_its_own_are_removed(top: Path) -> None:
    for number in range(3000):
        (top / str(number)).touch()
    for name in ("a", "b", "7001", "-rf", "\udcff", "x" * 255):
        for number in range(1, 30):
            (top / name / str(number) / "1" / "2").mkdir(parents=True, exist_ok=True)
    assert emptied(top)


def test_links_are_removed_and_not_followed(top: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (outside / "inner").mkdir(parents=True)
    (outside / "file").write_text("kept")
    outside.chmod(0o500)
    (top / "folder").symlink_to(outside)
    (top / "file").symlink_to(outside / "file")
    (top / "up").symlink_to("..")
    (top / "deep").mkdir()
    (top / "deep" / "folder").symlink_to(outside)
    (top / "self").symlink_to("self")
    assert emptied(top)
    assert (outside / "file").read_text() == "kept"
    assert outside.stat().st_mode & 0o777 == 0o500


def test_trees_without_rights_are_emptied(top: Path) -> None:
    for name in ("a", "b"):
        (top / name / "c" / "d").mkdir(parents=True)
        (top / name / "c" / "file").touch()
        (top / name / "c" / "d").chmod(0)
        (top / name / "c").chmod(0)
        (top / name).chmod(0)
    os.mkfifo(top / "fifo", 0)
    pid = os.fork()  # as somebody whom rights bind
    if pid == 0:
        try:
            if os.getuid() == 0:
                for path in [top, *(Path(folder) / name for folder, names, _ in os.walk(top) for name in names)]:
                    os.chown(path, 65534, 65534)
                descriptor = os.open(top, os.O_RDONLY)
                os.setgroups([])
                os.setresgid(65534, 65534, 65534)
                os.setresuid(65534, 65534, 65534)
            else:
                descriptor = os.open(top, os.O_RDONLY)
            empty(descriptor)
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert not list(top.iterdir())
