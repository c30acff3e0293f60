"""One run as its template sees it: fork its processes, have them watched, end the whole tree, report."""

import contextlib
import json
import os
import resource
import signal
import socket
import time
from dataclasses import dataclass

from scorer.sandbox.guest import answers, child, descriptors, programs, remote, root, tester
from scorer.sandbox.guest.limits import Limits
from scorer.sandbox.guest.walls import Walls
from scorer.sandbox.guest.watch import Stream, Watch, over


class RunFailedError(Exception):
    """The run could not be set up; nothing of the candidate was run."""


@dataclass(frozen=True)
class _End:
    """What is known of a run that is over.

    Attributes:
        status: The program's exit status, negative for a signal; 0 if a paired one was there to the end.
        judge_status: The same of the process by whose end the run was over.
        there: Whether a paired program was there to the end.
        wall: Elapsed seconds.
        cpu: Processor seconds of all processes.
        peak: Largest resident memory of one of them, bytes.
    """

    status: int
    judge_status: int
    there: bool
    wall: float
    cpu: float
    peak: int


def run(control: socket.socket, walled: Walls, limits: Limits, given: list[int], *, paired: bool) -> None:
    """Performs a run and reports it.

    Args:
        control: The socket to the service.
        walled: The slot's walls.
        limits: Limits of the run.
        given: The program and, if `paired`, the script for the process that judges; else what it reads, if anything.
        paired: Whether the run is a program and a script of assertions, each in a process of its own.

    Raises:
        RunFailedError: The run could not be set up.
        OSError: The slot is no longer usable.
    """
    received = [descriptors.move_up(descriptor) for descriptor in given]
    if walled.private_files:
        uid = os.getuid() if walled.run_uid is None else walled.run_uid
        root.mount_scratch(limits.file_bytes, uid, os.getgid() if walled.run_uid is None else uid)
    pipes = [_pipe() for _ in range(5 if paired else 4)]
    bounds = (limits.output_bytes, limits.output_bytes, limits.channel_bytes)
    streams = [
        Stream(reader, os.memfd_create("stream"), bound) for (reader, _), bound in zip(pipes[:3], bounds, strict=True)
    ]
    started = time.monotonic()
    try:
        pids = _fork(walled, limits, received, [writer for _, writer in pipes], paired)
        limit = Watch(control, pids, limits, streams, started).until_end()
        end = _end(walled, pids, started)
        for stream in streams:
            while stream.drain():
                pass
        limit = limit or over(streams, limits)
        if limit is None:
            _check_confirmations([reader for reader, _ in pipes[3:]], end)
        report = {"exit": end.status, "limit": limit, "wall": end.wall, "cpu": end.cpu, "peak": end.peak}
        socket.send_fds(control, [json.dumps(report).encode()], [stream.store for stream in streams])
    finally:
        for stream in streams:
            os.close(stream.store)
        for reader, _ in pipes:
            os.close(reader)
    if walled.private_files:
        root.unmount_scratch()


def _fork(walled: Walls, limits: Limits, given: list[int], writers: list[int], paired: bool) -> list[int]:
    """Starts the processes of a run: that by whose end the run is over first. Their descriptors are closed here."""
    output, errors, channel, *confirm = writers
    ends: list[int] = []
    if paired:
        ends = [descriptors.move_up(end.detach()) for end in socket.socketpair()]
        roles = [
            child.Role(tester.run, [None, None, None, channel, given[1], ends[0]], confirm[0], 1),
            child.Role(answers.run, [None, output, errors, ends[1], given[0]], confirm[1], 1),
        ]
    else:
        source = given[1] if len(given) > 1 else None
        roles = [child.Role(programs.run, [source, output, errors, channel, given[0]], confirm[0])]
    template = os.getpid()
    pids = []
    for role in roles:
        pid = os.fork()
        if pid == 0:
            child.enter(walled, limits, template, role)
        pids.append(pid)
    for descriptor in (*given, *writers, *ends):
        os.close(descriptor)
    return pids


def _check_confirmations(pipes: list[int], end: _End) -> None:
    """Refuses a run of which a process did not close its walls, unless it was ended before anything needed it."""
    confirmed = [os.read(pipe, 1024) for pipe in pipes]
    if end.there and confirmed[-1] == b"" and end.judge_status != remote.GONE:
        confirmed.pop()
    for confirmation in confirmed:
        if confirmation != child.CONFINED:
            raise RunFailedError(confirmation.decode(errors="replace") or f"a process ended early: {end}")


def _pipe() -> tuple[int, int]:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    return reader, descriptors.move_up(writer)


def _end(walled: Walls, pids: list[int], started: float) -> _End:
    """Reaps the run with everything it started."""
    usages: list[resource.struct_rusage] = []
    statuses: list[int] = []
    wall = 0.0
    for pid in pids:
        if statuses:
            os.kill(pid, signal.SIGKILL)  # at worst it has ended, but it was not waited for
        _, status, usage = os.wait4(pid, 0)
        wall = wall or time.monotonic() - started
        statuses.append(os.waitstatus_to_exitcode(status))
        usages.append(usage)
    while True:
        if walled.private_pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)  # as pid 1: everything else in the namespace
        try:
            usages.append(os.wait4(-1, 0)[2])
        except ChildProcessError:
            break
    there = len(pids) > 1 and statuses[-1] == -signal.SIGKILL
    cpu = sum(usage.ru_utime + usage.ru_stime for usage in usages)
    peak = max(usage.ru_maxrss for usage in usages) * 1024
    return _End(0 if there else statuses[-1], statuses[0], there, wall, cpu, peak)
