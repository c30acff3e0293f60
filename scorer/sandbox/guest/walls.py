"""The walls around a slot's runs: built once per slot, closed around each run by the run itself."""

import os
import resource
import signal
from collections.abc import Collection
from dataclasses import dataclass

from scorer.kernel import landlock, libc
from scorer.kernel.layers import NAMES, Layer
from scorer.kernel.probe import fails_in_a_child
from scorer.sandbox.guest import descriptors, namespaces, root
from scorer.sandbox.guest.limits import Limits
from scorer.sandbox.guest.seccomp import Policy

_STACK_BYTES = 64 << 20
_OPEN_FILES = 256


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

    @property
    def private_files(self) -> bool:
        """Whether runs see a root of their own, with a scratch folder."""
        return self.layers["mount_namespace"].active

    @property
    def private_pids(self) -> bool:
        """Whether the template is pid 1 of the runs."""
        return self.layers["pid_namespace"].active


def enter_namespaces(without: Collection[str]) -> dict[str, Layer]:
    """First half of the building, before the process that becomes pid 1 is forked."""
    _be_the_first_to_go()
    return namespaces.enter(without)


def build(layers: dict[str, Layer], run_uid: int, without: Collection[str]) -> Walls:
    """Second half, in the process that forks the runs.

    Args:
        layers: What `enter_namespaces` reported.
        run_uid: Uid and gid for the runs where the slot may change them.
        without: Names of layers to leave out.
    """
    paths = root.exposed()
    if layers["mount_namespace"].active:
        try:
            root.build(paths)
            layers["mount_namespace"] = Layer("mount_namespace", True, "a read-only root with a scratch folder")
        except OSError as error:
            layers["mount_namespace"] = Layer("mount_namespace", False, str(error))
    private_files = layers["mount_namespace"].active
    ruleset = _landlock(layers, paths, private_files, without)
    if ruleset is not None:
        ruleset = descriptors.move_up(ruleset)
    strict = wide = None
    if "seccomp" in without:
        layers["seccomp"] = Layer("seccomp", False, "switched off by the configuration")
    else:
        strict, wide = _seccomp(layers, private_files)
    if not layers["pid_namespace"].active:
        wide = None
    uid = _privileges(layers, run_uid, without)
    layers["rlimits"] = Layer("rlimits", True, "CPU, address space, processes, file size, open files, stack, core")
    walls = Walls({name: layers[name] for name in NAMES}, uid, ruleset, strict, wide)
    libc.prctl(libc.PR_SET_CHILD_SUBREAPER, 1)
    libc.prctl(libc.PR_SET_DUMPABLE, 0)
    return walls


def die_with_parent() -> None:
    """Ends the calling process when the thread that forked it ends. Raises OSError."""
    libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)


def _be_the_first_to_go() -> None:
    """When the machine runs out of memory, a slot should go, not the service."""
    try:
        descriptor = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
    except OSError:
        return
    try:
        os.write(descriptor, b"500")
    except OSError:
        pass  # only a preference
    finally:
        os.close(descriptor)


def _landlock(layers: dict[str, Layer], paths: list[str], private: bool, without: Collection[str]) -> int | None:
    version = 0 if "landlock" in without else landlock.abi()
    if version == 0:
        reason = "switched off by the configuration" if "landlock" in without else "the kernel has no Landlock"
        layers["landlock"] = Layer("landlock", False, reason)
        return None
    writable = [root.SCRATCH_PARENT] if private else []
    try:
        ruleset = landlock.ruleset(version, readable=paths, devices=root.DEVICES, writable=writable)
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


def close_around_this_process(walls: Walls, limits: Limits, parent: int, beside: int) -> None:
    """Called in a run, which cannot undo it; `beside` are its other first processes. Raises OSError."""
    os.setsid()
    _limit(walls, limits, beside)
    if walls.run_uid is not None:
        _become(walls.run_uid)
    libc.drop_capabilities()
    die_with_parent()
    if os.getppid() != parent:
        raise OSError("the template is gone")
    libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
    if walls.private_files:
        os.chdir(root.SCRATCH)
    if walls.ruleset is not None:
        landlock.restrict(walls.ruleset)
    policy = walls.wide if limits.processes > 1 else walls.strict
    if policy is not None:
        policy.install()


def _limit(walls: Walls, limits: Limits, beside: int) -> None:
    cpu = int(limits.cpu_seconds) + 1
    _set(resource.RLIMIT_CPU, cpu, cpu + 1)
    _set(resource.RLIMIT_AS, limits.memory_bytes)
    _set(resource.RLIMIT_STACK, min(_STACK_BYTES, limits.memory_bytes // 2))
    _set(resource.RLIMIT_FSIZE, limits.file_bytes)
    _set(resource.RLIMIT_NOFILE, _OPEN_FILES)
    _set(resource.RLIMIT_CORE, 0)
    _set(resource.RLIMIT_MEMLOCK, 0)
    if walls.run_uid is not None:
        _set(resource.RLIMIT_NPROC, limits.processes + beside)
    elif walls.layers["user_namespace"].active:  # which counts the slot's own two processes as well
        _set(resource.RLIMIT_NPROC, limits.processes + beside + 2)


def _set(kind: int, soft: int, hard: int | None = None) -> None:
    """Lowers a limit; one that is lower already stays."""
    ceiling = resource.getrlimit(kind)[1]
    wanted = soft if hard is None else hard
    bound = wanted if ceiling == resource.RLIM_INFINITY else min(wanted, ceiling)
    resource.setrlimit(kind, (min(soft, bound), bound))
