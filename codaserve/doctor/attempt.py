"""Makes an attack, looks at what came of it, and makes sure that the scorer still answers."""

import asyncio
from contextlib import ExitStack

from codaserve.doctor.attack import HOST, LISTENER, Attack
from codaserve.doctor.attacks.controls import SUMS
from codaserve.doctor.finding import Finding, Status, classify, describe, failed
from codaserve.doctor.listener import Listener, is_this_host
from codaserve.doctor.target import LostError, Target
from codaserve.doctor.tasks import fresh_words, item
from codaserve.v1 import scorer_pb2 as pb

ROUNDS = 3
"""How often both programs of a pair run on all slots."""
HEAD_START_SECONDS = 0.3
"""How long the first program of a pair runs before the second is sent, where both run together."""


def why_skipped(attack: Attack, target: Target) -> str | None:
    """Why an attack cannot be made here, None if it can."""
    limits = target.info.limits
    if attack.language not in target.languages:
        return f"no {attack.language} here"
    if attack.profile == pb.PROFILE_PROC and pb.PROFILE_PROC not in limits.profiles:
        return "programs may start no others here"
    for name in ("cpu_seconds", "wall_seconds", "processes"):
        if getattr(attack.limits, name) > getattr(limits.max_run, name):
            return f"the server's limits.max_run.{name} is too low"
    if attack.needs_listener and not is_this_host(target.host):
        return "the scorer is on another host"
    if attack.together and target.slots < 2:
        return "one sandbox only: no two programs run together"
    return None


async def attempt(attack: Attack, target: Target) -> Finding:
    """One attack from begin to end, controls included."""
    skipped = why_skipped(attack, target)
    if skipped is not None:
        return Finding(Status.SKIPPED, skipped)
    try:
        with ExitStack() as stack:
            listener = stack.enter_context(Listener()) if attack.needs_listener else None
            finding = await (_single if attack.then is None else _pair)(attack, target, listener)
            if listener is not None and (arrived := listener.arrivals()):
                return failed(f"{', '.join(arrived)} arrived; the program: {finding.seen}")
    except LostError as error:
        return failed(str(error))
    except OSError as error:
        return Finding(Status.SKIPPED, f"nothing can listen on this host: {error}")
    if attack.honest or finding.status is not Status.PASSED:
        return finding
    return await _afterwards(attack, target) or finding


async def _single(attack: Attack, target: Target, listener: Listener | None) -> Finding:
    (result,) = await target.score([item(attack, _words(target, listener))])
    return classify(attack, result, target.active)


async def _pair(attack: Attack, target: Target, listener: Listener | None) -> Finding:
    finding = failed("nothing was run")
    for _ in range(ROUNDS):
        words = _words(target, listener)
        first, second = item(attack, words), item(attack, words, then=True)
        if attack.together:
            firsts = max(1, target.slots // 2)
            running = asyncio.create_task(target.score([first] * firsts))
            try:
                await asyncio.sleep(HEAD_START_SECONDS)
                seconds = await target.score([second] * (target.slots - firsts))
            finally:
                left = (await asyncio.gather(running, return_exceptions=True))[0]
            if isinstance(left, BaseException):
                raise left
        else:
            left = await target.score([first] * target.slots)
            seconds = await target.score([second] * target.slots)
        # The first is not the attack, but it must have been run.
        for result in [*left, *seconds]:
            finding = classify(attack, result, target.active)
            if finding.status is not Status.PASSED:
                return finding
    return finding


async def _afterwards(attack: Attack, target: Target) -> Finding | None:
    """What is wrong with the scorer after an attack, None if it is well. As many programs as there are slots."""
    language = "python" if "python" in target.languages else attack.language
    control = Attack("controls", "afterwards", "be right", SUMS[language], language, honest=True)
    try:
        results = await target.score([item(control, _words(target, None)) for _ in range(target.slots)])
    except LostError as error:
        return failed(f"afterwards the scorer does not answer: {error}")
    wrong = next((result for result in results if not result.verdict.correct), None)
    return None if wrong is None else failed(f"afterwards an honest program gets: {describe(wrong)}")


def _words(target: Target, listener: Listener | None) -> dict[str, str]:
    words = fresh_words(target.host, target.port)
    if listener is not None:
        words |= {LISTENER: str(listener.port), HOST: "127.0.0.1", "@LISTENER_PATH@": listener.name}
    return words
