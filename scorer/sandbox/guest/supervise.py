"""One run as its template sees it: fork its processes, have them watched, end the whole tree, report."""

import contextlib
import json
import os
import resource
import signal
import socket
import stat
import time
from dataclasses import dataclass

from scorer.sandbox.guest import answers, child, descriptors, domain, execute, programs, remote, root, tester
from scorer.sandbox.guest.held import Held
from scorer.sandbox.guest.limits import Limits
from scorer.sandbox.guest.memory import memory_file
from scorer.sandbox.guest.usage import Usage
from scorer.sandbox.guest.walls import Walls
from scorer.sandbox.guest.watch import Stream, Watch, over

_COPY_BYTES = 1 << 26
_FORK_SECONDS, _FORK_PAUSE_SECONDS = 3.0, 0.01


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


@dataclass(frozen=True)
class Order:
    """A run as the service asks for it.

    Attributes:
        limits: What it may use.
        given: Descriptors by name: the "payload", and as there are any "script" (of assertions, for a process of its
            own), "stdin", "artifact" and "files".
        executes: Whether the payload says what to execute.
        collect: Name of a file in the scratch folder to hand back, or None.
    """

    limits: Limits
    given: dict[str, int]
    executes: bool
    collect: str | None

    @property
    def paired(self) -> bool:
        """Whether the run is a program and a script, each in a process of its own."""
        return "script" in self.given


def run(control: socket.socket, walled: Walls, order: Order) -> None:
    """Performs a run and reports it.

    Args:
        control: The socket to the service.
        walled: The slot's walls.
        order: What to run. Its descriptors are closed here.

    Raises:
        RunFailedError: The run could not be set up.
        OSError: The slot is no longer usable.
    """
    limits = order.limits
    given = {name: descriptors.move_up(descriptor) for name, descriptor in order.given.items()}
    if walled.private_files:
        uid = os.getuid() if walled.run_uid is None else walled.run_uid
        gid = os.getgid() if walled.run_uid is None else uid
        root.mount_scratch(limits.file_bytes, uid, gid)
        if limits.several:
            root.mount_shared_memory(limits.file_bytes, uid, gid)
    if walled.cgroup is not None:
        files = (1 + limits.several) * limits.file_bytes + limits.output_bytes + limits.channel_bytes
        walled.cgroup.limit(limits.memory_bytes + files, limits.processes + order.paired)
    through = os.pipe()
    pipes = [_pipe(), _pipe(), _socket(), *(_pipe() for _ in range(1 + order.paired))]
    if walled.run_uid is not None:
        for _, writer in pipes[:2]:
            os.fchown(writer, walled.run_uid, walled.run_uid)  # so that programs may open /dev/stdout and /dev/stderr
    bounds = (limits.output_bytes, limits.output_bytes, limits.channel_bytes)
    streams = [
        Stream(reader, os.memfd_create("stream"), bound) for (reader, _), bound in zip(pipes[:3], bounds, strict=True)
    ]
    streams[2].through = through
    collected: list[int] = []
    started = time.monotonic()
    try:
        pids = _fork(walled, order, given, [writer for _, writer in pipes])
        most = None if walled.keeps_processes else limits.processes + order.paired
        usage = Usage(pids, walled.proc, walled.cgroup, most, several=limits.several)
        held = None
        if not limits.reserve and walled.cgroup is None and walled.proc is not None:
            held = Held(walled.proc, pids, limits.memory_bytes)
        watch = Watch(control, pids, limits, streams, started, usage, walled.scratch, held)
        limit = watch.until_end()
        end = _end(walled, pids, started, usage)
        for stream in streams:
            while stream.drain():
                pass
        limit = limit or over(streams, limits)
        failed = end.status != 0 or end.judge_status != 0
        if limit is None and failed and walled.cgroup is not None and walled.cgroup.killed_for_memory():
            limit = "memory"
        if limit is None:
            _check_confirmations([reader for reader, _ in pipes[3:]], end)
        if order.collect is not None and walled.folder is not None and limit is None and end.status == 0:
            collected = _collect(walled.folder, order.collect, order.limits.file_bytes)
        report = {"exit": end.status, "limit": limit, "wall": end.wall, "cpu": end.cpu, "peak": end.peak}
        report["waited"] = watch.waited_seconds
        socket.send_fds(control, [json.dumps(report).encode()], [stream.store for stream in streams] + collected)
    finally:
        for descriptor in collected:
            os.close(descriptor)
        for stream in streams:
            os.close(stream.store)
        for reader in (*(reader for reader, _ in pipes), *through):
            os.close(reader)
    if walled.private_files:
        root.unmount_scratch()
        if limits.several:
            root.unmount_shared_memory()
    elif walled.scratch is not None:
        walled.scratch.wipe()


