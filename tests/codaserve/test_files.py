from pathlib import Path

import pytest

from codaserve.files import atomic_writer, remove_leftovers, write_atomically


def test_replaces_whole_files_and_keeps_the_mode(tmp_path: Path) -> None:
    path = tmp_path / "f"
    write_atomically(path, "é")
    assert path.read_bytes() == "é".encode()
    path.chmod(0o640)
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o640


def test_leaves_the_old_file_and_no_other_when_writing_fails(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("old")
    with pytest.raises(RuntimeError), atomic_writer(path) as file:
        file.write(b"half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_killed_writers_left_is_removed_and_no_other(tmp_path: Path) -> None:
    others = ["part.parquet", ".part.parquet.x", ".other.parquet.abcd.tmp"]
    for name in [*others, ".part.parquet.abcd.tmp", ".part.parquet.efgh.tmp"]:
        (tmp_path / name).touch()
    remove_leftovers(tmp_path / "part.parquet")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(others)
