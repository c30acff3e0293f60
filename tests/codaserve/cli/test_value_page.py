from html.parser import HTMLParser
from pathlib import Path

import pytest

from codaserve.cli.value_page import value_page
from codaserve.v1 import critic_pb2 as pb


class Text(HTMLParser):
    """The texts of a page by the class of the element around them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.found: list[tuple[str, str]] = []
        self.feed(page)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "input"):
            self.open.append((tag, dict(attrs).get("class") or ""))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if self.open and data.strip():
            self.found.append((" ".join(name for _, name in self.open[-2:] if name), data))


def group() -> pb.StateGroup:
    responses = [pb.Response(text="a < b\nso <script>alert(1)</script>\n", outcome=1.0), pb.Response(text="")]
    return pb.StateGroup(id="g", prompt="1 & 2?", responses=pb.Responses(responses=responses))


def evaluation() -> pb.GroupEvaluation:
    span = pb.Span
    steps = [
        pb.StepValue(value=0.25, advantage=-0.25, characters=span(begin=0, end=6)),
        pb.StepValue(value=1.0, advantage=0.75, characters=span(begin=6, end=35)),
    ]
    values = pb.GroupValues(prompt_value=0.5, responses=[pb.ResponseValues(steps=steps), pb.ResponseValues()])
    return pb.GroupEvaluation(id="g", values=values)


def test_each_step_has_its_text_value_and_advantage(tmp_path: Path) -> None:
    with value_page(tmp_path / "page.html") as page:
        page.add(group(), evaluation())
    text = (tmp_path / "page.html").read_text()
    found = Text(text).found
    assert ("prompt", "1 & 2?") in found
    assert ("step worst numbers", "0.250 (-0.250)") in found
    assert ("step best numbers", "1.000 (+0.750)") in found
    assert ("step worst", "a < b") in found
    assert ("step best", "so <script>alert(1)</script>") in found
    assert "<script" not in text
    assert "http" not in text  # nothing is loaded from elsewhere


def test_alternatives_and_failures_are_shown(tmp_path: Path) -> None:
    steps = [pb.Alternative(text="x"), pb.Alternative(text="y")]
    asked = pb.StateGroup(prompt="q", alternatives=pb.Alternatives(prefix="so far", steps=steps))
    valued = [pb.AlternativeValue(value=0.5, advantage=0.0), pb.AlternativeValue(value=0.5, advantage=0.0)]
    failure = pb.CriticFailure(message="line 3: <broken>")
    with value_page(tmp_path / "page.html") as page:
        page.add(asked, pb.GroupEvaluation(values=pb.GroupValues(prompt_value=0.5, alternatives=valued)))
        page.add(None, pb.GroupEvaluation(id="bad", failure=failure))
    found = Text((tmp_path / "page.html").read_text()).found
    assert ("prompt", "so far") in found
    assert found.count(("step numbers", "0.500 (+0.000)")) == 2
    assert ("failure", "line 3: <broken>") in found


def test_a_page_that_is_not_finished_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), value_page(tmp_path / "page.html") as page:
        page.add(group(), evaluation())
        raise RuntimeError
    assert not list(tmp_path.iterdir())
