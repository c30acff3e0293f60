"""A worker: takes jobs from its socket, one at a time, until the socket is closed or the service kills it."""

import os
import socket
from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn

from scorer.math import judge
from scorer.math.judgement import Judgement, Options, Outcome
from scorer.math.process import walls, wire
from scorer.math.process.wire import Job, Reply, Step
from scorer.math.syntax.tree import TooLarge

OUT_OF_MEMORY = wire.encode_reply(Reply(Outcome.MEMORY, retire=True))
"""Prepared, since there may be no memory left to write it."""
SUSPECT_SHARE = 0.5
"""A "different" from a worker whose peak came this close to its limit is not trusted: libraries swallow MemoryError,
and one allocation may ask for as much again."""
USED_SHARE = 1 / 16
"""A worker that once used more than this of its memory is replaced: the next job is to find it like a fresh one."""
_CHUNK = 1 << 16


class _Memory:
    """The address space of this process. Its file is opened once, before the walls are closed."""

    def __init__(self, allowed: int) -> None:
        self.allowed = allowed
        self._status = os.open("/proc/self/status", os.O_RDONLY)
        self.idle = self._size(b"VmSize:")

    def peak_share(self) -> float:
        return (self._size(b"VmPeak:") - self.idle) / self.allowed

    def _size(self, key: bytes) -> int:
        text = os.pread(self._status, 4096, 0)
        return int(text[text.index(key) + len(key) :].split(None, 1)[0]) * 1024


def run(jobs: socket.socket, memory_bytes: int, walled: walls.Walls, template: int) -> NoReturn:
    """Called in the forked process."""
    try:
        memory = _Memory(memory_bytes)
        os.dup2(1, 2)  # nothing that a library prints about an answer gets into the service's log
        walls.close(walled, memory.idle + memory_bytes, template)
        while (body := _receive(jobs)) is not None:
            jobs.sendall(wire.encode_reply(_answer(wire.decode_job(body), memory)))
    except MemoryError:
        jobs.sendall(OUT_OF_MEMORY)
    finally:
        os._exit(0)


def _receive(jobs: socket.socket) -> bytes | None:
    """The next job's bytes; None when the service has closed the socket."""
    data = jobs.recv(_CHUNK)
    if not data:
        return None
    end = wire.HEADER + int.from_bytes(data[: wire.HEADER], "big")
    while len(data) < end:
        data += jobs.recv(end - len(data))
    return data[wire.HEADER : end]


def _answer(job: Job, memory: _Memory) -> Reply:
    trace = judge.Trace()
    try:
        reply = _compare(job, trace, memory)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - a fault of ours, told with its place and never with the answer
        reply = Reply(Outcome.UNKNOWN, fault=f"{type(error).__name__} at {_place(error)}")
    retire = trace.symbolic or reply.outcome is Outcome.MEMORY or memory.peak_share() > USED_SHARE
    return replace(reply, retire=retire)


def _place(error: BaseException) -> str:
    """File and line where it was raised, found without opening a file."""
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    return "" if step is None else f"{step.tb_frame.f_code.co_filename}:{step.tb_lineno}"


def _compare(job: Job, trace: judge.Trace, memory: _Memory) -> Reply:
    """Compares with every gold answer cheaply before any is compared by computer algebra, so that one which takes all
    the time hides none that matches. What is undecided is told unless another gold answer matches."""
    steps: list[Step] = []
    replies: dict[int, Reply] = {}
    for method in (judge.by_reading, judge.by_algebra):
        for index, gold in enumerate(job.golds):
            if index in replies and replies[index].outcome is not Outcome.UNKNOWN:
                continue
            noted = len(trace.steps)
            judgement = _judge(method, gold, job, trace)
            if judgement.outcome is Outcome.DIFFERENT and trace.symbolic and memory.peak_share() > SUSPECT_SHARE:
                judgement = replace(judgement, outcome=Outcome.MEMORY)
            if job.traced:
                steps += [Step(index, name, said) for name, said in trace.steps[noted:]]
            replies[index] = _reply(index, judgement, steps)
            if judgement.outcome is Outcome.EQUAL:
                return replies[index]
    undecided = [reply for reply in replies.values() if reply.outcome is not Outcome.DIFFERENT]
    return replace((undecided or [*replies.values()])[0], steps=tuple(steps))


_Method = Callable[[str, str, Options, judge.Trace], Judgement]


def _judge(method: _Method, gold: str, job: Job, trace: judge.Trace) -> Judgement:
    try:
        return method(gold, job.answer, job.options, trace)
    except MemoryError:
        return Judgement(Outcome.MEMORY)
    except RecursionError:
        return Judgement(Outcome.SIZE, detail="the expression is nested too deeply")
    except TooLarge as error:
        return Judgement(Outcome.SIZE, detail=str(error))


def _reply(gold: int, judgement: Judgement, steps: list[Step]) -> Reply:
    forms = (judgement.gold_form, judgement.answer_form)
    return Reply(judgement.outcome, gold, judgement.rule, *forms, judgement.detail, tuple(steps))
