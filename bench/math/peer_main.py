"""Runs one verifier of another project: a JSON line `{"gold", "text", "whole"}` in, `{"accepted", "seconds"}` out.

    python peer_main.py NAME

Imports nothing of this project: it runs in the environment that has the peers. `whole` says that `text` is a response
in which the answer is to be found; only verifiers that search themselves are given those.
"""

import importlib
import importlib.util
import json
import logging
import os
import sys
import time
import types
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

Judge = Callable[[str, str, bool], bool]
"""Gold answer, text, whether the text is a whole response."""


def math_verify() -> Judge:
    """math-verify as it comes; what has no dollar sign and is no whole response is put between dollar signs."""
    from math_verify import parse, verify

    def latex(text: str) -> str:
        return text if "$" in text else f"${text}$"

    return lambda gold, text, whole: verify(parse(latex(gold)), parse(text if whole else latex(text)))


def mathruler() -> Judge:
    """mathruler, used by EasyR1."""
    grade_answer = _module("mathruler.grader").grade_answer
    return lambda gold, text, _whole: grade_answer(text, gold)


def verl_math() -> Judge:
    """verl's port of the comparison of the MATH data set."""
    _bare_packages("verl", "verl.utils", "verl.utils.reward_score")
    is_equiv = _module("verl.utils.reward_score.math_reward").is_equiv
    return lambda gold, text, _whole: is_equiv(text, gold)


def verl_dapo() -> Judge:
    """verl's scorer for DAPO."""
    _bare_packages("verl", "verl.utils", "verl.utils.reward_score")
    compute_score = _module("verl.utils.reward_score.math_dapo").compute_score
    return lambda gold, text, _whole: bool(compute_score(f"Answer: {text}", gold)["acc"])


def verl_prime() -> Judge:
    """verl's scorer of PRIME."""
    _bare_packages("verl", "verl.utils", "verl.utils.reward_score")
    # Its own time limit starts a process for each comparison; the one of `bench.math.peers` is enough.
    unlimited = types.ModuleType("verl.utils.py_functional")
    unlimited.timeout_limit = lambda *_args, **_kwargs: lambda function: function  # type: ignore[attr-defined]
    sys.modules["verl.utils.py_functional"] = unlimited
    compute_score = _module("verl.utils.reward_score.prime_math").compute_score
    return lambda gold, text, _whole: bool(compute_score(f"\\boxed{{{text}}}", gold)[0])


def lm_eval_minerva() -> Judge:
    """The exact match of lm-eval's minerva_math."""
    _bare_packages("lm_eval", "lm_eval.tasks", "lm_eval.tasks.minerva_math")
    utils = _module("lm_eval.tasks.minerva_math.utils")
    normal = utils.normalize_final_answer
    return lambda gold, text, _whole: utils.is_equiv(normal(text), normal(gold))


JUDGES: dict[str, Callable[[], Judge]] = {
    "math-verify": math_verify,
    "mathruler": mathruler,
    "verl math": verl_math,
    "verl dapo": verl_dapo,
    "verl prime": verl_prime,
    "lm-eval minerva": lm_eval_minerva,
}


def _module(name: str) -> Any:
    """A module that only the peers' environment has."""
    return importlib.import_module(name)


def _bare_packages(*names: str) -> None:
    """Lets modules be imported from packages whose own import would need a whole training framework."""
    for name in names:
        if "." in name:
            parent, _, own = name.rpartition(".")
            folder = Path(sys.modules[parent].__path__[0], own)
        else:
            spec = importlib.util.find_spec(name)
            if spec is None or spec.origin is None:
                raise ModuleNotFoundError(name)
            folder = Path(spec.origin).parent
        package = types.ModuleType(name)
        package.__path__ = [str(folder)]
        sys.modules[name] = package


def _judged(judge: Judge, line: dict[str, Any]) -> dict[str, Any]:
    started = time.perf_counter()
    try:
        accepted = bool(judge(line["gold"], line["text"], line["whole"]))
    except Exception as error:  # noqa: BLE001 - a verifier that fails on an answer has not accepted it
        return {"accepted": False, "seconds": time.perf_counter() - started, "error": repr(error)[:200]}
    return {"accepted": accepted, "seconds": time.perf_counter() - started}


def main() -> None:
    """Answers lines until the input ends."""
    logging.disable(logging.CRITICAL)
    # What verifiers print must not mix with the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    reply = partial(print, file=answers, flush=True)
    judge = JUDGES[sys.argv[1]]()
    reply(json.dumps({"ready": True}))
    for line in sys.stdin:
        reply(json.dumps(_judged(judge, json.loads(line))))


if __name__ == "__main__":
    main()
