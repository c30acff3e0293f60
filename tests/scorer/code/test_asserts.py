"""Honest assert scripts, whose program is in another process: what crosses, what does not, and what is said of it."""

from collections.abc import Awaitable, Callable

import pytest

from codaserve.v1 import scorer_pb2 as pb
from scorer.code.judge import CodeJudge
from scorer.errors import TaskError

Judge = Callable[..., Awaitable[pb.Verdict]]
pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.usefixtures("slots_survive")]

# Source, script, and a source that the same script has to refuse.
HONEST = {
    "values": ("def f(x): return x", "for v in (1, 'a', None, 2.5, 2**99, 1j, b'x', (1, [2])): assert f(v) == v", "def f(x): return 1"),
    "sets": ("def f(a, b): return [*a, *b]", "assert set(f([1], [2])) == set([2, 1])", "def f(a, b): return [1]"),
    "sorted": ("def f(a): return {*a}", "assert sorted(f([3, 1])) == [1, 3]", "def f(a): return {1}"),
    "isclose": ("def f(a): return a / 3", "import math\nassert math.isclose(f(1), 0.3333, rel_tol=0.001)", "def f(a): return 0.3"),
    "not a number": ("def f(): return float('nan')", "v = f()\nassert v != v", "def f(): return 0.0"),
    "expected exceptions": ("def f(x): return 1 // x", "try:\n    f(0)\n    assert False\nexcept ZeroDivisionError as e:\n    assert 'by zero' in str(e)", "def f(x): return 0"),
    "exceptions with arguments": ("def f(d): return d['k']", "try: f({})\nexcept KeyError as e: assert e.args == ('k',)\nelse: assert False", "def f(d): raise KeyError('j')"),
    "own exceptions": ("class Low(ValueError): pass\ndef f(): raise Low('x')", "try: f()\nexcept ValueError as e: assert str(e) == 'x'\nelse: assert False", "def f(): raise TypeError('x')"),
    "own exceptions by name": ("class Low(Exception): pass\nclass Lower(Low): pass\ndef f(): raise Lower", "try: f()\nexcept Low: pass\nelse: assert False", "class Low(Exception): pass\ndef f(): raise ValueError"),
    "decoding errors": ("def f(b): return b.decode()", "try: f(b'\\xff')\nexcept UnicodeDecodeError as e: assert e.start == 0\nelse: assert False", "def f(b): return ''"),
    "exceptions as values": ("def f(e): return ValueError(str(e))", "e = f(KeyError('k'))\nassert isinstance(e, ValueError) and e.args == (\"'k'\",) and isinstance(f(e), Exception)", "def f(e): return str(e)"),
    "classes of exceptions as arguments": ("def f(g, kind):\n    try: g()\n    except kind: return True\n    return False", "assert f(lambda: 1 / 0, ZeroDivisionError) and f(lambda: [][0], (KeyError, IndexError)) and not f(lambda: 1, Exception)", "def f(g, kind): return True"),
    "exceptions of the script that pass through": ("def f(g): g(3)", "class Low(Exception): pass\ndef g(x): raise Low(x)\ntry: f(g)\nexcept Low as e: assert e.args == (3,)\nelse: assert False", "def f(g): raise ValueError(3)"),
    "attributes of own exceptions": ("class Low(Exception):\n    def __init__(s, m, code): super().__init__(m); s.code = code\ndef f(): raise Low('a', 3)", "try: f()\nexcept Low as e: assert e.code == 3 and str(e) == 'a'\nelse: assert False", "class Low(Exception): code = 4\ndef f(): raise Low('a')"),
    "texts of own exceptions": ("class Low(ValueError):\n    def __str__(s): return 'E:' + s.args[0]\ndef f(): raise Low('a')", "try: f()\nexcept ValueError as e: assert str(e) == 'E:a'\nelse: assert False", "def f(): raise ValueError('a')"),
    "decorated functions": ("import functools\ndef f(g):\n    @functools.wraps(g)\n    def w(*a): return g(*a) + 1\n    return w", "@f\ndef h(x): return x * 2\nassert h(3) == 7 and h.__name__ == 'h'", "def f(g):\n    def w(*a): return g(*a) + 1\n    return w"),
    "functions that are cached": ("import functools\ndef f(g): return functools.lru_cache(None)(g)(2)", "assert f(lambda x: x + 1) == 3", "def f(g): return g.__doc__"),
    "coroutine functions passed": ("import asyncio\nasync def f(g): return await g(2) if asyncio.iscoroutinefunction(g) else g(2)", "import asyncio\nasync def g(x): return x + 1\nassert asyncio.run(f(g)) == 3 and asyncio.run(f(lambda x: x)) == 2", "async def f(g): return 3"),
    "system exit": ("def f(): raise SystemExit(3)", "try: f()\nexcept SystemExit as e: assert e.code == 3\nelse: assert False", "def f(): raise SystemExit(4)"),
    "generators": ("def f(n):\n    for i in range(n): yield i", "assert list(f(3)) == [0, 1, 2]\nassert next(f(1)) == 0", "def f(n): return [0]"),
    "maps and zips": ("def f(a): return zip(map(str, a), a)", "assert dict(f([1, 2])) == {'1': 1, '2': 2}", "def f(a): return zip(a, a)"),
    "counters": ("from collections import Counter\ndef f(s): return Counter(s)", "c = f('aab')\nassert c == {'a': 2, 'b': 1} and c.most_common(1) == [('a', 2)]", "def f(s): return {'a': 2, 'b': 1}"),
    "counters and literals": ("from collections import Counter\ndef f(s): return Counter(s)", "assert f([1, 1]) == {1: 2}", "def f(s): return {1: 3}"),
    "named tuples": ("from collections import namedtuple\nP = namedtuple('P', 'x')\ndef f(): return P(1)", "assert f() == (1,)\nassert len(f()) == 1", "def f(): return [1]"),
    "arguments changed in place": ("def f(a): a.sort(); a.append(9)", "a = [2, 1]\nassert f(a) is None\nassert a == [1, 2, 9]", "def f(a): return sorted(a)"),
    "arguments changed deeply": ("def f(d): d['a'][0].add(3); d['b'] = d.pop('c')", "s = {1}\nd = {'a': [s], 'c': 2}\nf(d)\nassert s == {1, 3} and d == {'a': [s], 'b': 2} and d['a'][0] is s", "def f(d): d.update(a=[{1, 3}], b=2); del d['c']"),
    "changed before an exception": ("def f(a):\n    a.clear()\n    raise ValueError", "a = [1]\ntry: f(a)\nexcept ValueError: pass\nassert a == []", "def f(a): raise ValueError"),
    "the same object comes back": ("def f(a): a.append(1); return a", "a = []\nassert f(a) is a and a == [1]", "def f(a): return [*a, 1]"),
    "one object in two places": ("def f(rows): rows[0].append(1)", "row = []\nrows = [row, row]\nf(rows)\nassert rows == [[1], [1]] and rows[0] is rows[1]", "def f(rows): rows[:] = [[1], []]"),
    "helpers of the program": ("def f(x): return g(x) + 1\ndef g(x): return x * K\nK = 5", "assert f(2) == g(2) + 1 and K == 5", "def f(x): return 0\ndef g(x): return x\nK = 5"),
    "imports of the program": ("import math\nfrom collections import Counter\nfrom typing import List\ndef f(x): return [x]", "def check(candidate: List):\n    assert candidate(math.pi) == [3.141592653589793]\n    assert Counter(candidate(1)) == {1: 1}", "import math\nfrom collections import Counter\nfrom typing import List\ndef f(x): return [0]"),
    "a function named as one of Python's": ("def sum(a, b): return a + b", "assert sum(1, 2) == 3\nassert sum(2, 2) == 4", "def sum(a, b): return a"),
    "state of the program": ("seen = []\ndef f(x): seen.append(x); return len(seen)", "for i in range(1, 5): assert f(0) == i", "def f(x): return 1"),
    "coroutines": ("async def f(x): return x + 1", "import asyncio\nassert asyncio.run(f(1)) == 2", "async def f(x): return x"),
    "awaited checks": ("async def f(x): return x + 1", "async def check(candidate):\n    assert await candidate(1) == 2", "async def f(x): return x"),
    "keyword arguments": ("def f(a, *b, c=0, **d): return [a, b, c, d]", "for _ in '1': assert f(1, 2, c=3, e=4) == [1, (2,), 3, {'e': 4}]", "def f(*a, **b): return []"),
    "types as arguments": ("def f(v, kind): return [x for x in v if type(x) is kind]", "assert [*f((4, 7.5, 'a'), int)] == [4]", "def f(v, kind): return [7.5]"),
    "decimals, fractions and dates": ("from fractions import Fraction\ndef f(d): return d + Fraction(1, 2)", "from fractions import Fraction\nimport datetime\nassert f(Fraction(1, 3)) == Fraction(5, 6)", "def f(d): return d"),
    "objects with methods": ("class Stack:\n    def __init__(self): self.items = []\n    def push(self, x): self.items.append(x); return self", "s = Stack()\nassert s.push(1).push(2) is s and s.items == [1, 2]\ns.items = [7]\nassert s.push(8).items == [7, 8]", "class Stack:\n    items = [1, 2]\n    def push(self, x): return self"),
    "trees": ("class Node:\n    def __init__(s, v): s.v = v; s.left = None\ndef f(n): return n.v + (f(n.left) if n.left else 0)", "root = Node(1)\nroot.left = Node(2)\nassert f(root) == 3", "class Node:\n    def __init__(s, v): s.left = None\ndef f(n): return 1"),
    "a match is true": ("import re\ndef f(s): return re.search('a', s)", "assert f('bab')\nassert not f('b')", "def f(s): return s"),
    "functions of the program passed back": ("def f(g, x): return g(x)\ndef g(x): return x + 1", "assert f(g, 1) == 2 and f.__name__ == 'f'", "def f(g, x): return 1\ndef g(x): return 1"),
    "methods of the standard library": ("from functools import lru_cache\n@lru_cache\ndef f(x): return x", "for _ in range(3): f(1)\nassert f.cache_info() == (2, 1, 128, 1)", "from functools import lru_cache\n@lru_cache\ndef f(x, y=[]): return x\nf(2)"),
    "returned functions": ("def f(n): return lambda x: x + n", "assert f(2)(3) == 5", "def f(n): return lambda x: x"),
    "work of the main module": ("def f(x): return x", "def test(): assert f(1) == 1\nif __name__ == '__main__': test()", "def f(x): return 0"),
    "large arguments and values": ("def f(a): return a[::-1]", "a = list(range(400_000))\nassert f(a) == a[::-1]", "def f(a): return a"),
    "long integers and deep lists": ("def f(x): return x", "d = 2 ** 50_000\nfor _ in range(80): d = [d]\nassert f(d) == d", "def f(x): return [x]"),
}  # fmt: skip
# ruff: noqa: E501


