import os
from pathlib import Path

import pytest

from codaserve.cli.output import open_output


def test_takes_its_name_when_complete(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("old")
    with open_output(str(path)) as file:
        file.write(b"new\n")
        assert path.read_text() == "old"
    assert path.read_text() == "new\n"
    assert list(tmp_path.iterdir()) == [path]


def test_stays_partial_when_interrupted(tmp_path: Path) -> None:
    path = tmp_path / "f"
    with pytest.raises(KeyboardInterrupt), open_output(str(path)) as file:
        file.write(b"one\n")
        raise KeyboardInterrupt
    assert not path.exists()
    assert Path(f"{path}.partial").read_text() == "one\n"


def test_devices_are_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with open_output(str(path)) as file:
        file.write(b"one\n")
    assert os.read(reader, 10) == b"one\n"
    os.close(reader)
    assert path.is_fifo()
