import math
from pathlib import Path

import pytest

from bench.reproduce.families import REWRITING
from bench.reproduce.report import Found, report, section, share
from bench.reproduce.results import Curve, Outcome


def _outcome(accuracies: list[float], final: float) -> Outcome:
    rollouts = [100 * place for place in range(len(accuracies))]
    return Outcome(Curve(rollouts, accuracies), final, {"1": final, "2": final / 2}, 60.0)


GRPO = [_outcome([0.2, 0.3, 0.4, 0.5, 0.5], 0.5), _outcome([0.2, 0.3, 0.5, 0.5, 0.6], 0.6)]
FASTER = [_outcome([0.2, 0.5, 0.6, 0.6, 0.6], 0.6), _outcome([0.2, 0.4, 0.6, 0.7, 0.7], 0.7)]


def test_the_share_of_the_rollouts_is_that_of_mean_curves() -> None:
    # The mean of GRPO ends at 0.55, after 400; that of the other is 0.45 after 100 and 0.6 after 200.
    share_of_faster = share([one.curve for one in FASTER], [one.curve for one in GRPO])
    assert share_of_faster == pytest.approx((100 + 100 * 2 / 3) / 400)
    assert share([one.curve for one in GRPO], [one.curve for one in GRPO]) == pytest.approx(1.0)
    assert math.isinf(share([Curve([0, 200, 400], [0.2, 0.3, 0.5])], [one.curve for one in GRPO]))
    # Offline: nothing between the ends counts.
    assert share([Curve([0, 200, 400], [0.2, 0.3, 0.6])], [one.curve for one in GRPO]) == 1


def test_a_familys_tables() -> None:
    text = "\n".join(section(Found(0.2, {"GRPO": GRPO, "+ other": FASTER}, critic=123)))
    assert "| GRPO | 55.0 ± 63.5 |" in text
    assert "| + other | 65.0 ± 63.5 | 10.0 ± 0.0 |" in text
    assert "| + other | 65.0 | 32.5 |" in text
    assert "123 answers" in text


def test_a_report_has_a_plot_and_says_that_it_is_partial(tmp_path: Path) -> None:
    offline = [Outcome(Curve([0, 390], [0.2, 0.4]), 0.4, {"1": 0.4, "2": 0.2}, None) for _ in GRPO]
    found = Found(0.2, {"GRPO": GRPO, "DAPO": offline}, {"rate": {0.01: GRPO}}, rate=0.01)
    text = report(REWRITING, found, tmp_path, "the command", partial=True).read_text()
    assert "Made by `the command`" in text
    assert "has 4608 rollouts" in text
    assert "Not the whole of it" in text
    assert "| 0.01 | 55.0 | 50.0, 60.0 |" in text
    assert "(reproduce_rewriting.svg)" in text
    assert "</svg>" in (tmp_path / "reproduce_rewriting.svg").read_text()
    assert "Not the whole" not in report(REWRITING, found, tmp_path, "the command", partial=False).read_text()


def test_a_report_on_questions_that_are_asked_again_has_a_page_of_its_own(tmp_path: Path) -> None:
    written = report(REWRITING, Found(0.2, {"GRPO": GRPO}), tmp_path, "the command", 72, partial=True)
    assert written.name == "reproduce_rewriting_72_questions.md"
    assert "72 questions are asked again and again" in written.read_text()