def entry_point_of(script: str, source: str) -> str:
    return "sum" if "def sum" in source else "f" if "f(" in script or "check" in script else ""


@pytest.mark.parametrize("name", HONEST)
async def test_honest_scripts_tell_right_from_wrong(judge: Judge, name: str) -> None:
    right, script, wrong = HONEST[name]
    tests, entry_point = pb.AssertTests(script=script), entry_point_of(script, right)
    verdict = await judge(source=right, entry_point=entry_point, asserts=tests)
    assert verdict.correct and not verdict.shared_process, verdict
    assert verdict.wall_seconds > 0 and verdict.cpu_seconds > 0 and verdict.peak_memory_bytes > 0
    verdict = await judge(source=wrong, entry_point=entry_point, asserts=tests)
    assert verdict.correct is False, verdict


@pytest.mark.parametrize("name", HONEST)
async def test_honest_scripts_say_the_same_in_a_shared_process(judge: Judge, name: str) -> None:
    right, script, wrong = HONEST[name]
    tests, entry_point = pb.AssertTests(script=script, shared_process=True), entry_point_of(script, right)
    assert (await judge(source=right, entry_point=entry_point, asserts=tests)).correct
    assert (await judge(source=wrong, entry_point=entry_point, asserts=tests)).correct is False


