"""Finds tasks that could not be scored, before a run starts."""

import asyncio
from dataclasses import dataclass

from codaserve.v1 import scorer_pb2 as pb
from scorer.code.settings import CodeSettings, RunLimitSettings
from scorer.code.validate import check_language, check_task, resolve_limits
from scorer.errors import TaskError
from scorer.math import validate
from scorer.math.settings import MathSettings
from scorer.math.settle import leave_open
from scorer.math.verifier import MathVerifier

SECONDS = 600.0
"""Until when a verdict must be there; the verifier's own limits are far below."""


@dataclass(frozen=True)
class Problem:
    """Why a task cannot be scored."""

    field: str
    reason: str


class TaskChecker:
    """Checks tasks as the scorer would, with or without a submission."""

    def __init__(self, verifier: MathVerifier, math: MathSettings, code: CodeSettings) -> None:
        """`verifier` is started and closed by the caller."""
        self._verifier = verifier
        self._math = math
        self._code = code

    async def problems(self, item: pb.ScoreItem) -> list[Problem]:
        """What is wrong with an item's task; empty when nothing is."""
        try:
            match item.WhichOneof("task"):
                case "math":
                    return await self._of_math(item.math)
                case "code":
                    self._check_code(item.code)
                    return []
        except TaskError as error:
            return [Problem(error.field, error.message)]
        return [Problem("task", "neither math nor code is set; set one of them")]

    async def _of_math(self, task: pb.MathTask) -> list[Problem]:
        asked = pb.MathTask()
        asked.CopyFrom(task)
        asked.answer = "0"  # in place of the submission, which comes later
        validate.check_task(asked, self._math.max_golds)
        options = validate.read_options(asked)
        found: list[Problem] = []
        for index in range(len(task.gold)):
            field = f"math.gold[{index}]"
            one = pb.MathTask()
            one.CopyFrom(asked)
            one.gold[:] = [task.gold[index]]
            try:
                validate.check_golds(one, options)
            except TaskError as error:
                found.append(Problem(field, error.message.replace("math.gold[0]", field)))
                continue
            reason = await self._against_itself(one)
            if reason:
                found.append(Problem(field, reason))
        return found

    async def _against_itself(self, task: pb.MathTask) -> str:
        """Why the only gold answer is not accepted as an answer; empty when it is."""
        gold = task.gold[0]
        task.answer = gold
        as_answer = await self._verdict(task)
        if as_answer:
            return f"it does not verify against itself: {as_answer}"
        # The same text is accepted unread, so a worker is asked as well: it has to read it to know an equal answer.
        deadline = asyncio.get_running_loop().time() + SECONDS
        read = await self._verifier.compare(leave_open([gold], [0], gold, validate.read_options(task)), deadline)
        if not read.correct:
            return f"only the same text would be accepted: {pb.Reason.Name(read.reason)}: {read.detail}"
        task.response = f"So the answer is \\boxed{{{gold}}}."
        in_a_box = await self._verdict(task)
        return f"it does not verify against itself in a box: {in_a_box}" if in_a_box else ""

    async def _verdict(self, task: pb.MathTask) -> str:
        verdict = await self._verifier.verify(task, deadline=asyncio.get_running_loop().time() + SECONDS)
        if verdict.correct:
            return ""
        found = f" (found {verdict.extracted!r})" if task.HasField("response") else ""
        return f"{pb.Reason.Name(verdict.reason)}: {verdict.detail}{found}"

    def _check_code(self, task: pb.CodeTask) -> None:
        asked = pb.CodeTask()
        asked.CopyFrom(task)
        asked.source = "pass"
        check_language(asked)
        check_task(asked, self._code.max_cases)
        default, most = (_limits(section) for section in (self._code.default_run, self._code.max_run))
        resolve_limits(asked.limits, default, most)


def _limits(section: RunLimitSettings) -> pb.RunLimits:
    return pb.RunLimits(**section.model_dump())
