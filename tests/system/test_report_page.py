"""The page of runs in a real browser: what it draws, what it says on its console, and what it asks the network for."""

import re
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from codaserve.cli.main import main
from tests.trainer.page.runs import batch, sample, write_run
from trainer.report.metrics import MetricsLog
from trainer.report.reports import StepReport

pytestmark = pytest.mark.system

HOSTILE = "<script>document.title = 'taken'</script><img src=http://127.0.0.1:9/x onerror=\"document.title='taken'\">"
OWN = re.compile(r"https?://[\w.-]+\.(google|googleapis|gvt1)\.com/")
"""What Chromium asks for by itself, whatever it shows."""
BLUE = (0x25, 0x63, 0xC9), (0x7A, 0xA7, 0xFF)
"""The first line's colour, light and dark."""
BACK = (0xFF, 0xFF, 0xFF), (0x15, 0x18, 0x1C)
"""The page's."""


def browse(page: Path, folder: Path, *arguments: str) -> tuple[str, str]:
    """What Chromium writes to standard output and error."""
    command = [
        "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1300,4000",
        "--disable-background-networking", "--disable-component-update", "--enable-logging=stderr",
        f"--user-data-dir={folder / 'profile'}", *arguments, page.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=True)
    return done.stdout, done.stderr


def console(log: str) -> list[str]:
    return [line for line in log.splitlines() if "CONSOLE" in line]


def asked(netlog: Path) -> list[str]:
    """Addresses on the network that the page asked something from."""
    text = netlog.read_text(encoding="utf-8", errors="replace")
    found = re.findall(r'"url":"((?:https?|wss?)://[^"]*)"', text)
    return [address for address in found if not OWN.match(address)]


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """Of two seeds of one setting and a run of another, with hostile text in the responses."""
    folders = [
        write_run(tmp_path / "first", seed=1, steps=12, objective={"kind": "codapo"}),
        write_run(tmp_path / "second", seed=2, steps=12, after=0.65, objective={"kind": "codapo"}),
        write_run(tmp_path / "third", seed=1, steps=12, after=0.5, objective={"kind": "grpo"}),
    ]
    log = MetricsLog(folders[0], step=12, evaluated=12)
    hostile = batch(0.5, samples=[sample(f"{HOSTILE}\n{HOSTILE}", prompt=HOSTILE, id=HOSTILE)])
    log.on_step(StepReport(13, 13, 1e-3, hostile, None, HOSTILE, {"update": 1.0, "total": 1.0}))
    log.on_event(HOSTILE)
    log.close()
    target = tmp_path / "report.html"
    assert main(["report", *map(str, folders), "-o", str(target)]) == 0
    return target


def test_the_page_draws_its_marks_and_asks_for_nothing(page: Path, tmp_path: Path) -> None:
    netlog = tmp_path / "net.json"
    dom, log = browse(page, tmp_path, "--dump-dom", f"--log-net-log={netlog}")
    assert console(log) == []
    assert asked(netlog) == []
    assert "<title>Report of 3 runs</title>" in dom
    assert dom.count('class="marks"') >= 6
    assert len(re.findall(r'<path class="line c[01]', dom)) >= 10
    assert len(re.findall(r'<path class="band c0', dom)) >= 4
    assert len(re.findall(r'<path class="chosen"', dom)) > 12
    assert len(re.findall(r'<rect class="fill c[0-9]"', dom)) > 12
    assert len(re.findall(r'<div class="step', dom)) >= 4
    assert "NaN" not in dom


def test_what_the_test_looks_for_would_be_seen(tmp_path: Path) -> None:
    page = tmp_path / "bad.html"
    page.write_text("<img src='http://127.0.0.1:9/x'><script>console.error('seen')</script>")
    netlog = tmp_path / "net.json"
    _, log = browse(page, tmp_path, "--dump-dom", f"--log-net-log={netlog}")
    assert any("seen" in line for line in console(log))
    assert set(asked(netlog)) == {"http://127.0.0.1:9/x"}


@pytest.mark.parametrize("dark", [False, True])
def test_lines_are_seen_in_the_light_and_in_the_dark(page: Path, tmp_path: Path, dark: bool) -> None:
    shot = tmp_path / "page.png"
    scheme = ["--blink-settings=preferredColorScheme=0"] if dark else []
    browse(page, tmp_path, f"--screenshot={shot}", *scheme)
    picture = Image.open(shot).convert("RGB")
    counts = {str(colour): count for count, colour in picture.getcolors(1 << 24) or []}
    assert max(counts, key=lambda colour: counts[colour]) == str(BACK[dark])
    assert counts.get(str(BLUE[dark]), 0) > 2000
