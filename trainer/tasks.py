"""Questions: a prompt for the policy and what the scorer needs to judge a response to it."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from google.protobuf import json_format

from codaserve.v1 import scorer_pb2 as pb
from trainer.rollout.transformers import encode_prompt
from trainer.settings import SourceSettings, TaskSettings
from trainer.sources import TaskError, rows

FIELDS = ("id", "level", "question", "prompt", "math", "code", "gold", "rewards")


@dataclass(frozen=True)
class Question:
    """One question."""

    id: str
    level: str | None
    """Difficulty level in the data set, if it has any."""
    prompt: str
    """What the policy is given, templates applied."""
    item: pb.ScoreItem
    """The task without a submission."""
    rewards: Mapping[str, pb.ScoreItem] = field(default_factory=dict)
    """Further tasks, by the name of the part of the reward that they are for."""

    def answered(self, response: str, *, id: str, group: str, reward: str = "") -> pb.ScoreItem:
        """The task with a response, to be scored; with the name of a part of the reward, that part's task."""
        item = pb.ScoreItem()
        item.CopyFrom(self.rewards[reward] if reward else self.item)
        item.id, item.group = id, group
        if item.HasField("math"):
            item.math.response = response
        else:
            item.code.response = response
        return item


def load_questions(
    source: SourceSettings,
    templates: TaskSettings,
    tokenizer: Any,
    *,
    max_prompt_tokens: int,
    rewards: Sequence[str] = (),
) -> tuple[list[Question], int]:
    """Reads and checks every question.

    Args:
        source: Where from.
        templates: Around the prompts.
        tokenizer: The policy's.
        max_prompt_tokens: Longest prompt.
        rewards: Names of parts of the reward that need a task of their own in every row.

    Returns:
        The questions, and how many were left out for the length of their prompt.

    Raises:
        TaskError: A row is malformed, an id is there twice, a prompt is too long, or no question is left.
    """
    questions: list[Question] = []
    places: dict[str, str] = {}
    dropped = 0
    for number, (place, row) in enumerate(rows(source), 1):
        question = parse_question(place, row, templates, tokenizer, default_id=str(number), rewards=rewards)
        if question.id in places:
            raise TaskError(f"{place}: field 'id': {question.id!r} is also that of {places[question.id]}")
        places[question.id] = place
        length = len(encode_prompt(tokenizer, question.prompt, special_tokens=not templates.chat_template))
        if length == 0:
            raise TaskError(f"{place}: field 'question': the prompt is empty")
        if length <= max_prompt_tokens:
            questions.append(question)
        elif templates.drop_long_prompts:
            dropped += 1
        else:
            raise TaskError(
                f"{place}: field 'question': the prompt has {length} tokens, max_prompt_tokens is "
                f"{max_prompt_tokens}: raise it, or set tasks.drop_long_prompts"
            )
    if not questions:
        raise TaskError(f"{source.file or source.dataset}: no questions")
    return questions, dropped


def parse_question(
    place: str,
    row: dict[str, Any],
    templates: TaskSettings,
    tokenizer: Any,
    *,
    default_id: str,
    rewards: Sequence[str] = (),
) -> Question:
    """One row as a question; `rewards` as in `load_questions`.

    Raises:
        TaskError: A field is missing, unknown or malformed.
    """
    unknown = sorted(set(row) - set(FIELDS))
    if unknown:
        raise TaskError(f"{place}: field {unknown[0]!r} is unknown; use {', '.join(FIELDS)}, or set columns")
    for name, value in row.items():
        try:
            json.dumps(value, ensure_ascii=False, default=str).encode()
        except UnicodeEncodeError as error:
            raise TaskError(f"{place}: field {name!r}: not Unicode text: {error.reason}") from error
    identity, level = row.get("id"), row.get("level")
    for name, value in (("id", identity), ("level", level)):
        if value is not None and (isinstance(value, bool) or not isinstance(value, str | int)):
            raise TaskError(f"{place}: field '{name}': expected text or a number, found {type(value).__name__}")
    return Question(
        default_id if identity is None else str(identity),
        None if level is None else str(level),
        _prompt(place, row, templates, tokenizer),
        _item(place, row),
        _rewards(place, row.get("rewards", {}), rewards),
    )


def _prompt(place: str, row: dict[str, Any], templates: TaskSettings, tokenizer: Any) -> str:
    given = [name for name in ("question", "prompt") if name in row]
    if len(given) != 1:
        raise TaskError(f"{place}: field 'question': give either question or prompt")
    text = row[given[0]]
    if not isinstance(text, str) or not text:
        raise TaskError(f"{place}: field '{given[0]}': expected text")
    if given[0] == "prompt":
        return text
    text = templates.prompt_template.replace("{question}", text)  # not str.format: prompts are full of braces
    if not templates.chat_template:
        return text
    if not tokenizer.chat_template:
        raise TaskError("tasks.chat_template: the tokenizer has no chat template")
    message = [{"role": "user", "content": text}]
    return str(tokenizer.apply_chat_template(message, tokenize=False, add_generation_prompt=True))


