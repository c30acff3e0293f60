"""Items that try to hang, flood, break or leave the scorer, as lines of a task file."""

import json
from collections.abc import Iterator

SCRIPTS = {
    "fork-bomb": "import os\nwhile True:\n    os.fork()\n",
    "forgiving-fork-bomb": "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass\n",
    "endless-loop": "while True:\n    pass\n",
    "endless-sleep": "import time\ntime.sleep(10**6)\n",
    "huge-allocation": "x = bytearray(10 * 1024**3)\nprint(len(x))\n",
    "huge-output": "import sys\nfor _ in range(1024):\n    sys.stdout.write('x' * 1024**2)\n",
    "kill-everything": "import os, signal\nos.kill(-1, signal.SIGKILL)\n",
    "segmentation-fault": "import ctypes\nctypes.string_at(0)\n",
    "early-exit": "import os\nos._exit(0)\n",
    "deep-recursion": "import sys\nsys.setrecursionlimit(10**9)\ndef f(): f()\nf()\n",
    "syntax-error": "def f(:\n",
    "stopped": "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)\n",
    "threads": "import threading, time\nwhile True:\n    threading.Thread(target=time.sleep, args=(99,)).start()\n",
    "files": "i = 0\nwhile True:\n    open(f'/tmp/{i}', 'w').write('x' * 10**6)\n    i += 1\n",
    "daemon": "import os, time\nif os.fork() == 0:\n    os.setsid()\n    os.fork()\n    time.sleep(10**6)\n",
}

MATH = {
    "power-tower": {"gold": ["5"], "response": "\\boxed{9^{9^{9^9}}}"},
    "power-tower-gold": {"gold": ["9^{9^{9^9}}"], "answer": "9^{9^{9^8}}"},
    "factorial": {"gold": ["1"], "answer": "((10!)!)!"},
    "long-answer": {"gold": ["5"], "answer": "1" * 200_000},
    "long-response": {"gold": ["5"], "response": "so \\boxed{" + "x+" * 100_000 + "1}"},
    "deep-nesting": {"gold": ["5"], "answer": "(" * 5000 + "5" + ")" * 5000},
    "empty-response": {"gold": ["5"], "response": ""},
    "injection": {"gold": ["5"], "answer": "__import__('os').system('sleep 100')"},
    "zero-byte": {"gold": ["5"], "answer": "5\u0000"},
}

_PRINTS_X = '{"id": "unknown-language", "code": {"language": "malbolge", "source": "x", "stdio": {"cases": [{}]}}}'

# Lines that are wrong themselves, each with its failure.
INVALID = {
    "lone-surrogate": (
        '{"id": "lone-surrogate", "math": {"gold": ["5"], "response": "\\ud800"}}',
        "FAILURE_INVALID_TASK",
    ),
    "unknown-language": (_PRINTS_X, "FAILURE_UNSUPPORTED_LANGUAGE"),
    "missing-tests": ('{"id": "missing-tests", "code": {"language": "python", "source": "x"}}', "FAILURE_INVALID_TASK"),
    "missing-gold": ('{"id": "missing-gold", "math": {"answer": "5"}}', "FAILURE_INVALID_TASK"),
    "missing-task": ('{"id": "missing-task"}', "FAILURE_INVALID_TASK"),
    "unknown-field": ('{"id": "unknown-field", "maths": {}}', "FAILURE_INVALID_TASK"),
    "": ('{"id": "cut', "FAILURE_INVALID_TASK"),
}


def connecting_script(address: str) -> str:
    """A program that succeeds only if it reaches the scorer."""
    host, _, port = address.rpartition(":")
    return f"import socket\nsocket.create_connection(({host!r}, {port}), timeout=3)\nprint('reached')\n"


def lines(address: str) -> Iterator[str]:
    """The task file's lines: programs, math answers, invalid lines."""
    for name, source in {**SCRIPTS, "connect": connecting_script(address)}.items():
        stdio = {"cases": [{"input": "", "output": "reached"}]}
        yield json.dumps({"id": name, "code": {"language": "python", "source": source, "stdio": stdio}})
    for name, task in MATH.items():
        yield json.dumps({"id": name, "math": task})
    for line, _ in INVALID.values():
        yield line
