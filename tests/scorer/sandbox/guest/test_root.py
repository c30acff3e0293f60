import sys
from pathlib import Path

import pytest

from scorer.sandbox.guest import root


def test_exposed_are_the_system_and_the_interpreter_but_no_home_or_configuration() -> None:
    paths = root.exposed()
    prefix = str(Path(sys.base_prefix).resolve())
    assert any(prefix == path or prefix.startswith(path + "/") for path in paths)
    assert not {"/", "/etc", "/home", "/root", "/var", "/proc", "/tmp"} & set(paths)


def test_no_exposed_path_lies_inside_another() -> None:
    paths = root.exposed()
    assert not [(a, b) for a in paths for b in paths if a.startswith(b + "/")]


def test_other_paths_are_exposed_with_what_they_link_to(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.mkdir()
    (target / "inside").mkdir()
    link.symlink_to(target)
    paths = root.exposed([str(link), str(target / "inside"), str(tmp_path / "missing"), "/usr/bin"])
    assert {str(link), str(target)} <= set(paths)
    assert not {str(target / "inside"), str(tmp_path / "missing"), "/usr/bin"} & set(paths)


@pytest.mark.parametrize(
    "path", ["/", "/etc", "/etc/", "/usr/../etc", "/proc", "/root", "/home", "/dev", "/var", "/sys"]
)
def test_what_much_else_lies_in_is_never_exposed(path: str) -> None:
    assert root.exposed([path]) == root.exposed()
