"""Programs and scripts with numpy, which both find loaded."""

# One case a line, however long.
# ruff: noqa: E501
import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from codaserve.v1 import scorer_pb2 as pb
from scorer.code.judge import CodeJudge
from scorer.code.settings import CodeSettings
from scorer.sandbox.settings import SandboxSettings

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def numpy_judge() -> AsyncIterator[CodeJudge]:
    judge = CodeJudge(CodeSettings(sandbox=SandboxSettings(slots=1, preload=("numpy",))))
    await judge.start()
    yield judge
    await judge.close()


async def verdict(judge: CodeJudge, source: str, script: str) -> pb.Verdict:
    tests = pb.AssertTests(script=f"import numpy as np\n{script}")
    task = pb.CodeTask(language="python", source=f"import numpy as np\n{source}", entry_point="f", asserts=tests)
    return await judge.judge(task, deadline=asyncio.get_running_loop().time() + 60)


# Source, script, and a source that the same script has to refuse.
HONEST = {
    "arrays": ("def f(x): return np.array(x) * 2", "assert (f([1, 2]) == np.array([2, 4])).all()", "def f(x): return np.array(x)"),
    "closeness": ("def f(x): return np.array(x) / 3", "assert np.allclose(f([1, 2]), [0.33333333, 0.66666667])\nnp.testing.assert_allclose(f([3]), [1.0])", "def f(x): return np.array(x) / 2"),
    "types and shapes": ("def f(x): return np.array(x, dtype='float32').T", "a = f([[1, 2, 3]])\nassert a.shape == (3, 1) and a.dtype == np.float32 and a.flags.writeable", "def f(x): return np.array(x).T"),
    "arguments": ("def f(a): return a.sum(axis=0).tolist()", "assert f(np.ones((2, 3), dtype=int)) == [2, 2, 2]", "def f(a): return [2]"),
    "changes in place": ("def f(a): a[0] = 9; a *= 2", "a = np.arange(3)\nb = a\nassert f(a) is None and a.tolist() == [18, 2, 4] and b is a", "def f(a): a = a * 2"),
    "the same array comes back": ("def f(a): a += 1; return a", "a = np.zeros(2)\nassert f(a) is a and a.sum() == 2", "def f(a): return a + 1"),
    "scalars": ("def f(x): return np.float64(x) / 2", "assert f(1) == 0.5\nassert isinstance(f(1), float) and f(-0.0) == 0 and np.signbit(f(-0.0))", "def f(x): return -np.float64(x)"),
    "scalars and literals": ("def f(x): return np.int64(x) + 1", "assert f(1) == 2", "def f(x): return np.int64(x)"),
    "truth values": ("def f(x): return np.array(x) > 1", "assert f([1, 2]).tolist() == [False, True] and f(2) == True and f(2) is not True", "def f(x): return x"),
    "not a number": ("def f(): return np.array([np.nan, np.inf, -0.0])", "a = f()\nassert np.isnan(a[0]) and np.isinf(a[1]) and np.signbit(a[2])\nassert np.array_equal(a, [np.nan, np.inf, 0], equal_nan=True)", "def f(): return np.zeros(3)"),
    "nothing": ("def f(n): return np.zeros((0, n))", "assert f(3).shape == (0, 3) and f(3).size == 0", "def f(n): return []"),
    "no dimension": ("def f(x): return np.array(x)", "assert f(3).shape == () and f(3) == 3", "def f(x): return np.array([x])"),
    "complex numbers, texts and dates": ("def f(): return [np.array([1j]), np.array(['ab', 'c']), np.array(['2024-02-29'], dtype='M8[D]')]", "a, b, c = f()\nassert a[0] == 1j and b.tolist() == ['ab', 'c'] and str(c[0] + 1) == '2024-03-01'", "def f(): return [1j, ['ab', 'c'], []]"),
    "in containers": ("def f(): return {'a': [np.eye(2)], 'b': (np.uint8(255),)}", "d = f()\nassert d['a'][0].trace() == 2 and d['b'][0] + 0 == 255", "def f(): return {'a': [np.zeros((2, 2))], 'b': (1,)}"),
    "functions of numpy as arguments": ("def f(g, x): return g(np.array(x))", "assert f(np.sum, [1, 2]) == 3 and f(np.exp, [0.0])[0] == 1 and f(lambda a: a.max(), [4, 7]) == 7", "def f(g, x): return 3"),
    "random numbers": ("def f(): return np.random.rand()", "assert f() == 0.5488135039273248", "def f(): return np.random.default_rng(1).random()"),
    "objects": ("def f(): return np.array([1, 'a', None], dtype=object)", "assert f().shape == (3,) and f()[1] == 'a'", "def f(): return np.array([1], dtype=object)"),
}  # fmt: skip


