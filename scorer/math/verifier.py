"""Verdicts about mathematical answers."""

import asyncio
import time
from importlib.metadata import version

from codaserve.v1 import scorer_pb2 as pb
from scorer.errors import DeadlineExceeded, TaskError
from scorer.math.compare import Written, decide, read, same_text
from scorer.math.extract import Extraction, extract, given
from scorer.math.hazards import hazard, surely_larger
from scorer.math.pool import Outcome, WorkerPool
from scorer.math.settings import MathSettings

VERSION = f"codaserve {version('codaserve')}, math-verify {version('math-verify')}, sympy {version('sympy')}"
"""Equal versions give equal verdicts."""
SHORTEST_SECONDS = 0.05
"""What a gold answer gets at least when the ones before it used the time up."""
EXTRACTED_CHARS = 4096
"""Characters of the extracted answer that a verdict quotes."""
QUICK_CHARS = 1 << 16
"""A longer response is searched in a thread, so that the service keeps answering meanwhile."""


class MathVerifier:
    """Compares answers with gold answers; owns the worker processes."""

    def __init__(self, settings: MathSettings) -> None:
        self._settings = settings
        self._pool = WorkerPool(settings)

    async def start(self) -> None:
        """Starts the workers.

        Raises:
            OSError: They cannot be started.
        """
        await self._pool.start()

    async def close(self) -> None:
        """Ends the workers, whatever they are doing."""
        await self._pool.close()

    async def verify(self, task: pb.MathTask, *, deadline: float) -> pb.Verdict:
        """The verdict about one answer. Cancelling ends the work.

        Args:
            task: Gold answers and the response or the answer.
            deadline: When the verdict must be there, in seconds of the running loop's `time()`.

        Raises:
            TaskError: The task is malformed.
            DeadlineExceeded: The deadline passed first.
            WorkerCrashed: The comparison crashed two workers.
        """
        started = time.monotonic()
        self._validate(task)
        by_response = task.WhichOneof("submission") == "response"
        extraction = await _extract(task.response) if by_response else given(task.answer)
        if extraction is None:
            verdict = _decided(False, pb.REASON_NO_ANSWER, "No answer was found in the response.")
        else:
            try:
                async with asyncio.timeout_at(deadline):
                    verdict = await self._judge(list(task.gold), extraction)
            except TimeoutError as error:
                raise DeadlineExceeded("the deadline passed during the comparison") from error
            verdict.extracted = extraction.answer[:EXTRACTED_CHARS]
            verdict.extraction_rule = extraction.rule
        verdict.wall_seconds = time.monotonic() - started
        verdict.verifier_version = VERSION
        return verdict

    def _validate(self, task: pb.MathTask) -> None:
        if not task.gold:
            raise TaskError("math.gold is empty; give at least one gold answer", field="math.gold")
        if len(task.gold) > self._settings.max_golds:
            raise TaskError(
                f"math.gold has {len(task.gold)} answers; at most {self._settings.max_golds} are accepted",
                field="math.gold",
            )
        for index, gold in enumerate(task.gold):
            if not gold.strip():
                raise TaskError(
                    f"math.gold[{index}] is empty; give the answer as text or LaTeX", field=f"math.gold[{index}]"
                )
        if task.WhichOneof("submission") is None:
            raise TaskError("neither math.response nor math.answer is set; set one of them", field="math.response")

    async def _judge(self, golds: list[str], extraction: Extraction) -> pb.Verdict:
        answer_text = extraction.answer
        for index, gold in enumerate(golds):
            if same_text(gold, answer_text):
                return _match(index, "exact_text")
        longest = self._settings.max_answer_chars
        if len(answer_text) > longest:
            return _decided(
                False, pb.REASON_ANSWER_TOO_LONG, f"The answer has {len(answer_text)} characters, more than {longest}."
            )
        answer = read(answer_text)
        open_golds: list[tuple[int, Written]] = []
        for index, gold in enumerate(golds):
            if len(gold) > longest:
                continue
            written = read(gold)
            decision = decide(written, answer)
            if decision is None:
                open_golds.append((index, written))
            elif decision.equal:
                return _match(index, decision.rule)
        return await self._judge_symbolically(open_golds, answer)

    async def _judge_symbolically(self, golds: list[tuple[int, Written]], answer: Written) -> pb.Verdict:
        undecided: pb.Verdict | None = None
        budget = self._settings.seconds
        for index, gold in golds:
            danger = hazard(answer.text) or hazard(gold.text)
            if danger:
                if not surely_larger(answer.text, gold.number) and not surely_larger(gold.text, answer.number):
                    undecided = _undecided(pb.REASON_UNDECIDED_TIME, f"Not compared: {danger}.")
                continue
            comparison = await self._pool.compare(gold.text, answer.text, max(budget, SHORTEST_SECONDS))
            budget -= comparison.seconds
            if comparison.outcome is Outcome.EQUAL:
                return _match(index, "symbolic")
            undecided = self._undecided_by(comparison.outcome) or undecided
            if comparison.outcome is Outcome.TIME:
                break
        return undecided or _decided(False, pb.REASON_WRONG_ANSWER, "The answer differs from every gold answer.")

    def _undecided_by(self, outcome: Outcome) -> pb.Verdict | None:
        match outcome:
            case Outcome.TIME:
                text = f"The comparison took more than {self._settings.seconds:g} s."
                return _undecided(pb.REASON_UNDECIDED_TIME, text)
            case Outcome.MEMORY:
                text = f"The comparison took more than {self._settings.memory_bytes >> 20} MiB of memory."
                return _undecided(pb.REASON_UNDECIDED_MEMORY, text)
            case Outcome.DEPTH:
                return _undecided(pb.REASON_UNDECIDED_TIME, "Not compared: the expression is nested too deeply.")
        return None


async def _extract(response: str) -> Extraction | None:
    return extract(response) if len(response) <= QUICK_CHARS else await asyncio.to_thread(extract, response)


def _decided(correct: bool, reason: "pb.Reason", detail: str) -> pb.Verdict:
    return pb.Verdict(correct=correct, score=float(correct), reason=reason, detail=detail)


def _undecided(reason: "pb.Reason", detail: str) -> pb.Verdict:
    return pb.Verdict(reason=reason, detail=detail)


def _match(gold: int, rule: str) -> pb.Verdict:
    verdict = _decided(True, pb.REASON_MATCH, f"The answer equals gold answer {gold}.")
    verdict.matched_rule = rule
    verdict.matched_gold = gold
    return verdict
