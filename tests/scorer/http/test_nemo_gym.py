"""NeMo-Gym's `/verify`. The shapes are those of nemo_gym/base_resources_server.py in nemo-gym 0.4.0, which needs Python
3.13, and of resources_servers/math_with_judge, resources_servers/code_gen and responses_api_agents/simple_agent in
github.com/NVIDIA-NeMo/Gym."""

import json
import math
from typing import Any

import pytest

from scorer.http.nemo_gym import answer_text
from tests.scorer.http.conftest import Scorer

pytestmark = pytest.mark.asyncio(loop_scope="package")


def rollout(text: str, **row: Any) -> dict[str, Any]:
    return {
        "responses_create_params": {"input": [{"role": "user", "content": "Add."}], "tools": []},
        "response": {
            "id": "resp_1",
            "created_at": 1.0,
            "model": "policy",
            "object": "response",
            "output": [
                {"id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text", "text": "\\boxed{9}"}]},
                {
                    "id": "msg_1",
                    "type": "message",
                    "role": "assistant",
                    "status": "completed",
                    "content": [{"type": "output_text", "text": text, "annotations": []}],
                },
            ],
            "parallel_tool_calls": False,
            "tool_choice": "none",
            "tools": [],
        },
        **row,
    }


async def test_agents_begin_a_session_first(scorer: Scorer) -> None:
    heard = await scorer.server.post("/seed_session", rollout("", question="1+1?"))
    assert (heard.status, heard.value) == (200, {})


async def test_math_rows_get_their_reward_beside_what_was_sent(scorer: Scorer) -> None:
    for gold in ("1/2", "$\\frac12$", "\\(0.5\\)"):
        sent = rollout("So \\boxed{0.5}.", question="?", expected_answer=gold)
        heard = await scorer.server.post("/verify", sent)
        assert heard.status == 200
        assert heard.value == {**sent, "reward": 1.0, "reason": "REASON_MATCH"}
    wrong = await scorer.server.post("/verify", rollout("\\boxed{9}", expected_answer="0.5"))
    assert wrong.value["reward"] == 0.0


async def test_code_rows_read_and_write_or_are_called(scorer: Scorer) -> None:
    async def reward(text: str, **tests: Any) -> Any:
        row = {"verifier_metadata": {"unit_tests": tests, "difficulty": "easy"}}
        heard = await scorer.server.post("/verify", rollout(text, **row))
        assert heard.value["verifier_metadata"] == row["verifier_metadata"]
        return heard.value["reward"]

    adds = "```python\nprint(sum(map(int, input().split())))\n```"
    assert await reward(adds, inputs=["1 2", "3 4"], outputs=["3", "7\n"], fn_name=None) == 1.0
    assert await reward(adds, inputs=["1 2"], outputs=["4"]) == 0.0
    method = "```python\nclass Solution:\n    def add(self, a, b):\n        return a + b\n```"
    assert await reward(method, inputs=["1\n2", "[1]\n[2]"], outputs=["3", "[1, 2]"], fn_name="add") == 1.0
    function = "```python\ndef add(a, b):\n    return a + b\n```"
    assert await reward(function, inputs=["1\n2"], outputs=["3"], fn_name="add") == 1.0


async def test_tasks_of_the_contract(scorer: Scorer) -> None:
    task = {"math": {"gold": ["3"], "forms": ["FORM_INTEGER"]}}
    assert (await scorer.server.post("/verify", rollout("\\boxed{3}", task=task))).value["reward"] == 1.0
    assert (await scorer.server.post("/verify", rollout("\\boxed{6/2}", task=task))).value["reward"] == 0.0


async def test_numbers_that_json_does_not_have_come_back_as_null(scorer: Scorer) -> None:
    row = {"weight": math.nan, "range": [math.inf, {"low": -math.inf}], "far": "FAR"}
    sent = rollout("\\boxed{3}", expected_answer="3", **row)
    sent["response"]["temperature"] = math.nan
    body = json.dumps(sent).replace('"FAR"', "1e999")
    heard = await scorer.server.post("/verify", body.encode())
    sent["response"]["temperature"] = None
    row = {"weight": None, "range": [None, {"low": None}], "far": None}
    assert (heard.status, heard.value) == (200, {**sent, **row, "reward": 1.0, "reason": "REASON_MATCH"})
    for malformed in ({"task": math.nan}, {"task": {"gold": math.inf}}, {"expected_answer": math.nan}):
        assert (await scorer.server.post("/verify", rollout("\\boxed{3}", **malformed))).status == 422


async def test_what_has_no_reward_is_an_error(scorer: Scorer) -> None:
    undecided = rollout("\\boxed{9^{9^{9^{9}}}}", expected_answer="7^{7^{7^{7}}}")
    heard = await scorer.server.post("/verify", undecided)
    assert heard.status == 500
    assert "REASON_UNDECIDED" in heard.value["detail"]
    for body in (
        rollout("a"),
        {"expected_answer": "1"},
        rollout("a", expected_answer="[1, 2"),
        rollout("a", verifier_metadata={"unit_tests": {"inputs": ["1"], "outputs": []}}),
    ):
        assert (await scorer.server.post("/verify", body)).status == 422


async def test_only_messages_answer() -> None:
    call = {"type": "function_call", "name": "f", "arguments": "{}"}
    parts = [{"type": "output_text", "text": "a"}, {"type": "refusal", "refusal": "no"}]
    messages: list[dict[str, Any]] = [{"type": "message", "content": parts}, {"role": "assistant", "content": "b"}]
    assert answer_text([call, *messages, {"type": "message", "content": None}]) == "ab"
