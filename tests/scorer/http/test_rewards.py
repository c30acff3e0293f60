"""OpenRLHF's and slime's remote rewards."""

import json
from typing import Any, cast

import pytest

from codaserve.serving.http.messages import ProblemError
from codaserve.v1 import scorer_pb2 as pb
from scorer.code.judge import CodeJudge
from scorer.engine import Engine
from scorer.http.desk import Desk
from scorer.http.openrlhf import response_in
from tests.scorer.http.conftest import Scorer

pytestmark = pytest.mark.asyncio(loop_scope="package")
CASES = {"cases": [{"arguments": "[2]", "expected": "4"}]}
DOUBLE = {"code": {"language": "python", "entry_point": "f", "calls": CASES}}
PROGRAM = "So:\n```python\ndef f(x):\n    return 2 * x\n```"
TOWER, OTHER_TOWER = "9^{9^{9^{9}}}", "7^{7^{7^{7}}}"
"""Too large for a verdict."""


def asked(*samples: tuple[str, str, Any]) -> dict[str, Any]:
    """A request of OpenRLHF's workers, made as openrlhf/utils/agent.py of 0.11.2 makes it."""
    return {
        "query": [prompt + response for prompt, response, _ in samples],
        "prompts": [prompt for prompt, _, _ in samples],
        "labels": [label for _, _, label in samples],
    }


async def test_one_sample_as_openrlhf_sends_it(scorer: Scorer) -> None:
    prompt = "<|im_start|>user\nWhat is 1/2? Put it into \\boxed{}.<|im_end|>\n<|im_start|>assistant\n"
    right = await scorer.server.post("/get_reward", asked((prompt, "It is \\boxed{0.5}.<|im_end|>", "1/2")))
    assert right.status == 200
    assert right.value == {"rewards": [1.0], "scores": [1.0], "extra_logs": {}}
    wrong = await scorer.server.post("/get_reward", asked((prompt, "It is \\boxed{0.6}.<|im_end|>", "1/2")))
    assert wrong.value["rewards"] == [0.0]
    # A prompt that shows the right answer must not answer for the response.
    shown = await scorer.server.post("/get_reward", asked(("Is it \\boxed{5}? ", "I do not know.", "5")))
    assert shown.value["rewards"] == [0.0]


async def test_several_samples_in_one_request_and_labels_that_are_tasks(scorer: Scorer) -> None:
    task = json.dumps(DOUBLE)
    samples = [("q", "\\boxed{4}", 4), ("q", PROGRAM, task), ("r", "def f(x): return x", task)]
    heard = await scorer.server.post("/get_reward", asked(*samples))
    assert heard.value["rewards"] == [1.0, 1.0, 0.0]


async def test_empty_lists_are_answered_by_empty_lists(scorer: Scorer) -> None:
    bodies: list[dict[str, list[str]]] = [{"query": [], "prompts": [], "labels": []}, {"query": []}]
    for body in bodies:
        heard = await scorer.server.post("/get_reward", body)
        assert (heard.status, heard.value) == (200, {"rewards": [], "scores": [], "extra_logs": {}})


async def test_openrlhf_is_told_of_faults_by_a_status(scorer: Scorer) -> None:
    bodies: dict[str, Any] = {
        "too many": asked(*[("q", "a", "1")] * 41),
        "lengths": {"query": ["a"], "prompts": [], "labels": ["1"]},
        "no prompt in it": {"query": ["abc"], "prompts": ["x"], "labels": ["1"]},
        "no label": asked(("q", "a", None)),
        "broken gold": asked(("q", "a", "[1, 2")),
        "no text": {"query": [1], "prompts": ["q"], "labels": ["1"]},
        "language": asked(("q", "a", json.dumps({"code": {"language": "cobol", "stdio": {"cases": [{}]}}}))),
    }
    for what, body in bodies.items():
        heard = await scorer.server.post("/get_reward", body)
        assert heard.status == 422, what
        assert heard.value["detail"], what


