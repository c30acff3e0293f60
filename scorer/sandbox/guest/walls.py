"""The walls around a slot's runs: built once per slot, closed around each run by the run itself."""

import os
import signal
from collections.abc import Collection
from dataclasses import dataclass

from scorer.kernel import landlock, libc, procfs
from scorer.kernel.layers import NAMES, Layer
from scorer.kernel.probe import fails_in_a_child
from scorer.sandbox.guest import descriptors, namespaces, rlimits, root
from scorer.sandbox.guest.cgroups import Cgroup
from scorer.sandbox.guest.limits import Limits
from scorer.sandbox.guest.scratch import Scratch
from scorer.sandbox.guest.seccomp import Policy
from scorer.sandbox.guest.setup import Setup
from scorer.sandbox.guest.victims import Victims

_LESS_URGENT = 10
# Of /proc/<pid>; others, such as net and mountinfo, tell of the machine.
_OF_ITSELF = ("auxv", "cgroup", "cmdline", "comm", "fd", "limits", "maps", "stat", "statm", "status")


@dataclass
class Walls:
    """What is in force, and what a run needs to put itself under it."""

    layers: dict[str, Layer]
    run_uid: int | None
    """Uid and gid that runs change to; None keeps the slot's."""
    ruleset: int | None
    """Landlock ruleset as a descriptor."""
    strict: Policy | None
    """The filter for runs that are one process."""
    wide: Policy | None
    """The filter for runs that may have several; None where a tree of processes could not be ended as a whole."""

    readable: list[str]
    """What Landlock lets every run read."""
    proc: int | None
    """Process file system in which the template sees its runs, as a folder's descriptor that runs never inherit."""
    scratch: Scratch | None
    """Writable folder of the runs where nothing can be mounted."""
    cgroup: Cgroup | None
    """Control groups that the template and all runs are in."""
    victims: Victims
    """What runs are to be forked with."""
    scoped: bool
    """Whether the template is in a domain of its own with the runs, see `domain`."""

    @property
    def folder(self) -> str | None:
        """Where runs start and may write; None if they have no writable files."""
        if self.private_files:
            return root.SCRATCH
        return None if self.scratch is None else self.scratch.folder

    @property
    def private_files(self) -> bool:
        """Whether runs see a root of their own, with a scratch folder."""
        return self.layers["mount_namespace"].active

    @property
    def private_pids(self) -> bool:
        """Whether the template is pid 1 of the runs."""
        return self.layers["pid_namespace"].active

    @property
    def ends_trees(self) -> bool:
        """Whether `domain.signal_the_others` reaches whatever a run started, and nothing else."""
        return self.private_pids or self.scoped

    @property
    def keeps_processes(self) -> bool:
        """Whether the kernel keeps the limit on processes and threads."""
        by_user = self.run_uid is not None or self.layers["user_namespace"].active
        return by_user or (self.cgroup is not None and self.cgroup.limits_processes)


def enter_namespaces(without: Collection[str]) -> dict[str, Layer]:
    """First half of the building, before the process that becomes pid 1 is forked."""
    return namespaces.enter(without)


def build(layers: dict[str, Layer], setup: Setup, *, scoped: bool) -> Walls:
    """Second half, in the process that forks the runs.

    Args:
        layers: What `enter_namespaces` reported.
        setup: How the slot is to be.
        scoped: What `domain.enter` returned, if it was called.

    Raises:
        OSError: The scratch folder cannot be used.
    """
    without = setup.without
    victims = Victims()
    cgroup = _cgroup(layers, setup)
    paths = root.exposed(setup.exposed)
    proc, shown = _processes(layers)
    if layers["mount_namespace"].active:
        try:
            root.build(paths, shown)
            layers["mount_namespace"] = Layer("mount_namespace", True, "a read-only root with a scratch folder")
        except OSError as error:
            layers["mount_namespace"] = Layer("mount_namespace", False, str(error))
    private_files = layers["mount_namespace"].active
    if shown is not None:
        os.close(shown)
        if private_files:
            paths.append(root.PROCESSES)
    writable = [root.SCRATCH_PARENT if private_files else setup.scratch]
    ruleset = _landlock(layers, paths, [path for path in writable if path is not None], without)
    if ruleset is not None:
        ruleset = descriptors.move_up(ruleset)
    strict = wide = None
    if "seccomp" in without:
        layers["seccomp"] = Layer("seccomp", False, "switched off by the configuration")
    else:
        strict, wide = _seccomp(layers, private_files)
    if not layers["pid_namespace"].active and not scoped:
        wide = None
    uid = _privileges(layers, setup.run_uid, without)
    layers["rlimits"] = Layer("rlimits", True, "CPU, address space, processes, file size, open files, stack, core")
    # Without Landlock a run that can write there can write elsewhere, too.
    scratch = Scratch(setup.scratch, uid) if setup.scratch and not private_files and ruleset is not None else None
    walls = Walls(
        layers={name: layers[name] for name in NAMES},
        run_uid=uid,
        ruleset=ruleset,
        strict=strict,
        wide=wide,
        readable=paths,
        proc=proc,
        scratch=scratch,
        cgroup=cgroup,
        victims=victims,
        scoped=scoped,
    )
    libc.prctl(libc.PR_SET_CHILD_SUBREAPER, 1)
    libc.prctl(libc.PR_SET_DUMPABLE, 0)
    libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)  # which every run inherits
    rlimits.lower_at_once()
    return walls


def die_with_parent() -> None:
    """Ends the calling process when the thread that forked it ends. Raises OSError."""
    libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)