@pytest.mark.parametrize("script", ["assert f(1) == 1", "x = f(1)\nassert x == 1"], ids=["literal", "paired"])
@pytest.mark.parametrize(
    ("source", "reason", "detail"),
    [
        ("def f(x): return 2", pb.REASON_ASSERTION_FAILED, "an assertion failed (line"),
        ("def f(x): return 1 / 0", pb.REASON_RUNTIME_ERROR, "ZeroDivisionError: division by zero (line 1 of the program)"),
        ("def f(x): assert False", pb.REASON_RUNTIME_ERROR, "AssertionError (line 1 of the program)"),
        ("1 / 0", pb.REASON_RUNTIME_ERROR, "ZeroDivisionError: division by zero (line 1 of the program)"),
        ("def f(", pb.REASON_COMPILE_ERROR, "SyntaxError"),
        ("def g(x): return 1", pb.REASON_MISSING_ENTRY_POINT, "does not define"),
        ("import os\ndef f(x): os._exit(3)", pb.REASON_RUNTIME_ERROR, "exit status 3"),
        ("import os\ndef f(x): os.abort()", pb.REASON_RUNTIME_ERROR, "SIGABRT"),
        ("import os\ndef f(x): os.fork()", pb.REASON_FORBIDDEN_OPERATION, "PermissionError"),
        ("def f(x):\n    while True: pass", pb.REASON_TIME_LIMIT, "0.4 s of processor time"),
        ("import time\ndef f(x): time.sleep(99)", pb.REASON_TIME_LIMIT, "3 s of elapsed time"),
        ("def f(x): return bytearray(10 ** 10)", pb.REASON_MEMORY_LIMIT, "memory"),
        ("def f(x):\n    while True: print('x' * 999)", pb.REASON_OUTPUT_LIMIT, "output"),
        ("def f(x): return 'x' * 10 ** 7", pb.REASON_INVALID_VALUE, "too large"),
        ("def f(x): return f(x)", pb.REASON_RUNTIME_ERROR, "RecursionError"),
    ],
)  # fmt: skip
async def test_scripts_fail_for_the_right_reason(
    judge: Judge, source: str, reason: int, detail: str, script: str
) -> None:
    limits = pb.RunLimits(cpu_seconds=0.4, wall_seconds=3 if "sleep" in source else 60)
    verdict = await judge(source=source, entry_point="f", asserts=pb.AssertTests(script=script), limits=limits)
    assert (verdict.correct, verdict.score, verdict.reason) == (False, 0.0, reason), verdict
    assert detail in verdict.detail, verdict


