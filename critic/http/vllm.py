"""vLLM's `/pooling` and `/classify`, as its servers of process reward models are called.

A text is prompt and response as the policy sees them, with a separator behind each step. `/pooling` gives a row for
each separator, `[1 - V, V]`, V being the value of the state before it; `/classify` gives one for the whole text. With a
separator also behind the prompt the values are those of gRPC, to which the critic was trained: the first row is then
the prompt's, and each further one less the one before is the advantage of a step. Without one, what stands before the
first separator is tokenized in one piece, which makes little difference.
"""

import asyncio
import time
import uuid
from http import HTTPStatus
from itertools import accumulate
from typing import Any, Literal

from codaserve.serving.access.client import Client
from codaserve.serving.http.messages import Answer, Message, Problem, ProblemError, answer_json, malformed
from codaserve.serving.http.route import Nothing, Route
from codaserve.v1 import critic_pb2 as pb
from critic.service import CriticService
from critic.settings import CriticSettings

LABELS = ("wrong", "right")
"""Of the two classes: whether the answer will end up right."""
_STATUS = {
    pb.CRITIC_FAILURE_SHUTTING_DOWN: 503,
    pb.CRITIC_FAILURE_DEADLINE: 504,
    pb.CRITIC_FAILURE_INVALID_INPUT: 400,
    pb.CRITIC_FAILURE_TOO_LONG: 400,
}
LATER_MS = 1000
"""When to send again what failed for a reason that can pass."""


class TextsRequest(Message):
    """Texts to value."""

    input: str | list[str]
    """One or several."""
    model: str | None = None
    """Any name: there is one model."""
    encoding_format: Literal["float"] = "float"
    """Numbers come as JSON."""
    truncate_prompt_tokens: Literal[-1] | None = None
    """-1 leaves out as many tokens before the first separator as the model cannot take; by default such a text is
    refused. One of more characters than so many tokens can have, 64 each or those of the longest, always is."""
    use_activation: Literal[True] | None = None
    """Values are probabilities."""


class PoolingRequest(TextsRequest):
    """Texts to value at each step."""

    task: Literal["token_classify"] | None = None
    """A row for each separator."""


class Usage(Message):
    """What was computed."""

    prompt_tokens: int
    """Tokens of all texts."""
    total_tokens: int
    """The same."""
    completion_tokens: int = 0
    """None is ever written."""


class PoolingData(Message):
    """One text."""

    index: int
    """Its place in the request."""
    object: Literal["pooling"] = "pooling"
    data: list[list[float]]
    """For each separator the probabilities that the answer ends up wrong, and right; one pair if there is none."""


class PoolingReply(Message):
    """The values of all texts."""

    id: str
    """Made up."""
    object: Literal["list"] = "list"
    created: int
    """Seconds since 1970."""
    model: str
    """As asked for, or the checkpoint's identity."""
    data: list[PoolingData]
    """In order."""
    usage: Usage
    """What was computed."""


class ClassifyData(Message):
    """One text."""

    index: int
    """Its place in the request."""
    label: str
    """The likelier one: wrong or right."""
    probs: list[float]
    """That the answer ends up wrong, and right."""
    num_classes: int = 2
    """Always 2."""


class ClassifyReply(Message):
    """The values of all texts."""

    id: str
    """Made up."""
    object: Literal["list"] = "list"
    created: int
    """Seconds since 1970."""
    model: str
    """As asked for, or the checkpoint's identity."""
    data: list[ClassifyData]
    """In order."""
    usage: Usage
    """What was computed."""


