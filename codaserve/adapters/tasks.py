"""From a trainer's row to a score item: what the row says about the right answer, and the text of a response."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from google.protobuf import json_format

from codaserve.v1 import scorer_pb2 as pb

KINDS = ("math", "code", "gold")
"""Names of which a task in JSON has one: tasks of the contract, or gold answers alone."""


def task_item(task: Any) -> pb.ScoreItem:
    """The task of a row as a score item without a submission.

    Args:
        task: One of
            - a ScoreItem;
            - an object {"math": ...}, {"code": ...} or {"gold": ...}, the first two in the JSON mapping of the
              contract; names without a value, as a table's other rows bring them, do not count;
            - the same as JSON text, which keeps rows of different kinds apart in one column;
            - any other text or number, or a list of them: the gold answers of a math task.

    Raises:
        ValueError: It is none of these, or has a submission already.
    """
    if isinstance(task, pb.ScoreItem):
        item = task
    else:
        if isinstance(task, str):
            task = _object(task) or task
        item = _of_object(task) if isinstance(task, Mapping) else _of_gold(task)
    kind = item.WhichOneof("task")
    if kind is None:
        raise ValueError("task: give one of math, code or gold")
    submission = getattr(item, kind).WhichOneof("submission")
    if submission:
        raise ValueError(f"task: leave out {kind}.{submission}, the response is filled in")
    return item


def task_or(task: Any, answer: Any) -> Any:
    """A row's `task` if that says what is right, else its answer.

    Data sets call other things `task` too, a subject say, which would beat the answer as if it were one. So what counts
    is a ScoreItem, an object, or an object of `task_item` as JSON text; not other text, a number or a list.
    """
    if isinstance(task, Mapping):
        given = any(value is not None for value in task.values())
    else:
        given = isinstance(task, pb.ScoreItem) or (isinstance(task, str) and _object(task) is not None)
    return task if given else answer


def answered(task: Any, response: str, *, id: str, group: str) -> pb.ScoreItem:
    """The item that asks for the score of a response.

    Raises:
        ValueError: As `task_item`.
    """
    item = pb.ScoreItem()
    item.CopyFrom(task_item(task))
    item.id, item.group = id, group
    readable = response.encode("utf-8", "replace").decode()  # a lone surrogate is no text to protobuf
    (item.math if item.HasField("math") else item.code).response = readable
    return item


def group_of(prompt: Any) -> str:
    """The same for equal prompts, so that the rollouts of one prompt are worked on together."""
    text = prompt if isinstance(prompt, str) else json.dumps(prompt, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


def text_of(completion: Any) -> str:
    """A completion's text: itself, or the last message of the assistant where it is a conversation.

    Raises:
        ValueError: It is neither.
    """
    if isinstance(completion, str):
        return completion
    if isinstance(completion, Mapping):
        return _content(completion.get("content"))
    if isinstance(completion, Sequence):
        said = [message for message in completion if _role(message) == "assistant"]
        return text_of(_plain(said[-1])) if said else ""
    raise ValueError(f"completion: expected text or messages, found {type(completion).__name__}")


def _role(message: Any) -> Any:
    return message.get("role") if isinstance(message, Mapping) else getattr(message, "role", None)


def _plain(message: Any) -> Mapping[str, Any]:
    return message if isinstance(message, Mapping) else {"content": message.content}


def _content(content: Any) -> str:
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    parts = [part if isinstance(part, Mapping) else vars(part) for part in content]
    return "".join(str(part.get("text") or "") for part in parts if part.get("type", "text") in ("text", "output_text"))


def _object(text: str) -> dict[str, Any] | None:
    """A task in JSON; None for all other text, a set {1, 2} of numbers say."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and any(name in value for name in KINDS) else None


def _of_object(task: Mapping[str, Any]) -> pb.ScoreItem:
    given = {name: _without_none(value) for name, value in task.items() if value is not None}
    if unknown := sorted(set(given) - set(KINDS)):
        raise ValueError(f"task: unknown name {unknown[0]!r}; use math, code or gold")
    if len(given) != 1:
        raise ValueError("task: give one of math, code or gold")
    if "gold" in given:
        return _of_gold(given["gold"])
    try:
        item: pb.ScoreItem = json_format.ParseDict(given, pb.ScoreItem())
    except json_format.ParseError as error:
        raise ValueError(f"task: {error}") from error
    return item


def _without_none(value: Any) -> Any:
    """A table gives every row the names of all rows; what is None was not given."""
    if isinstance(value, Mapping):
        return {name: _without_none(one) for name, one in value.items() if one is not None}
    if isinstance(value, list | tuple):
        return [_without_none(one) for one in value]
    return value


def _of_gold(gold: Any) -> pb.ScoreItem:
    answers = list(gold) if isinstance(gold, list | tuple) else [gold]
    for answer in answers:
        plain = isinstance(answer, str | int | float) and not isinstance(answer, bool)
        if not plain or (isinstance(answer, float) and not math.isfinite(answer)):
            raise ValueError(f"task: expected a gold answer as text or a number, found {answer!r}")
    if not answers or not all(str(answer).strip() for answer in answers):
        raise ValueError("task: a gold answer is needed, and none may be empty")
    return pb.ScoreItem(math=pb.MathTask(gold=[str(answer) for answer in answers]))
