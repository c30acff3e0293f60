"""What the service decides by itself: the cheap and certain comparisons, and which rest is left to a worker."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass

from codaserve.v1 import scorer_pb2 as pb
from scorer.math import verdicts
from scorer.math.compare import Decision, Written, decide, read, same_text
from scorer.math.gold_text import answer_of_gold
from scorer.math.judgement import DEFAULTS, Options
from scorer.math.process.wire import Job
from scorer.math.version import VERSION

_LONGEST_NUMBER = 10**100


@dataclass(frozen=True, slots=True)
class Open:
    """What a worker has to decide."""

    key: bytes
    """Equal for equal comparisons, and for no others."""
    job: Job
    golds: tuple[int, ...]
    """Indexes in the task of the job's gold answers."""


def settle(golds: Sequence[str], answer: str, options: Options, longest: int) -> pb.Verdict | Open:
    """The verdict about an extracted answer, or what a worker has to decide.

    Args:
        golds: As the task has them.
        answer: As it was found.
        options: What the task asks for.
        longest: Characters beyond which an answer or a gold answer is compared as text only.
    """
    if not options.forms:
        for index, gold in enumerate(golds):
            if same_text(gold, answer):
                return verdicts.right(index, "exact_text", gold.strip(), answer.strip())
    if len(answer) > longest:
        detail = f"The answer has {len(answer)} characters, more than {longest}."
        return verdicts.wrong(pb.REASON_ANSWER_TOO_LONG, detail)
    written = read(answer)
    defaults = options is DEFAULTS or options == DEFAULTS
    left: list[int] = []
    differs: tuple[Decision, Written] | None = None
    for index, gold in enumerate(golds):
        if len(gold) > longest:
            continue
        gold_written = read(answer_of_gold(gold))
        # What a task asks for may overrule what is certain without: only a worker knows.
        decision = decide(gold_written, written) if defaults else None
        if decision is None:
            left.append(index)
        elif decision.equal:
            return verdicts.right(index, decision.rule, _form(gold_written), _form(written))
        else:
            differs = decision, gold_written
    if left:
        return leave_open(golds, left, answer, options)
    detail = "The answer differs from every gold answer."
    if differs is None:
        return verdicts.wrong(pb.REASON_WRONG_ANSWER, detail)
    decision, gold_written = differs
    return verdicts.wrong(pb.REASON_WRONG_ANSWER, detail, decision.rule, _form(gold_written), _form(written))


def leave_open(golds: Sequence[str], left: Sequence[int], answer: str, options: Options) -> Open:
    """The comparison of an answer with those of the gold answers that have these indexes."""
    job = Job(tuple(golds[index] for index in left), answer, options)
    content = json.dumps([VERSION, job.golds, job.answer, astuple(options), left])
    return Open(hashlib.sha256(content.encode()).digest(), job, tuple(left))


def _form(written: Written) -> str:
    """A plain number as the value that it is, everything else as it is compared."""
    number = written.number
    if number is None or number.base is not None or number.value.denominator > _LONGEST_NUMBER:
        return written.text
    if abs(number.value.numerator) > _LONGEST_NUMBER:
        return written.text
    return f"{number.value}{'%' if number.percent else ''}{' ' if number.unit else ''}{number.unit}"
