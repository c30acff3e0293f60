import sys
from pathlib import Path

from scorer.sandbox.guest import root


def test_exposed_are_the_system_and_the_interpreter_but_no_home_or_configuration() -> None:
    paths = root.exposed()
    prefix = str(Path(sys.base_prefix).resolve())
    assert any(prefix == path or prefix.startswith(path + "/") for path in paths)
    assert not {"/", "/etc", "/home", "/root", "/var", "/proc", "/tmp"} & set(paths)


def test_no_exposed_path_lies_inside_another() -> None:
    paths = root.exposed()
    assert not [(a, b) for a in paths for b in paths if a.startswith(b + "/")]