async def test_a_script_that_passes_what_cannot_cross_is_at_fault_unless_it_shares_the_process(judge: Judge) -> None:
    script = "import sys\nassert f(sys._getframe()) == 2"
    task = {"source": "def f(g): return 2", "entry_point": "f"}
    with pytest.raises(TaskError, match="shared_process") as caught:
        await judge(**task, asserts=pb.AssertTests(script=script))
    assert caught.value.field == "code.asserts.script"
    verdict = await judge(**task, asserts=pb.AssertTests(script=script, shared_process=True))
    assert verdict.correct and verdict.shared_process


async def test_what_a_program_prints_does_not_disturb_its_answers(judge: Judge) -> None:
    source = "import sys\nprint('x' * 99999)\ndef f(x):\n    print(x); sys.stderr.write('y'); return x"
    tests = pb.AssertTests(script="for v in range(9): assert f(v) == v")
    assert (await judge(source=source, entry_point="f", asserts=tests)).correct


async def test_scripts_see_setup_and_program_where_no_entry_point_is_named(judge: Judge) -> None:
    tests = pb.AssertTests(
        setup="import math\ndef near(a, b): return abs(a - b) < 1e-9", script="assert near(f(2), math.sqrt(2))"
    )
    source = "def f(x): return math.sqrt(x)\ndef near(a, b): return False"
    assert (await judge(source=source, asserts=tests)).correct
    assert (await judge(source="def f(x): return x\ndef near(a, b): return True", asserts=tests)).correct is False


