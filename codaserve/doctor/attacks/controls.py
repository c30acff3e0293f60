"""Honest programs, which must be right, wrong or broken as they are: a scorer that refuses all is of no use."""

# One program a line, however long.
# ruff: noqa: E501
from codaserve.doctor.attack import Attack, Reasons, Tests
from codaserve.v1 import scorer_pb2 as pb

GROUP = "controls"

SUMS = {
    "python": "a, b = map(int, input().split())\nprint(a + b)\n",
    "c": '#include <stdio.h>\nint main(void) { int a, b; if (scanf("%d %d", &a, &b) != 2) return 1; printf("%d\\n", a + b); return 0; }\n',
    "cpp": "#include <iostream>\nint main() { int a, b; std::cin >> a >> b; std::cout << a + b << std::endl; }\n",
    "java": "import java.util.*;\npublic class Main {\n public static void main(String[] x) {\n  Scanner s = new Scanner(System.in);\n  System.out.println(s.nextInt() + s.nextInt());\n }\n}\n",
    "javascript": "const [a, b] = require('fs').readFileSync(0, 'utf8').trim().split(/\\s+/).map(Number);\nconsole.log(a + b);\n",
    "typescript": "declare const require: any;\nconst parts: number[] = require('fs').readFileSync(0, 'utf8').trim().split(/\\s+/).map(Number);\nconst sum = (a: number, b: number): number => a + b;\nconsole.log(sum(parts[0], parts[1]));\n",
    "go": 'package main\n\nimport "fmt"\n\nfunc main() {\n\tvar a, b int\n\tfmt.Scan(&a, &b)\n\tfmt.Println(a + b)\n}\n',
    "rust": 'use std::io::Read;\nfn main() {\n    let mut text = String::new();\n    std::io::stdin().read_to_string(&mut text).unwrap();\n    let sum: i64 = text.split_whitespace().map(|w| w.parse::<i64>().unwrap()).sum();\n    println!("{}", sum);\n}\n',
    "bash": "read -r a b\necho $((a + b))\n",
}
"""For each language a program that adds two numbers."""
EXITS = {
    "python": "import sys\nsys.exit(3)\n",
    "c": "int main(void) { return 3; }\n",
    "cpp": "int main() { throw 3; }\n",
    "java": 'public class Main { public static void main(String[] x) { throw new RuntimeException("x"); } }\n',
    "javascript": "throw new Error('x');\n",
    "typescript": "throw new Error('x');\n",
    "go": 'package main\n\nfunc main() { panic("x") }\n',
    "rust": 'fn main() { panic!("x"); }\n',
    "bash": "exit 3\n",
}
BROKEN = {
    "python": "def f(:\n",
    "c": "int main(void) { return missing; }\n",
    "cpp": "int main() { return missing; }\n",
    "java": "public class Main { public static void main(String[] x) { missing(); } }\n",
    "typescript": "const x: = ;\n",
    "go": "package main\n\nfunc main() { missing() }\n",
    "rust": "fn main() { missing(); }\n",
}
FUNCTION = "def f(x, y): return x + y\n"


def _right(name: str, source: str, language: str = "python", tests: Tests = "stdio") -> Attack:
    return Attack(GROUP, name, "be right", source, language, frozenset(), tests=tests, honest=True)


def _ends(name: str, tries: str, source: str, language: str, reason: "pb.Reason") -> Attack:
    ends: Reasons = frozenset({reason})
    return Attack(GROUP, name, tries, source, language, ends, layers=("typed verdict",))


ATTACKS = (
    *(_right(f"{language}: a sum", source, language) for language, source in SUMS.items()),
    *(_ends(f"{language}: a wrong sum", "be wrong", source, language, pb.REASON_WRONG_ANSWER) for language, source in SUMS.items()),
    *(_ends(f"{language}: an error", "fail while running", source, language, pb.REASON_RUNTIME_ERROR) for language, source in EXITS.items()),
    *(_ends(f"{language}: no program", "be no program", source, language, pb.REASON_COMPILE_ERROR) for language, source in BROKEN.items()),
    _right("python: function calls", FUNCTION, tests="calls"),
    _right("python: assert lines", FUNCTION, tests="literal"),
    _right("python: assert script", FUNCTION, tests="script"),
    _right("python: check(candidate)", FUNCTION, tests="checked"),
    _right("python: standard library", "import bisect, collections, datetime, decimal, fractions, functools, heapq, itertools, json, math, random, re, statistics, string\na, b = map(int, input().split())\nprint(int(decimal.Decimal(a) + fractions.Fraction(b).numerator))\n"),
    _right("python: other streams", "import io, sys\nsys.stdout.reconfigure(errors='replace')\nsys.stdin = io.TextIOWrapper(sys.stdin.buffer)\na, b = map(int, input().split())\nsys.stdout = io.TextIOWrapper(sys.stdout.buffer)\nprint(a + b)\nsys.stdout.flush()\n"),
    _right("python: asyncio", "import asyncio\nasync def f():\n    await asyncio.sleep(0.01)\n    a, b = map(int, input().split())\n    print(a + b)\nasyncio.run(f())\n"),
    _right("python: much memory and output on standard error", "import sys\nx = bytearray(50_000_000)\nsys.stderr.write('x' * 10_000)\na, b = map(int, input().split())\nprint(a + b)\n"),
    _right("python: in a response", "Here it is:\n```python\na, b = map(int, input().split())\nprint(a + b)\n```\nDone."),
)  # fmt: skip
