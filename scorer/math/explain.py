"""What the verifier did with one answer, step by step, for people."""

import asyncio
from dataclasses import dataclass

from codaserve.v1 import scorer_pb2 as pb
from scorer.errors import MachineLoaded, TaskError
from scorer.math.compare import decide, read, same_text
from scorer.math.judgement import Options
from scorer.math.normalise import normalise
from scorer.math.process.handle import WorkerCrashed
from scorer.math.validate import read_options
from scorer.math.verifier import MathVerifier, find, finished

SECONDS = 600.0
"""Until when the verdict must be there; the verifier's own limits are far below."""
QUOTED_CHARS = 300


@dataclass(frozen=True)
class Explanation:
    """The path and where it led: a verdict or why there is none."""

    lines: tuple[tuple[str, str], ...]
    """What each line is about, and what it says."""
    verdict: pb.Verdict | None


async def explain(verifier: MathVerifier, task: pb.MathTask) -> Explanation:
    """Judges an answer and tells how.

    Args:
        verifier: Started; keeps no verdicts.
        task: Gold answers and the response or the answer.
    """
    lines: list[tuple[str, str]] = []
    try:
        found = find(task)
        extraction = found.extraction
        if extraction is not None:
            lines.append(("found", _quoted(extraction.answer)))
            lines.append(("  by", f"{extraction.rule}{_place(task.response, extraction.answer)}"))
            lines.append(("  normalised", _quoted(normalise(extraction.answer))))
        begun = verifier.begin(task, found)
        for index, gold in enumerate(task.gold):
            lines.append((f"gold {index}", _quoted(gold)))
            lines.append(("  normalised", _quoted(normalise(gold))))
            if extraction is not None:
                lines.append(("  text, numbers", _at_once(gold, extraction.answer, read_options(task))))
        if isinstance(begun, pb.Verdict):
            return Explanation((*lines, *_of_verdict(begun)), begun)
        compared, steps = await verifier.trace(begun.open, asyncio.get_running_loop().time() + SECONDS)
    except TaskError as error:
        return Explanation((*lines, ("failure", f"{error.message} (field {error.field})")), None)
    except (MachineLoaded, WorkerCrashed) as error:
        return Explanation((*lines, ("failure", f"{type(error).__name__}: {error}")), None)
    lines += [(f"gold {step.gold}: {step.method}", _quoted(step.said)) for step in steps]
    verdict = finished(compared, begun)
    return Explanation((*lines, *_of_verdict(verdict)), verdict)


def _at_once(gold: str, answer: str, options: Options) -> str:
    """What text and plain numbers say by themselves."""
    if same_text(gold, answer) and not options.forms:
        return "equal, by exact_text"
    if options != Options():
        return "not asked, since the task asks for more than equality"
    decision = decide(read(gold), read(answer))
    if decision is None:
        return "cannot tell"
    return f"{'equal' if decision.equal else 'different'}, by {decision.rule}"


def _place(response: str, answer: str) -> str:
    start = response.rfind(answer)
    if start < 0:
        return ", put together from several places" if response else ""
    return f", characters {start} to {start + len(answer)}"


def _of_verdict(verdict: pb.Verdict) -> list[tuple[str, str]]:
    said = "undecided"
    if verdict.HasField("correct"):
        said = "right" if verdict.correct else "wrong"
    by = f", by {verdict.matched_rule}" if verdict.matched_rule else ""
    lines = [("verdict", f"{said}, {pb.Reason.Name(verdict.reason)}{by}"), ("  why", verdict.detail)]
    if verdict.gold_form or verdict.answer_form:
        lines += [("  gold form", _quoted(verdict.gold_form)), ("  answer form", _quoted(verdict.answer_form))]
    return lines


def _quoted(text: str) -> str:
    """On one line, not too long, without anything that moves a terminal's cursor."""
    shown = "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)
    return shown if len(shown) <= QUOTED_CHARS else f"{shown[:QUOTED_CHARS]}... ({len(text)} characters)"
