"""What the service decides by itself: the cheap and certain comparisons, and which rest is left to a worker."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass

from codaserve.v1 import scorer_pb2 as pb
from scorer.math import verdicts
from scorer.math.compare import Decision, Written, decide, read, same_text
from scorer.math.hazards import hazard, surely_larger
from scorer.math.judgement import Options, Outcome
from scorer.math.process.wire import Job
from scorer.math.version import VERSION

_PLAIN = Options()
_LONGEST_NUMBER = 10**100


@dataclass(frozen=True, slots=True)
class Open:
    """What a worker has to decide."""

    key: bytes
    """Equal for equal comparisons, and for no others."""
    job: Job
    golds: tuple[int, ...]
    """Indexes in the task of the job's gold answers."""
    otherwise: pb.Verdict | None
    """The verdict if none of them matches, since a gold answer that is too dangerous to evaluate might have."""


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
    left: list[int] = []
    differs: tuple[Decision, Written] | None = None
    for index, gold in enumerate(golds):
        if len(gold) > longest:
            continue
        gold_written = read(gold)
        # What a task asks for may overrule what is certain without: only a worker knows.
        decision = decide(gold_written, written) if options == _PLAIN else None
        if decision is None:
            left.append(index)
        elif decision.equal:
            return verdicts.right(index, decision.rule, _form(gold_written), _form(written))
        else:
            differs = decision, gold_written
    safe = [index for index in left if not _hazard(golds[index], written)]
    otherwise = _refused(golds, [index for index in left if index not in safe], written)
    if safe:
        return _open(golds, safe, written, options, otherwise)
    if otherwise is not None:
        return otherwise
    detail = "The answer differs from every gold answer."
    if differs is None:
        return verdicts.wrong(pb.REASON_WRONG_ANSWER, detail)
    decision, gold_written = differs
    return verdicts.wrong(pb.REASON_WRONG_ANSWER, detail, decision.rule, _form(gold_written), _form(written))


def _hazard(gold: str, answer: Written) -> str:
    return hazard(answer.text) or hazard(read(gold).text)


def _refused(golds: Sequence[str], refused: Sequence[int], answer: Written) -> pb.Verdict | None:
    """The verdict about gold answers that must not be evaluated; None when all surely differ."""
    for index in refused:
        gold = read(golds[index])
        if not surely_larger(answer.text, gold.number) and not surely_larger(gold.text, answer.number):
            return verdicts.undecided(Outcome.SIZE, f"Not compared: {_hazard(golds[index], answer)}.")
    return None


def _open(
    golds: Sequence[str], left: Sequence[int], answer: Written, options: Options, otherwise: pb.Verdict | None
) -> Open:
    job = Job(tuple(read(golds[index]).text for index in left), answer.text, options)
    rest = "" if otherwise is None else otherwise.detail
    content = json.dumps([VERSION, job.golds, job.answer, astuple(options), left, rest])
    return Open(hashlib.sha256(content.encode()).digest(), job, tuple(left), otherwise)


def _form(written: Written) -> str:
    """A plain number as the value that it is, everything else as it is compared."""
    number = written.number
    if number is None or number.base is not None or number.value.denominator > _LONGEST_NUMBER:
        return written.text
    if abs(number.value.numerator) > _LONGEST_NUMBER:
        return written.text
    return f"{number.value}{'%' if number.percent else ''}{' ' if number.unit else ''}{number.unit}"