async def test_equal_tasks_get_equal_verdicts(judge: Judge) -> None:
    source = "import random\ndef f(x): return random.random() + hash('x') % 7"
    script = "import random\nassert f(1) < 0.5 + random.random()"
    verdicts = [await judge(source=source, entry_point="f", asserts=pb.AssertTests(script=script)) for _ in range(4)]
    assert len({(verdict.correct, verdict.detail) for verdict in verdicts}) == 1


ENDS = ("import os; os._exit(0)", "import os; os.kill(os.getpid(), 9)")


@pytest.mark.parametrize("script", ["assert f(1) == 1", "x = f(1)\nassert x == 1"], ids=["literal", "paired"])
async def test_a_setup_that_fails_in_time_or_memory_is_the_tasks_fault(judge: Judge, script: str) -> None:
    limits = pb.RunLimits(cpu_seconds=0.3, wall_seconds=1)
    for setup in ("while True: pass", "import time; time.sleep(99)", "x = bytearray(10 ** 11)", "1 / 0", "def", *ENDS):
        with pytest.raises(TaskError) as caught:
            await judge(source="def f(x): return 1", asserts=pb.AssertTests(setup=setup, script=script), limits=limits)
        assert caught.value.field == "code.asserts.setup", setup


async def test_a_script_that_ends_its_own_process_is_not_passed(judge: Judge) -> None:
    for script in ("import os\nos._exit(0)", "import sys\nsys.exit(0)", "import os\nos.kill(os.getpid(), 9)"):
        verdict = await judge(source="def f(x): return 1", entry_point="f", asserts=pb.AssertTests(script=script))
        assert verdict.correct is False, script


async def test_pairs_run_beside_each_other(judge: Judge, code_judge: CodeJudge) -> None:
    """More at once than there are slots, right and wrong ones mixed: each gets its own verdict."""
    import asyncio

    tests = [pb.AssertTests(script=f"x = f({n})\nassert x == {n * n}") for n in range(12)]
    source = "def f(x): return x * x if x % 3 else 1"
    verdicts = await asyncio.gather(*(judge(source=source, entry_point="f", asserts=test) for test in tests))
    assert [verdict.correct for verdict in verdicts] == [n % 3 != 0 for n in range(12)]


async def test_the_least_memory_is_enough_for_both_processes(judge: Judge) -> None:
    limits = pb.RunLimits(memory_bytes=64 << 20)
    tests = pb.AssertTests(script="x = f([1] * 1000)\nassert x == [1] * 1000")
    assert (await judge(source="def f(x): return x", entry_point="f", asserts=tests, limits=limits)).correct


async def test_the_deepest_literals_are_left_to_a_process_that_refuses_them(judge: Judge) -> None:
    deep = "[" * 150 + "]" * 150
    tests = pb.AssertTests(script=f"assert f({deep}) == 1")
    with pytest.raises(TaskError, match="nested more than"):
        await judge(source="def f(x): return 1", entry_point="f", asserts=tests)
