"""slime's remote reward: `--rm-type remote_rm --rm-url http://HOST:PORT/slime`.

It posts {prompt, response, label} for each sample, and the JSON that comes back is the reward. It tries again ten times
upon any error, ever later, and then ends the rollout. An undecided verdict is null, which no average takes for a
number.
"""

from typing import Any

from codaserve.serving.access.client import Client
from codaserve.serving.http.messages import Answer, Message, answer_json
from codaserve.serving.http.route import Route
from scorer.code.runner import off_the_loop
from scorer.http.desk import Desk
from scorer.http.tasks import labelled

SECONDS = 110.0
"""slime waits 120 s."""


class Sample(Message):
    """A sample of which the reward is wanted."""

    prompt: Any = None
    """Text or messages."""
    response: str
    """What the policy wrote."""
    label: Any
    """The gold answer, or a task in JSON text or as an object."""


def routes(desk: Desk) -> list[Route[Any]]:
    """What slime's rollouts call."""

    async def reward(client: Client, body: Sample) -> Answer:
        item = await off_the_loop(body.size, lambda: labelled(body.label, body.prompt, body.response, "label"))
        (result,) = await desk.score(client, [item], SECONDS)
        return answer_json(desk.score_of(result))

    summary = "The reward of a sample, a number: POST {prompt, response, label}"
    return [Route("POST", "/slime", "slime", summary, Sample, None, reward)]