def _cgroup(layers: dict[str, Layer], setup: Setup) -> Cgroup | None:
    name = "cgroups"
    if name in setup.without:
        layers[name] = Layer(name, False, "switched off by the configuration")
        return None
    if not setup.cgroups:
        layers[name] = Layer(name, False, setup.no_cgroups)
        return None
    try:
        cgroup = Cgroup(setup.cgroups)
    except OSError as error:
        layers[name] = Layer(name, False, str(error))
        return None
    layers[name] = Layer(name, True, cgroup.detail)
    return cgroup


def _processes(layers: dict[str, Layer]) -> tuple[int | None, int | None]:
    """The process file system for the template, and one for a root of the runs' own, where they can be had."""
    if not layers["pid_namespace"].active:
        return descriptors.move_up(os.open("/proc", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)), None
    try:
        mount = procfs.mounted(hidden=False)
        try:
            proc = descriptors.move_up(procfs.readable(mount))
        finally:
            os.close(mount)
        return proc, procfs.mounted(hidden=True)
    except OSError:
        return None, None


def _landlock(
    layers: dict[str, Layer], readable: list[str], writable: list[str], without: Collection[str]
) -> int | None:
    version = 0 if "landlock" in without else landlock.abi()
    if version == 0:
        reason = "switched off by the configuration" if "landlock" in without else "the kernel has no Landlock"
        layers["landlock"] = Layer("landlock", False, reason)
        return None
    try:
        ruleset = landlock.ruleset(version, readable=readable, devices=root.DEVICES, writable=writable)
        reason_or_none = fails_in_a_child(lambda: _restrict(ruleset))
    except OSError as error:
        reason_or_none = str(error)
    if reason_or_none is not None:
        layers["landlock"] = Layer("landlock", False, reason_or_none)
        return None
    layers["landlock"] = Layer("landlock", True, landlock.describe(version))
    return ruleset


def _restrict(ruleset: int) -> None:
    libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
    landlock.restrict(ruleset)


def _seccomp(layers: dict[str, Layer], private_files: bool) -> tuple[Policy | None, Policy | None]:
    strict = Policy(processes=False, private_files=private_files)
    wide = Policy(processes=True, private_files=private_files)

    def probe() -> None:
        libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
        strict.install()
        try:
            os.setsid()
        except PermissionError:
            return
        raise OSError("a filter was loaded but a denied call went through")

    reason = fails_in_a_child(probe)
    if reason is not None:
        layers["seccomp"] = Layer("seccomp", False, reason)
        return None, None
    layers["seccomp"] = Layer("seccomp", True, f"an allow-list of system calls for {os.uname().machine}")
    return strict, wide


def _privileges(layers: dict[str, Layer], run_uid: int, without: Collection[str]) -> int | None:
    name = "dropped_privileges"
    if name in without:
        layers[name] = Layer(name, False, "switched off by the configuration")
        return None
    if os.getuid() != 0:
        layers[name] = Layer(name, True, f"uid {os.getuid()} as the service, no capabilities, no_new_privs")
        return None
    reason = fails_in_a_child(lambda: _become_and_read(run_uid))
    if reason is None:
        layers[name] = Layer(name, True, f"uid {run_uid} for this slot, no capabilities, no_new_privs")
        return run_uid
    in_user_namespace = layers["user_namespace"].active
    kept = "as the service, outside of the namespace" if in_user_namespace else "without capabilities"
    layers[name] = Layer(name, in_user_namespace, f"uid 0 {kept}: uid {run_uid} cannot be used ({reason})")
    return None


def _become_and_read(uid: int) -> None:
    """Fails where the interpreter lies in somebody's private folder, as one under /root does."""
    _become(uid)
    os.listdir(os.path.dirname(os.__file__))  # noqa: PTH120, PTH208


def _become(uid: int) -> None:
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def close_around_this_process(walls: Walls, limits: Limits, parent: int, beside: int, secret: int | None) -> None:
    """Called in a run, which cannot undo it.

    Args:
        walls: The slot's.
        limits: Of the run.
        parent: Pid of the process that forked this one.
        beside: How many other first processes the run has.
        secret: What lets one execution through the filter, see `Policy.program`.

    Raises:
        OSError: A wall cannot be closed.
    """
    os.setsid()
    if limits.several and not walls.keeps_processes:
        os.nice(_LESS_URGENT)  # however many there are, the one who has to end them gets a processor
    rlimits.lower(limits, _most_processes(walls, limits, beside))
    if walls.run_uid is not None:
        _become(walls.run_uid)
    libc.drop_capabilities()
    if not walls.private_pids:  # where the end of the template is the end of all
        die_with_parent()
        if os.getppid() != parent:
            raise OSError("the template is gone")
    if walls.folder is not None:
        os.chdir(walls.folder)
    if walls.ruleset is not None:
        landlock.restrict(walls.ruleset if secret is None or walls.private_files else _ruleset_of_this_process(walls))
    policy = walls.wide if limits.several else walls.strict
    if limits.several and not walls.ends_trees:
        raise OSError("a run may have no processes of its own here")
    if policy is not None:
        policy.install(secret)


def _most_processes(walls: Walls, limits: Limits, beside: int) -> int | None:
    """How many processes and threads the run's user may have; None where runs have the user of the service."""
    if walls.run_uid is not None:
        return limits.processes + beside
    if walls.layers["user_namespace"].active:  # which counts the slot's own two processes as well
        return limits.processes + beside + 2
    return None


def _ruleset_of_this_process(walls: Walls) -> int:
    """Adds what the runtimes of some languages read of themselves; a private root shows a run nothing else anyway."""
    writable = [] if walls.folder is None else [walls.folder]
    readable = [*walls.readable, *(f"{root.PROCESSES}/{os.getpid()}/{name}" for name in _OF_ITSELF)]
    return landlock.ruleset(landlock.abi(), readable=readable, devices=root.DEVICES, writable=writable)
