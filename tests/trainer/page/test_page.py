"""The page as a whole, read as a browser would."""

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.trainer.page.runs import HOSTILE, batch, evaluation, sample, write_run
from trainer.dapo.log import OfflineLog
from trainer.dapo.reports import PairsReport
from trainer.loop import train
from trainer.page.page import write_page
from trainer.report.metrics import MetricsLog
from trainer.report.reports import StepReport

VOID = ("meta", "input", "link", "br", "img")


class Parsed(HTMLParser):
    """Elements, texts and attributes; fails where tags do not fit together or something would be loaded."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        assert tag not in ("script", "img", "iframe", "object", "form")
        assert not any(name.startswith("on") for name in given)
        assert given.get("href", "#").startswith(("#", "data:"))
        assert "src" not in given
        self.elements.append((tag, given))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data

    def of(self, kind: str) -> list[dict[str, str]]:
        """Attributes of the elements of a class."""
        return [attributes for _, attributes in self.elements if kind in attributes.get("class", "").split()]


def parsed(*folders: Path) -> Parsed:
    target = folders[0].parent / "page.html"
    write_page(folders, target)
    return Parsed(target.read_text("utf-8"))


def test_a_single_run(tmp_path: Path) -> None:
    page = parsed(write_run(tmp_path / "a"))
    # 0.3 to 0.7, each with a tenth to each side: 0.4 and hypot(0.1, 0.1) = 0.1414.
    assert "+40.0 points" in page.text
    assert "better, clear of the noise" in page.text
    assert "95% interval of the gain +25.9 to +54.1" in page.text
    assert "FAILURE_INTERNAL8" in page.text  # one in each batch, first and focused, of four steps
    assert "CRITIC_FAILURE_TOO_LONG16" in page.text
    assert "scorer12" in page.text
    assert "Accuracy and reward" in page.text
    assert "scorer back after 1.0 s" in page.text
    assert len(page.of("chosen")) == 4 + 1  # one question of each step, and the legend
    assert "value 0.5 is number 1 of 1 above 0" in page.text
    assert [text for text in ("0.250 (-0.250)", "1.000 (+0.750)") if text not in page.text] == []
    assert "generation" in page.text
    assert "1.00 (29%)" in page.text
    for heading in ("Held-out accuracy", "Training reward", "Confidence inflation", "Advantage contraction", "Levels"):
        assert heading in page.text


def test_every_picture_has_a_name_and_every_table_a_caption(tmp_path: Path) -> None:
    page = parsed(write_run(tmp_path / "a"))
    pictures = [attributes for tag, attributes in page.elements if tag == "svg"]
    assert all(picture.get("aria-label") or picture.get("aria-hidden") == "true" for picture in pictures)
    tables = sum(tag == "table" for tag, _ in page.elements)
    assert tables == sum(tag == "caption" for tag, _ in page.elements) > 5
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(set(ids)) == len(ids)
    links = [attributes["href"][1:] for tag, attributes in page.elements if tag == "a"]
    assert set(links) <= set(ids)
    assert "lang" in page.elements[0][1]


def test_seeds_have_a_mean_and_a_band(tmp_path: Path) -> None:
    folders = [write_run(tmp_path / str(seed), seed=seed, after=0.5 + 0.1 * seed) for seed in (1, 2, 3)]
    page = parsed(*folders)
    # Gains 0.3, 0.4 and 0.5: 40 points and 4.303 * 10 / sqrt(3) = 24.8 to each side.
    assert "+40.0 points" in page.text
    assert "95% interval of the gain +15.2 to +64.8, Student's t over 3 seeds" in page.text
    assert "3 seeds" in page.text
    assert page.of("band")


def test_a_copy_of_a_run_is_no_second_seed(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "a")
    shutil.copytree(folder, tmp_path / "c1")
    page = parsed(folder, tmp_path / "c1")
    assert "95% interval of the gain +25.9 to +54.1, over questions" in page.text  # as of the run alone
    assert "2 seeds" not in page.text
    here = tmp_path.name
    assert f"{here}/c1: settings and seed are those of {here}/a" in page.text
    assert page.text.count(f"{here}/c1") > 1  # in the table of runs, too


def test_runs_of_other_settings_stand_side_by_side(tmp_path: Path) -> None:
    page = parsed(
        write_run(tmp_path / "a", objective={"kind": "codapo"}),
        write_run(tmp_path / "b", objective={"kind": "grpo"}, after=0.1),
    )
    assert "A: objective.kind codapo" in page.text
    assert "WORSE, clear of the noise" in page.text  # 0.3 to 0.1 with 0.14 to each side
    assert len(page.of("card")) == 2


def test_whatever_a_policy_writes_stays_text(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "a", tasks={"file": HOSTILE[:-9]})
    log = MetricsLog(folder, step=4, evaluated=4)
    question = batch(0.5).questions[0].__class__(HOSTILE, HOSTILE, 0.5, 0.5, 0.5, 1, 2, 0, 0.5, 1, HOSTILE)
    hostile = batch(
        0.5, questions=[question], unscored={HOSTILE: 3}, levels={HOSTILE: batch(0.5).levels["1"]},
        samples=[sample(HOSTILE + "\n" + HOSTILE, id=HOSTILE, prompt=HOSTILE, no_steps=HOSTILE)],
    )  # fmt: skip
    timings = {HOSTILE: 1.0, "total": 1.0}
    log.on_step(StepReport(5, 5, 1e-3, hostile, None, "", timings, {HOSTILE: 2}))
    log.on_evaluation(evaluation(5, 0.8))
    log.on_event(HOSTILE.encode("utf-8", "replace").decode())
    log.close()
    page = parsed(folder)
    assert page.text.count("<script>alert(1)</script>") >= 6
    assert "\x00" not in page.text


def test_a_run_without_steps(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / "metrics.jsonl").touch()
    page = parsed(folder, write_run(tmp_path / "b"))
    assert "no step is recorded yet" in page.text
    assert "nothing to judge by yet" in page.text


def test_a_run_of_nothing_but_damage(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    for name in ("metrics.jsonl", "questions.jsonl", "samples.jsonl", "settings.json"):
        content = '{"kind": "step", "step": 1, "batch": [], "timings": 5, "retries": "x", "steps": {}, "value": {}}\n'
        (folder / name).write_text(
            content + '{"kind": "evaluation", "step": 0, "levels": 7}\n{"kind": ["x"], "step": 1}'
        )
    (folder / "events.log").write_bytes(b"\xff\xfe\n")
    page = parsed(folder)
    assert "nothing recorded" in page.text


def test_numbers_that_are_not_finite_leave_gaps(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "a")
    lines = (folder / "metrics.jsonl").read_text()
    (folder / "metrics.jsonl").write_text(re.sub(r'"reward": [0-9.]+', '"reward": NaN', lines))
    target = tmp_path / "page.html"
    write_page([folder], target)
    text = target.read_text()
    assert "numbers are not finite" in text
    assert not re.search(r'[ "=]nan[ "<]|[ "]inf[ "<]', text)


def test_an_unfinished_run_says_so(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "a")
    lines = (folder / "metrics.jsonl").read_text().splitlines(keepends=True)
    (folder / "metrics.jsonl").write_text("".join(lines[:3]) + lines[3][:40])
    assert "unfinished: at step 2 of 4" in parsed(folder).text


@pytest.mark.parametrize("kinds", [100, 2])
def test_a_hundred_runs_make_a_page_of_bounded_size(tmp_path: Path, kinds: int) -> None:
    folders = [write_run(tmp_path / f"{n}", seed=n, steps=2, optimizer={"rate": n % kinds}) for n in range(100)]
    page = parsed(*folders)
    assert len(page.of("card")) == kinds
    assert (tmp_path / "page.html").stat().st_size < 3_000_000


def test_a_long_run_makes_a_page_of_bounded_size(tmp_path: Path) -> None:
    parsed(write_run(tmp_path / "a", steps=800))
    assert (tmp_path / "page.html").stat().st_size < 1_500_000


def test_what_is_no_run_is_left_out_and_named(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "a")
    text = parsed(folder, tmp_path / "<b>").text
    assert f"left out {tmp_path / '<b>'}: does not exist" in text
    assert "Report of " in text
    assert "+40.0 points" in text


def test_an_offline_run_shows_its_pairs(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "a")
    for name in ("metrics.jsonl", "questions.jsonl", "samples.jsonl"):
        (folder / name).unlink()
    log = OfflineLog(folder, None)
    for step in (1, 2, 3):
        report = PairsReport(step, 3, 1e-3, 8, 20, 60, 4.0 / step, 4.0, 1.0, 0.5, 0.1 * step, None, 1.0, 1, 60.0)
        log.on_pairs(report)
    for step, value in ((0, 0.3), (3, 0.7)):
        log.on_evaluation(evaluation(step, value))
    log.close()
    page = parsed(folder)
    assert "+40.0 points" in page.text
    assert "Distance from the reference" in page.text
    assert "4.000" in page.text
    assert "0.05" in page.text  # three steps of a minute, and two evaluations of 1.5 s, in hours
    assert "Confidence inflation" not in page.text
    assert "unfinished" not in page.text


def test_the_page_of_a_real_run(configure: Any, recorder: Any) -> None:
    settings = configure()
    train(settings, observers=[recorder])
    page = parsed(settings.output_dir)
    before, after = (report.mean_at_k.value for report in recorder.evaluations)
    assert f"held-out accuracy {100 * before:.1f}% → {100 * after:.1f}%" in page.text
    assert len(page.of("step")) > 3
    assert "synchronisation" in page.text
    # q of the first steps that were drawn again
    assert len(page.of("chosen")) == 1 + sum(bool(q.resampled) for step in recorder.steps for q in step.questions)
