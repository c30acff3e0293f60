"""Programs of a mixed load: honest ones with their verdict, hostile ones that must not pass."""

# One program a line, however long.
# ruff: noqa: E501
from codaserve.v1 import scorer_pb2 as pb

SHORT = pb.RunLimits(cpu_seconds=0.5, wall_seconds=2)
"""For what would go on for ever."""

_DOUBLES = {
    "python": "print(2 * int(input()))",
    "c": '#include <stdio.h>\nint main(void) { long n; scanf("%ld", &n); printf("%ld\\n", 2 * n); }',
    "cpp": "#include <iostream>\nint main() { long n; std::cin >> n; std::cout << 2 * n << std::endl; }",
    "java": "import java.util.Scanner;\npublic class Main {\n    public static void main(String[] a) {\n"
    "        System.out.println(2 * new Scanner(System.in).nextLong());\n    }\n}",
    "javascript": "const n = Number(require('fs').readFileSync(0, 'utf8'));\nconsole.log(2 * n);",
    "typescript": "import * as fs from 'fs';\nconst n: number = Number(fs.readFileSync(0, 'utf8'));\nconsole.log(2 * n);",
    "go": 'package main\nimport "fmt"\nfunc main() {\n\tvar n int\n\tfmt.Scan(&n)\n\tfmt.Println(2 * n)\n}',
    "rust": "use std::io;\nfn main() {\n    let mut s = String::new();\n    io::stdin().read_line(&mut s).unwrap();\n"
    '    println!("{}", 2 * s.trim().parse::<i64>().unwrap());\n}',
    "bash": "read n\necho $((2 * n))",
}
LANGUAGES = frozenset(_DOUBLES)
"""All that the service knows."""

_ASSERTS = "def f(v):\n    v.append(len(v))\n    return v"
_PAIRED = "for size in range(5):\n    v = list(range(size))\n    assert f(v) is not None and v == list(range(size + 1))"

HOSTILE = {
    "fork bomb": "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
    "daemon": "import os\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        while True: pass",
    "orphans that hold the output": "import os, time\nfor _ in range(3):\n    if os.fork() == 0: time.sleep(1000)",
    "racing forks": "import os\nwhile True:\n    if os.fork(): os._exit(0)",
    "zombies": "import os\nfor _ in range(4):\n    if os.fork() == 0: os._exit(0)\nimport time\ntime.sleep(1000)",
    "threads": "import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(99,)).start()",
    "memory at once": "x = bytearray(10 ** 10)",
    "memory bit by bit": "x = []\nwhile True: x.append(bytes(10 ** 6))",
    "shared memory": "import mmap\nx = mmap.mmap(-1, 5 * 10 ** 8)\nfor i in range(0, len(x), 4096): x[i] = 1",
    "endless loop": "while True: pass",
    "sleep": "import time\ntime.sleep(1000)",
    "stopping itself": "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)",
    "killing everything": "import os\nfor pid in (-1, 0, 1, os.getppid()):\n    try: os.kill(pid, 9)\n    except OSError: pass",
    "output without end": "import sys\nwhile True: sys.stdout.write('x' * 10 ** 5)",
    "errors without end": "import sys\nwhile True: sys.stderr.write('x' * 10 ** 5)",
    "descriptors": "import os\nwhile True: os.dup(0)",
    "pipes full of data": "import os\nwhile True:\n    r, w = os.pipe()\n    os.set_blocking(w, False)\n    os.write(w, bytes(10 ** 6))",
    "many files": "for i in range(10 ** 6): open(str(i), 'w').close()",
    "a deep folder": "import os\nfor _ in range(1500):\n    os.mkdir('d'); os.chdir('d')\nos.chmod('.', 0)",
    "a full scratch folder": "f = open('x', 'wb')\nwhile True: f.write(bytes(10 ** 6))",
    "links": "import os\nos.symlink('/', 'a')\nos.symlink('a', 'b')\nos.mkdir('c')\nos.chmod('c', 0)",
    "files elsewhere": "for place in ('/tmp', '/var/tmp', '/dev/shm', '/run', '/'):\n    try: open(place + '/left', 'w')\n    except OSError: pass",
    "shared memory segments": "import ctypes\nctypes.CDLL(None).shmget(0, 10 ** 6, 0o1777)",
    "memory files": "import os\nf = os.memfd_create('left')\nwhile True: os.write(f, bytes(10 ** 6))",
    "an abort": "import os\nos.abort()",
    "recursion": "def f(): f()\nf()",
    "a null pointer": "import ctypes\nctypes.string_at(0)",
    "results without end": "import os\nwhile True:\n    for d in range(3, 20):\n        try: os.write(d, b'x' * 4096)\n        except OSError: pass",
    "closed descriptors": "import os, time\nos.closerange(0, 256)\ntime.sleep(1000)",
    "an exit": "import os\nos._exit(0)",
}  # fmt: skip


def honest(info: pb.ScorerInfo) -> dict[str, pb.CodeTask]:
    """By name, tasks whose verdict is right: every language that the server has, every kind of tests, both profiles."""
    tasks = {}
    for language in info.languages:
        stdio = pb.StdioTests(cases=[pb.StdioCase(input=f"{n}\n", output=f"{2 * n}\n") for n in (1, 21)])
        tasks[language.name] = pb.CodeTask(language=language.name, source=_DOUBLES[language.name], stdio=stdio)
    calls = pb.CallTests(cases=[pb.CallCase(arguments=f"[[{n}]]", expected=f"[{n}, 1]") for n in range(3)])
    paired = pb.AssertTests(script=_PAIRED)
    literal = pb.AssertTests(script="assert f([5]) == [5, 1]\nassert f([]) == [0]")
    tasks["calls"] = pb.CodeTask(language="python", source=_ASSERTS, entry_point="f", calls=calls)
    tasks["paired"] = pb.CodeTask(language="python", source=_ASSERTS, entry_point="f", asserts=paired)
    tasks["literal"] = pb.CodeTask(language="python", source=_ASSERTS, entry_point="f", asserts=literal)
    if pb.PROFILE_PROC in info.limits.profiles:
        source = "import subprocess\nprint(subprocess.run(['echo', input()], capture_output=True, text=True).stdout)"
        stdio = pb.StdioTests(cases=[pb.StdioCase(input="hello", output="hello")])
        tasks["proc"] = pb.CodeTask(
            language="python",
            source=source,
            stdio=stdio,
            profile=pb.PROFILE_PROC,
            limits=pb.RunLimits(processes=8),
        )
    return tasks


def hostile(info: pb.ScorerInfo) -> dict[str, pb.CodeTask]:
    """By name, tasks that must not pass, in every profile that the server has, also as one half of a paired run."""
    tasks = {}
    for name, source in HOSTILE.items():
        stdio = pb.StdioTests(cases=[pb.StdioCase(output="never")])
        asserts = pb.AssertTests(script="for _ in range(2):\n    assert f(1) == 4242")
        tasks[name] = pb.CodeTask(language="python", source=source, stdio=stdio, limits=SHORT)
        inside = "def f(x):\n" + "".join(f"    {line}\n" for line in source.splitlines())
        tasks[f"{name}, paired"] = pb.CodeTask(
            language="python", source=inside, entry_point="f", asserts=asserts, limits=SHORT
        )
        if pb.PROFILE_PROC in info.limits.profiles:
            limits = pb.RunLimits(cpu_seconds=0.5, wall_seconds=2, processes=16)
            tasks[f"{name}, proc"] = pb.CodeTask(
                language="python", source=source, stdio=stdio, limits=limits, profile=pb.PROFILE_PROC
            )
    return tasks
