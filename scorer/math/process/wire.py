"""What the service and a math worker say to each other: JSON after four bytes of length, over a stream socket.

The service does not trust what a worker sends.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any

from scorer.math.judgement import Options, Outcome

HEADER = 4
MAX_REPLY = 2**22
"""Bytes of a reply; a worker that announces more is taken for broken."""
FORM_CHARS = 4096
"""Characters of a canonical form that are sent."""
STEP_CHARS = 4096
_PLAIN = Options()


@dataclass(frozen=True, slots=True)
class Job:
    """One answer and all gold answers that it is to be compared with, as they were written."""

    golds: tuple[str, ...]
    answer: str
    options: Options = _PLAIN
    traced: bool = False
    """Whether the steps taken are wanted."""


@dataclass(frozen=True, slots=True)
class Step:
    """One method that was tried."""

    gold: int
    method: str
    said: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of a job."""

    outcome: Outcome
    gold: int = 0
    """Index of the gold answer that matched, else of the one that the rest is about."""
    rule: str = ""
    gold_form: str = ""
    answer_form: str = ""
    detail: str = ""
    steps: tuple[Step, ...] = ()
    retire: bool = False
    """The worker may not be used for another job."""
    fault: str = ""
    """Where the comparison raised what it may not raise; then the rest means nothing."""


def encode_job(job: Job) -> bytes:
    """A job as bytes, length included."""
    options = None if job.options == _PLAIN else asdict(job.options)
    return _framed([job.golds, job.answer, options, job.traced])


def decode_job(body: bytes) -> Job:
    """The job that the bytes after the header are."""
    golds, answer, options, traced = json.loads(body)
    if options is not None:
        options = Options(**{**options, "choices": tuple(options["choices"]), "forms": tuple(options["forms"])})
    return Job(tuple(golds), answer, options or _PLAIN, traced)


def encode_reply(reply: Reply) -> bytes:
    """A reply as bytes, length included; forms and steps are cut."""
    steps = [[step.gold, step.method, step.said[:STEP_CHARS]] for step in reply.steps]
    forms = [reply.gold_form[:FORM_CHARS], reply.answer_form[:FORM_CHARS]]
    outcome = reply.outcome.value
    return _framed([outcome, reply.gold, reply.rule, *forms, reply.detail, steps, reply.retire, reply.fault])


def decode_reply(body: bytes) -> Reply:
    """The reply that the bytes after the header are.

    Raises:
        ValueError: They are none.
    """
    try:
        outcome, gold, rule, gold_form, answer_form, detail, steps, retire, fault = json.loads(body)
        return Reply(
            Outcome(outcome),
            gold=int(gold),
            rule=_text(rule),
            gold_form=_text(gold_form),
            answer_form=_text(answer_form),
            detail=_text(detail),
            steps=tuple(Step(int(step[0]), _text(step[1]), _text(step[2])) for step in steps),
            retire=bool(retire),
            fault=_text(fault),
        )
    except (TypeError, IndexError, RecursionError) as error:
        raise ValueError("not a reply") from error


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not text")
    return value.encode("utf-8", "backslashreplace").decode()  # protobuf takes no lone surrogates


def _framed(value: Any) -> bytes:
    body = json.dumps(value).encode()
    return len(body).to_bytes(HEADER, "big") + body