def _collect(folder: str, name: str, most_bytes: int) -> list[int]:
    """The descriptor of a memory file with what the run, which is over, left in its scratch folder."""
    try:
        source = os.open(f"{folder}/{name}", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return []
    try:
        status = os.fstat(source)
        if not stat.S_ISREG(status.st_mode) or status.st_size > most_bytes:
            return []
        return [_copied(source)]
    finally:
        os.close(source)


def _copied(source: int) -> int:
    """A memory file with what another file holds."""
    target = memory_file()
    try:
        at = 0
        while moved := os.sendfile(target, source, at, _COPY_BYTES):
            at += moved
    except BaseException:
        os.close(target)
        raise
    return target


def _fork(walled: Walls, order: Order, given: dict[str, int], writers: list[int]) -> list[int]:
    """Starts the processes of a run: that by whose end the run is over first. Their descriptors are closed here."""
    output, errors, channel, *confirm = writers
    ends: list[int] = []
    if order.paired:
        ends = [descriptors.move_up(end.detach()) for end in socket.socketpair()]
        roles = [
            child.Role(tester.run, [None, None, None, channel, given["script"], ends[0]], confirm[0], 1),
            child.Role(answers.run, [None, output, errors, ends[1], given["payload"]], confirm[1], 1),
        ]
    else:
        placed = [given.get("stdin"), output, errors, channel, given["payload"]]
        if order.executes:
            execution = execute.Execution()
            if "artifact" in given:  # else a program could leave marks for the next run in the times of its own file
                copy = descriptors.move_up(_copied(given["artifact"]))
                os.close(given["artifact"])
                given["artifact"] = copy
            placed = [*placed[:3], None, placed[4], given.get("artifact"), confirm[0], given.get("files")]
            roles = [child.Role(execution.run, placed, confirm[0], secret=execution.secret)]
        else:
            roles = [child.Role(programs.run, placed, confirm[0])]
    template = os.getpid()
    pids = []
    for role in roles:
        pid = _patiently_forked(walled)
        if pid == 0:
            child.enter(walled, order.limits, template, role)
        pids.append(pid)
    for descriptor in (*given.values(), *writers, *ends):
        os.close(descriptor)
    return pids


def _patiently_forked(walled: Walls) -> int:
    """A fork, also where a bomb in another slot has just used up what the machine or container may have."""
    deadline = time.monotonic() + _FORK_SECONDS
    while True:
        try:
            return walled.victims.fork()
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_FORK_PAUSE_SECONDS)


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


def _socket() -> tuple[int, int]:
    """As a pipe, but a program that owns it cannot open it again, in /proc, and take back what was said before it."""
    reader, writer = socket.socketpair()
    reader.setblocking(False)
    return reader.detach(), descriptors.move_up(writer.detach())


def _reap_all(walled: Walls) -> list[resource.struct_rusage]:
    """Ends and reaps whatever is left of a run."""
    usages = []
    with contextlib.suppress(ChildProcessError):
        while True:
            # Before any signal, since most runs leave nothing, and a signal goes through all processes of the machine.
            while (found := os.wait4(-1, os.WNOHANG))[0]:
                usages.append(found[2])
            if walled.ends_trees:
                domain.signal_the_others()
            usages.append(os.wait4(-1, 0)[2])
    return usages


def _end(walled: Walls, pids: list[int], started: float, usage: Usage) -> _End:
    """Reaps the run with everything it started."""
    usages: list[resource.struct_rusage] = []
    statuses: list[int] = []
    wall = 0.0
    for pid in pids:
        if statuses:
            os.kill(pid, signal.SIGKILL)  # at worst it has ended, but it was not waited for
        _, status, used = os.wait4(pid, 0)
        wall = wall or time.monotonic() - started
        statuses.append(os.waitstatus_to_exitcode(status))
        usages.append(used)
    usages += usage.reaped + _reap_all(walled)
    there = len(pids) > 1 and statuses[-1] == -signal.SIGKILL
    cpu = sum(used.ru_utime + used.ru_stime for used in usages)
    peak = max(used.ru_maxrss for used in usages) * 1024
    return _End(0 if there else statuses[-1], statuses[0], there, wall, max(cpu, usage.cpu_seconds()), peak)
