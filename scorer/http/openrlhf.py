"""OpenRLHF's remote reward: `--reward.remote_url http://HOST:PORT/get_reward`.

Its workers post {query, prompts, labels}, one sample in each request (0.11), where a query is prompt and response in
one text as the tokenizer decodes it, special tokens included. They try again five times upon any error, and then go on
without a reward, which is also what "rewards": null says to them. Requests with empty lists, as versions before sent to
all URLs but the first, are answered by empty lists.

A failure is an error; an undecided verdict is null. Neither is ever 0.
"""

from typing import Any

from pydantic import Field

from codaserve.adapters.queries import response_of
from codaserve.serving.access.client import Client
from codaserve.serving.http.messages import Answer, Message, ProblemError, answer_json, malformed
from codaserve.serving.http.route import Route
from codaserve.v1 import scorer_pb2 as pb
from scorer.code.runner import off_the_loop
from scorer.http.desk import Desk
from scorer.http.tasks import labelled

SECONDS = 170.0
"""OpenRLHF waits 180 s."""


class RewardRequest(Message):
    """Samples of which rewards are wanted."""

    query: list[str]
    """Prompt and response in one text."""
    prompts: list[str] = Field(default_factory=list)
    """The prompts, of which the queries have the responses behind."""
    labels: list[Any] = Field(default_factory=list)
    """For each the gold answer, or a task in JSON text."""


class RewardReply(Message):
    """Their rewards."""

    rewards: list[float] | None
    """One for each; null if one of them has none."""
    scores: list[float] | None
    """The same."""
    extra_logs: dict[str, Any]
    """Empty."""


def routes(desk: Desk) -> list[Route[Any]]:
    """What OpenRLHF's workers call."""

    async def get_reward(client: Client, body: RewardRequest) -> Answer:
        for name in ("prompts", "labels"):
            if len(getattr(body, name)) != len(body.query):
                message = f"{name} has {len(getattr(body, name))} entries for {len(body.query)} in query"
                raise ProblemError(malformed(message, name))
        desk.refuse_more(len(body.query), "query")
        items = await off_the_loop(body.size, lambda: _items(body))
        results = await desk.score(client, items, SECONDS) if items else []
        scores = [desk.score_of(result) for result in results]
        rewards = None if None in scores else scores
        return answer_json({"rewards": rewards, "scores": rewards, "extra_logs": {}})

    summary = "Rewards of samples: POST {query, prompts, labels}"
    return [Route("POST", "/get_reward", "OpenRLHF", summary, RewardRequest, RewardReply, get_reward)]


def _items(body: RewardRequest) -> list[pb.ScoreItem]:
    return [
        labelled(label, prompt, response_in(query, prompt, index), "labels", index)
        for index, (query, prompt, label) in enumerate(zip(body.query, body.prompts, body.labels, strict=True))
    ]


def response_in(query: str, prompt: str, index: int = 0) -> str:
    """As `response_of`.

    Raises:
        ProblemError: The prompt is not in it.
    """
    try:
        return response_of(query, prompt)
    except ValueError as error:
        raise ProblemError(malformed(str(error), "query", index)) from error
