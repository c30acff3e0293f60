"""NeMo-Gym's resources servers: `/verify`, and `/seed_session`, which its agents call first.

A request has the policy's answer as a Response of OpenAI's and the fields of its data set's row: `expected_answer` (as
of math_with_judge), `verifier_metadata.unit_tests` (as of code_gen), or `task`, a task of the contract. The answer is
the request with `reward`, numbers that JSON does not have being null. Agents raise upon an error, so that the rollout
fails; that is how a failure is told, and an undecided verdict too, since `reward` has to be a number and not all
versions know `mask_sample`.
"""

import json
from typing import Any

from pydantic import ConfigDict

from codaserve.serving.access.client import Client
from codaserve.serving.http.messages import Answer, Message, Problem, ProblemError, answer_json, malformed
from codaserve.serving.http.route import Nothing, Route
from codaserve.v1 import scorer_pb2 as pb
from scorer.code.runner import off_the_loop
from scorer.http.desk import Desk
from scorer.http.tasks import labelled

SECONDS = 600.0
"""NeMo-Gym's client waits without end."""


class UnitTests(Message):
    """Tests as LiveCodeBench has them."""

    inputs: list[str]
    """Standard input of each case; with fn_name the arguments, each as JSON on a line of its own."""
    outputs: list[str]
    """Standard output of each; with fn_name the value as JSON."""
    fn_name: str | None = None
    """The function to call; none for programs that read and write."""


class VerifierMetadata(Message):
    """What a data set's row says for code_gen."""

    model_config = ConfigDict(extra="allow")

    unit_tests: UnitTests


class ModelResponse(Message):
    """A Response of OpenAI's, as far as it is looked at."""

    model_config = ConfigDict(extra="allow")

    output: list[dict[str, Any]]
    """Items; the texts of all messages are the answer."""


class VerifyRequest(Message):
    """A rollout, and what its row says of the right answer."""

    model_config = ConfigDict(extra="allow")

    responses_create_params: dict[str, Any]
    """What the policy was asked."""
    response: ModelResponse
    """What it answered."""
    expected_answer: str | None = None
    """The gold answer of a math question."""
    verifier_metadata: VerifierMetadata | None = None
    """The tests of a programming question, in Python."""
    task: Any = None
    """A task of the contract, or gold answers."""


class VerifyReply(VerifyRequest):
    """The request, with its reward."""

    reward: float
    """The score."""
    reason: str
    """Why, as the contract names it."""


def routes(desk: Desk) -> list[Route[Any]]:
    """What NeMo-Gym's agents call."""

    async def verify(client: Client, body: VerifyRequest) -> Answer:
        item = await off_the_loop(body.size, lambda: _item(body))
        (result,) = await desk.score(client, [item], SECONDS)
        reward = desk.score_of(result)
        reason = pb.Reason.Name(result.verdict.reason)
        if reward is None:
            raise ProblemError(
                Problem(500, f"undecided, so that there is no reward: {reason}: {result.verdict.detail}")
            )
        told = {"reward": reward, "reason": reason}
        whole = body.model_copy(update=told)
        # JSON has no NaN and no infinity, which a row may have all the same: they come back as null.
        return await off_the_loop(body.size, lambda: Answer(200, whole.model_dump_json(exclude_unset=True).encode()))

    async def seed_session(client: Client, body: Nothing) -> Answer:
        return answer_json({})

    summary = "The request with its reward: POST a rollout and the fields of its row"
    return [
        Route("POST", "/verify", "NeMo-Gym", summary, VerifyRequest, VerifyReply, verify),
        Route("POST", "/seed_session", "NeMo-Gym", "Nothing: there are no sessions", Nothing, None, seed_session),
    ]


def _item(body: VerifyRequest) -> pb.ScoreItem:
    asked = body.responses_create_params.get("input")
    written = answer_text(body.response.output)
    if body.task is not None:
        return labelled(body.task, asked, written, "task")
    if body.expected_answer is not None:
        return labelled({"gold": _bare(body.expected_answer)}, asked, written, "expected_answer")
    if body.verifier_metadata is not None:
        return labelled(
            {"code": _code(body.verifier_metadata.unit_tests, written)}, asked, written, "verifier_metadata"
        )
    raise ProblemError(malformed("give expected_answer, verifier_metadata.unit_tests or task", "expected_answer"))


def answer_text(output: list[dict[str, Any]]) -> str:
    """The texts of a Response's messages; what it reasoned and called is left out."""
    texts = []
    for item in output:
        content = item.get("content") if item.get("type", "message") == "message" else None
        if isinstance(content, str):
            texts.append(content)
        for part in content if isinstance(content, list) else []:
            if isinstance(part, dict) and part.get("type") == "output_text" and isinstance(part.get("text"), str):
                texts.append(part["text"])
    return "".join(texts)


def _bare(gold: str) -> str:
    r"""A gold answer without \(...\) or $...$ around it."""
    text = gold.strip()
    for opening, closing in (("\\(", "\\)"), ("$$", "$$"), ("$", "$")):
        inner = text[len(opening) : -len(closing)]
        if text.startswith(opening) and text.endswith(closing) and len(text) > len(opening + closing):
            return text if closing in inner else inner.strip()
    return text


def _code(tests: UnitTests, written: str) -> dict[str, Any]:
    if len(tests.inputs) != len(tests.outputs):
        message = f"{len(tests.outputs)} outputs for {len(tests.inputs)} inputs"
        raise ProblemError(malformed(message, "verifier_metadata", "unit_tests", "outputs"))
    cases = list(zip(tests.inputs, tests.outputs, strict=True))
    if tests.fn_name is None:
        stdio = [{"input": given, "output": wanted} for given, wanted in cases]
        return {"language": "python", "stdio": {"cases": stdio}}
    calls = [{"arguments": f"[{','.join(_lines(given))}]", "expected": wanted} for given, wanted in cases]
    in_a_class = "class Solution" in written
    entry_point = f"Solution().{tests.fn_name}" if in_a_class else tests.fn_name
    return {"language": "python", "entry_point": entry_point, "calls": {"cases": calls}}


def _lines(text: str) -> list[str]:
    """The JSON values of a text, one on each line or, where one goes over several, all of it."""
    lines = [line for line in text.splitlines() if line.strip()]
    try:
        for line in lines:
            json.loads(line)
    except ValueError:
        return [text]
    return lines