def routes(service: CriticService, settings: CriticSettings) -> list[Route[Any]]:
    """What clients of vLLM call."""

    async def evaluate(client: Client, body: TextsRequest, groups: list[pb.StateGroup]) -> list[pb.GroupValues]:
        for group in groups:
            group.truncate = body.truncate_prompt_tokens is not None
        deadline = asyncio.get_running_loop().time() + settings.limits.max_seconds
        return [_values(found, index) for index, found in enumerate(await service.evaluate(client, groups, deadline))]

    def texts(body: TextsRequest) -> list[Marked]:
        given = [body.input] if isinstance(body.input, str) else body.input
        if not 1 <= len(given) <= settings.limits.max_groups:
            message = f"input has {len(given)} texts; send 1 to {settings.limits.max_groups}"
            raise ProblemError(malformed(message, "input"))
        most = settings.limits.max_tokens
        return [Marked(text, settings.http.separator, most, index) for index, text in enumerate(given)]

    async def pooling(client: Client, body: PoolingRequest) -> Answer:
        found = await evaluate(client, body, [text.steps for text in texts(body)])
        data = [
            PoolingData(index=index, data=[_pair(value) for value in _all(values)])
            for index, values in enumerate(found)
        ]
        reply = PoolingReply(**_frame("pool", body, found), data=data)
        return answer_json(reply.model_dump())

    async def classify(client: Client, body: TextsRequest) -> Answer:
        found = await evaluate(client, body, [text.whole for text in texts(body)])
        data = []
        for index, values in enumerate(found):
            value = _all(values)[-1]
            data.append(ClassifyData(index=index, label=LABELS[value > 0.5], probs=_pair(value)))
        return answer_json(ClassifyReply(**_frame("classify", body, found), data=data).model_dump())

    async def health(client: Client, body: Nothing) -> Answer:
        service.refuse_when_stopping()
        return Answer(200, b"")

    steps, whole = "The values of a text's steps", "The value of a text"
    return [
        Route("POST", "/pooling", "vLLM", steps, PoolingRequest, PoolingReply, pooling, complain),
        Route("POST", "/classify", "vLLM", whole, TextsRequest, ClassifyReply, classify, complain),
        Route("GET", "/health", "vLLM", "Whether it is there", Nothing, None, health, complain, open=True),
    ]


class Marked:
    """A text with separators behind its steps."""

    def __init__(self, text: str, separator: str, most: int, index: int) -> None:
        """Args:
        text: The text.
        separator: What stands behind each step.
        most: Steps at most.
        index: The text's place in the request.

        Raises:
            ProblemError: A step is empty, or there are too many.
        """
        if text.count(separator) > most:
            raise ProblemError(malformed(f"there are more than {most} steps", "input", index))
        self._prompt, *self._steps = text.split(separator)
        if not all(self._steps[:-1]):
            raise ProblemError(malformed("a step is empty; it needs at least one character", "input", index))

    @property
    def steps(self) -> pb.StateGroup:
        """What stands before the last separator, to be valued at each; all of a text without any."""
        return self._group(self._steps[:-1])

    @property
    def whole(self) -> pb.StateGroup:
        """All of it, to be valued at the end."""
        return self._group([step for step in self._steps if step])

    def _group(self, steps: list[str]) -> pb.StateGroup:
        response = pb.Response(text="".join(steps), step_ends=accumulate(map(len, steps)))
        return pb.StateGroup(prompt=self._prompt, responses=pb.Responses(responses=[response]))


def complain(problem: Problem) -> Answer:
    """A problem as vLLM tells it."""
    status = 400 if problem.status == 422 else problem.status
    path = problem.faults[0][0] if problem.faults else ()
    error = {
        "message": problem.message,
        "type": HTTPStatus(status).phrase,
        "param": ".".join(map(str, ("body", *path))) if path else None,
        "code": status,
    }
    return answer_json({"error": error}, status, retry_after_ms=problem.retry_after_ms)


def _values(evaluation: pb.GroupEvaluation, index: int) -> pb.GroupValues:
    if evaluation.HasField("values"):
        return evaluation.values
    failure = evaluation.failure
    status = _STATUS.get(failure.code, 500)
    faults = [(("input", index), failure.message)] if status == 400 else []
    later = LATER_MS if failure.retryable else None
    raise ProblemError(Problem(status, f"input {index}: {failure.message}", faults, later))


def _all(values: pb.GroupValues) -> list[float]:
    """The value of the prompt, and of each step."""
    return [values.prompt_value, *(step.value for step in values.responses[0].steps)]


def _pair(value: float) -> list[float]:
    return [1 - value, value]


def _frame(kind: str, body: TextsRequest, found: list[pb.GroupValues]) -> dict[str, Any]:
    """What both answers have around their data."""
    tokens = sum(values.tokens for values in found)
    return {
        "id": f"{kind}-{uuid.uuid4().hex}",
        "created": int(time.time()),
        "model": body.model or found[0].checkpoint,
        "usage": Usage(prompt_tokens=tokens, total_tokens=tokens),
    }