async def test_where_a_response_begins() -> None:
    prompt = "A question, " * 40
    assert response_in(prompt + "an answer", prompt) == "an answer"
    assert response_in("<s> " + prompt + "an answer", prompt) == "an answer"
    for kept in (100, 300):  # OpenRLHF cuts long prompts so, perhaps within a character
        assert response_in(prompt[-kept:] + "an answer", prompt) == "an answer"
        assert response_in("\ufffd" + prompt[-kept:] + "an answer", prompt) == "an answer"
    assert response_in("an answer", "") == "an answer"
    with pytest.raises(ProblemError):
        response_in(prompt[-20:] + "an answer", prompt)


async def test_slime_gets_a_number(scorer: Scorer) -> None:
    async def reward(response: str, label: Any, prompt: Any = "q") -> Any:
        heard = await scorer.server.post("/slime", {"prompt": prompt, "response": response, "label": label})
        assert heard.status == 200
        return heard.value

    assert await reward("\\boxed{\\frac12}", "0.5") == 1.0
    assert await reward("\\boxed{\\frac13}", "0.5") == 0.0
    assert await reward(PROGRAM, DOUBLE, [{"role": "user", "content": "Write f"}]) == 1.0
    assert await reward("no answer", "0.5") == 0.0


async def test_an_undecided_verdict_is_no_number(scorer: Scorer) -> None:
    slime = await scorer.server.post("/slime", {"response": f"\\boxed{{{TOWER}}}", "label": OTHER_TOWER})
    assert (slime.status, slime.value) == (200, None)
    samples = [("q", f"\\boxed{{{TOWER}}}", OTHER_TOWER), ("q", "\\boxed{1}", "1")]
    openrlhf = await scorer.server.post("/get_reward", asked(*samples))
    assert openrlhf.value == {"rewards": None, "scores": None, "extra_logs": {}}


async def test_an_undecided_verdict_counts_what_the_settings_say() -> None:
    undecided = pb.ScoreResult(verdict=pb.Verdict(reason=pb.REASON_UNDECIDED_TIME))
    wrong = pb.ScoreResult(verdict=pb.Verdict(reason=pb.REASON_WRONG_ANSWER, correct=False, score=0.0))
    failed = pb.ScoreResult(failure=pb.Failure(code=pb.FAILURE_INTERNAL))
    for setting in (None, 0.0, 0.5):
        desk = Desk(cast(Engine, None), cast(CodeJudge, None), 1, setting)
        assert (desk.score_of(undecided), desk.score_of(wrong)) == (setting, 0.0)
        with pytest.raises(ProblemError):
            desk.score_of(failed)


async def test_slime_is_told_of_faults_by_a_status(scorer: Scorer) -> None:
    for body in ({"response": "a"}, {"label": "1"}, {"response": "a", "label": {"code": {"nonsense": 1}}}, [1]):
        assert (await scorer.server.post("/slime", body)).status == 422


async def test_a_full_queue_and_a_scorer_that_stops_say_so(scorer: Scorer) -> None:
    sample = {"response": "\\boxed{1}", "label": "1"}
    assert scorer.engine.room.items.try_admit(40)
    try:
        full = await scorer.server.post("/slime", sample)
    finally:
        scorer.engine.room.items.withdraw(40)
    assert full.status == 429
    assert int(full.headers["retry-after"]) >= 1
    scorer.engine.draining = True
    try:
        stopping = await scorer.server.post("/get_reward", asked(("q", "\\boxed{1}", "1")))
    finally:
        scorer.engine.draining = False
    assert stopping.status == 503


async def test_a_queue_without_room_for_the_bytes_says_so(scorer: Scorer) -> None:
    room = scorer.engine.room.bytes
    assert room.try_admit(room.size)
    try:
        full = await scorer.server.post("/slime", {"response": "\\boxed{1}", "label": "1"})
    finally:
        room.withdraw(room.size)
    assert full.status == 429
    assert "queue.bytes" in str(full.value)
    assert int(full.headers["retry-after"]) >= 1
