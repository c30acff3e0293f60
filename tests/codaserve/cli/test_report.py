from pathlib import Path

import pytest

from codaserve.cli.main import main
from tests.trainer.page.runs import write_run


def test_one_run_gets_its_page_in_its_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_run(tmp_path / "a")
    assert main(["report", str(folder)]) == 0
    assert capsys.readouterr().out == f"{folder / 'report.html'}\n"
    assert (folder / "report.html").read_text().startswith("<!DOCTYPE html>")


def test_several_runs_get_theirs_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = [str(write_run(tmp_path / name)) for name in ("a", "b")]
    monkeypatch.chdir(tmp_path)
    assert main(["report", *folders]) == 0
    assert (tmp_path / "report.html").exists()
    assert main(["report", *folders, "-o", str(tmp_path / "other.html")]) == 0
    assert (tmp_path / "other.html").exists()


def test_a_seed_that_is_given_twice_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folders = [str(write_run(tmp_path / name, seed=1)) for name in ("a", "b")]
    assert main(["report", *folders, "-o", str(tmp_path / "page.html")]) == 0
    captured = capsys.readouterr()
    assert f"codaserve report: {tmp_path.name}/b: settings and seed are those of {tmp_path.name}/a" in captured.err
    assert captured.out == f"{tmp_path / 'page.html'}\n"


def test_what_is_no_run_is_left_out_and_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_run(tmp_path / "a")
    begun = tmp_path / "begun"
    begun.mkdir()
    (begun / ".lock").touch()
    target = tmp_path / "page.html"
    assert main(["report", str(folder), str(begun), "-o", str(target)]) == 0
    captured = capsys.readouterr()
    assert captured.out == f"{target}\n"
    assert captured.err.startswith(f"codaserve report: left out {begun}: no metrics.jsonl there")
    assert target.exists()


def test_what_cannot_be_done_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_run(tmp_path / "a")
    assert main(["report", str(tmp_path)]) == 2
    assert f"codaserve report: {tmp_path}: no metrics.jsonl there" in capsys.readouterr().err
    assert main(["report", str(folder), "-o", str(tmp_path / "nowhere" / "page.html")]) == 2
    assert "cannot be written: No such file or directory" in capsys.readouterr().err
    assert main(["report", str(tmp_path / "nothing")]) == 2


def test_it_needs_no_torch(tmp_path: Path) -> None:
    import subprocess
    import sys

    folder = write_run(tmp_path / "a")
    code = (
        "import sys\nfrom codaserve.cli.main import main\n"
        f"main(['report', {str(folder)!r}])\n"
        "print(sorted({'torch', 'numpy', 'transformers', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