def _rewards(place: str, tasks: Any, names: Sequence[str]) -> dict[str, pb.ScoreItem]:
    if not isinstance(tasks, dict):
        raise TaskError(f"{place}: field 'rewards': expected an object of tasks, found {type(tasks).__name__}")
    items = {}
    for name in names:
        if not isinstance(tasks.get(name), dict):
            raise TaskError(f"{place}: field 'rewards.{name}': the reward {name} needs a task here, math or code")
        if unknown := sorted(set(tasks[name]) - {"math", "code", "gold"}):
            raise TaskError(f"{place}: field 'rewards.{name}.{unknown[0]}' is unknown; use math, code or gold")
        items[name] = _item(place, tasks[name], f"rewards.{name}.")
    return items


def _item(place: str, row: dict[str, Any], before: str = "") -> pb.ScoreItem:
    given = [name for name in ("math", "code", "gold") if name in row]
    if len(given) != 1:
        raise TaskError(f"{place}: field '{before}math': give one of math, code or gold")
    task: dict[str, Any] = {given[0]: row[given[0]]}
    if given[0] == "gold":
        task = {"math": {"gold": _gold(place, row["gold"])}}
    try:
        item: pb.ScoreItem = json_format.ParseDict(task, pb.ScoreItem())
    except json_format.ParseError as error:
        raise TaskError(f"{place}: field '{before}{given[0]}': {error}") from error
    missing = _missing(item)
    if missing:
        raise TaskError(f"{place}: field '{before}{missing}")
    return item


def _gold(place: str, value: Any) -> list[str]:
    """Gold answers as text; what has no plain text, as null or true, would become an answer that nobody meant."""
    answers = value if isinstance(value, list) else [value]
    for answer in answers:
        plain = isinstance(answer, str | int | float | Decimal) and not isinstance(answer, bool)
        if not plain or (not isinstance(answer, str) and not math.isfinite(answer)):
            raise TaskError(f"{place}: field 'gold': expected text or a number or a list of them, found {answer!r}")
    return [str(answer) for answer in answers]


def _missing(item: pb.ScoreItem) -> str:
    if item.HasField("math"):
        if item.math.WhichOneof("submission"):
            return f"math.{item.math.WhichOneof('submission')}': leave it out, the trainer fills in the response"
        if not item.math.gold:
            return "math.gold': at least one gold answer is needed"
        return "" if all(gold.strip() for gold in item.math.gold) else "math.gold': a gold answer is empty"
    if item.code.WhichOneof("submission"):
        return f"code.{item.code.WhichOneof('submission')}': leave it out, the trainer fills in the response"
    if not item.code.language:
        return "code.language': needed"
    return _missing_tests(item.code)


def _missing_tests(code: pb.CodeTask) -> str:
    kind = code.WhichOneof("tests")
    if kind is None:
        return "code': tests are needed: stdio, calls or asserts"
    if kind == "asserts":
        return "" if code.asserts.script.strip() else "code.asserts.script': needed"
    if not (code.stdio.cases if kind == "stdio" else code.calls.cases):
        return f"code.{kind}.cases': at least one case is needed"
    if kind == "stdio":
        return ""
    if not code.entry_point:
        return "code.entry_point': needed for calls"
    for number, case in enumerate(code.calls.cases):
        for name, text, kind, what in (
            ("arguments", case.arguments or "[]", list, "a JSON array"),
            ("keyword_arguments", case.keyword_arguments or "{}", dict, "a JSON object"),
            ("expected", case.expected, object, "JSON"),
        ):
            if not _is_json(text, kind):
                return f"code.calls.cases[{number}].{name}': expected {what} as text"
    return ""


def _is_json(text: str, kind: type) -> bool:
    try:
        return isinstance(json.loads(text), kind)
    except (ValueError, RecursionError):
        return False


def fingerprint(questions: Sequence[Question]) -> str:
    """A digest of all that training sees of the questions, to tell at resumption whether they are the same."""
    digest = hashlib.sha256()
    for question in questions:
        item = question.item.SerializeToString(deterministic=True)
        rewards = [(name.encode(), of.SerializeToString(deterministic=True)) for name, of in question.rewards.items()]
        texts = (question.id.encode(), (question.level or "").encode(), question.prompt.encode(), item)
        for part in (*texts, *(part for reward in sorted(rewards) for part in reward)):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