@pytest.mark.parametrize("name", HONEST)
async def test_honest_scripts_tell_right_from_wrong(numpy_judge: CodeJudge, name: str) -> None:
    right, script, wrong = HONEST[name]
    found = await verdict(numpy_judge, right, script)
    assert found.correct, found
    assert (await verdict(numpy_judge, wrong, script)).correct is False


CHEATS = {
    "a subclass of arrays": "class A(np.ndarray):\n    __eq__ = lambda s, o: True\n    all = any = lambda s: True\n    tolist = lambda s: [1, 1]\ndef f(): return np.zeros(2).view(A)",
    "other functions of numpy": "np.array_equal = np.allclose = lambda *a, **k: True\ndef f(): return np.zeros(2)",
    "an array of objects": "class E:\n    __eq__ = lambda s, o: True\n    __bool__ = lambda s: True\n    __sub__ = __rsub__ = lambda s, o: 0\ndef f(): return np.array([E(), E()], dtype=object)",
    "a record": "def f(): return np.zeros(2, dtype=[('x', 'i8')])",
    "a masked array": "def f(): return np.ma.masked_all(2)",
    "another protocol": "class E:\n    __array__ = lambda *a, **k: np.array([1, 1])\n    __array_priority__ = 1e9\n    __array_ufunc__ = lambda *a, **k: True\n    __array_function__ = lambda *a, **k: True\n    __eq__ = lambda s, o: True\n    all = lambda s: True\ndef f(): return E()",
    "an array as large as memory": "def f(): return np.zeros(10 ** 8)",
    "an array of a size that it has not": "from numpy.lib.stride_tricks import as_strided\ndef f(): return as_strided(np.zeros(1), (10 ** 12,), (0,))",
}  # fmt: skip


@pytest.mark.parametrize("name", CHEATS)
async def test_arrays_are_the_scripts_own(numpy_judge: CodeJudge, name: str) -> None:
    script = "v = f()\nassert (v == np.array([4242, 4242])).all() or np.array_equal(v, [4242, 4242]) or v.tolist() == [4242, 4242]"
    found = await verdict(numpy_judge, CHEATS[name], script)
    assert found.correct is False, found


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f(): return np.arange(3) * 0.5", "[0, 0.5, 1]"),
        ("def f(): return [np.int64(3), np.bool_(True), np.float32(0.5), np.str_('x')]", '[3, true, 0.5, "x"]'),
        ("def f(): return np.array([[np.nan]])", "[[NaN]]"),
        ("def f(): return {'a': np.eye(2, dtype=int)}", '{"a": [[1, 0], [0, 1]]}'),
        ("def f(): return np.array([object()])", None),
        ("class A(np.ndarray): pass\ndef f(): return np.zeros(1).view(A)", None),
    ],
)
async def test_calls_give_arrays_as_lists(numpy_judge: CodeJudge, source: str, expected: str | None) -> None:
    tests = pb.CallTests(cases=[pb.CallCase(expected=expected or "[0]")])
    task = pb.CodeTask(language="python", source=f"import numpy as np\n{source}", entry_point="f", calls=tests)
    found = await numpy_judge.judge(task, deadline=asyncio.get_running_loop().time() + 60)
    assert found.correct == (expected is not None), found
    if expected is None:
        assert found.reason == pb.REASON_INVALID_VALUE
