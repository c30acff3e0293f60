"""The task that a label is: a gold answer, several, or a task of the contract in JSON."""

from typing import Any

from codaserve.adapters.tasks import answered, group_of
from codaserve.serving.http.messages import ProblemError, malformed
from codaserve.v1 import scorer_pb2 as pb


def labelled(label: Any, prompt: Any, response: str, *path: str | int) -> pb.ScoreItem:
    """The item for a response and its label.

    Args:
        label: As `codaserve.adapters.tasks.task_item` takes tasks.
        prompt: Text or conversation; those of one prompt are worked on together.
        response: What the policy wrote.
        path: Where the label is in the body.

    Raises:
        ProblemError: It is no task.
    """
    try:
        return answered(label, response, id="", group=group_of(prompt))
    except ValueError as error:
        raise ProblemError(malformed(f"{error}; docs/http.md says what a label may be", *path)) from error
