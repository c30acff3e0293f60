"""`codaserve scorer --probe`: what the machine gives to the sandbox, as a table."""

import asyncio
from collections.abc import Iterable

from codaserve.v1 import scorer_pb2 as pb
from scorer.code.judge import CodeJudge
from scorer.code.settings import CodeSettings
from scorer.kernel.layers import Layer
from scorer.sandbox.errors import IsolationError
from scorer.sandbox.pool import check_required

_LANGUAGES_SECONDS = 60.0

_NAMESPACES = (
    "run as root, or as a user who may make user namespaces (sysctl user.max_user_namespaces, and no policy of the "
    "distribution or the container against it)"
)
# The user namespace is only there for the sake of the others.
_REMEDIES = {
    "mount_namespace": _NAMESPACES,
    "pid_namespace": _NAMESPACES,
    "network_namespace": _NAMESPACES,
    "ipc_namespace": _NAMESPACES,
    "uts_namespace": _NAMESPACES,
    "landlock": "use Linux 5.13 or newer with landlock in lsm= (6.12 for signals and abstract sockets)",
    "seccomp": "use a kernel with CONFIG_SECCOMP_FILTER",
    "cgroups": "start the service in a control group that is delegated to it (systemd: Delegate=yes)",
    "dropped_privileges": (
        "leave a service that is root the capabilities CAP_SETUID and CAP_SETGID, and install Python and packages "
        "where other users can read them"
    ),
}


async def probe(settings: CodeSettings) -> int:
    """Starts the sandbox as configured, prints what it amounts to and ends it.

    Returns:
        The exit status: 0 if `isolation.require` is met, else 1.

    Raises:
        SandboxError: The sandbox does not start for another reason than a missing layer.
    """
    isolation = settings.sandbox.isolation
    lenient = settings.sandbox.model_copy(update={"isolation": isolation.model_copy(update={"require": ()})})
    judge = CodeJudge(settings.model_copy(update={"sandbox": lenient}))
    try:
        await judge.start()
        try:
            async with asyncio.timeout(_LANGUAGES_SECONDS):
                await judge.settled()
        except TimeoutError:
            pass  # those that were not tried are told as missing
        layers = [Layer(layer.name, layer.active, layer.detail) for layer in judge.isolation]
        print("\n".join(describe(layers, judge.languages, judge.missing_languages)))
    finally:
        await judge.close()
    try:
        check_required(layers, isolation.require)
    except IsolationError as error:
        print(f"\nNOT MET: {error}")
        return 1
    print(f"\nisolation.require is met: {', '.join(isolation.require) or 'nothing is required'}")
    return 0


def describe(layers: list[Layer], languages: Iterable[pb.Language], missing: Iterable[pb.Language]) -> list[str]:
    """The tables, line by line."""
    lines = ["Layers of isolation", ""]
    remedies: dict[str, list[str]] = {}
    for layer in layers:
        lines.append(f"  {layer.name:<20} {'yes' if layer.active else 'NO':<4} {_one_line(layer.detail)}")
        if not layer.active and layer.name in _REMEDIES and "configuration" not in layer.detail:
            remedies.setdefault(_REMEDIES[layer.name], []).append(layer.name)
    if remedies:
        lines += ["", "To have more of them", ""]
        lines += [f"  {', '.join(names)}:\n    {remedy}" for remedy, names in remedies.items()]
    lines += ["", mode(layers), "", "Languages", ""]
    lines += [f"  {language.name:<12} {language.version}" for language in languages]
    lines += [f"  {language.name:<12} NO: {_one_line(language.detail)}" for language in missing]
    return lines


def _one_line(text: str) -> str:
    return " ".join(text.split())


def mode(layers: Iterable[Layer]) -> str:
    """Which of the modes of docs/sandbox.md the layers amount to."""
    active = {layer.name for layer in layers if layer.active}
    walls = {"seccomp", "rlimits"} <= active
    if walls and {"mount_namespace", "pid_namespace", "dropped_privileges"} <= active:
        if "user_namespace" in active:
            return "Mode (b): a plain user with user namespaces."
        return "Mode (a): root on a host, a user of its own for each slot."
    if walls and {"mount_namespace", "pid_namespace"} <= active:
        return (
            "Mode (a) without users of their own: runs have a root and processes of their own, but the service's user."
        )
    if walls and "landlock" in active:
        return "Mode (c): an unprivileged container; Landlock, seccomp, rlimits and the supervision of processes."
    return "None of the modes: do not run what you do not trust."
