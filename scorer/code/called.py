"""Which function a script tests when it names none, and that function is called like one of Python's own.

    assert sum(1, 4) == 10

What Python has built in is otherwise never the program's: a program could pass anything with a `set` of its own.
"""

import ast
import builtins
import sys
from functools import lru_cache

from scorer.errors import TaskError

_SCRIPTS_KEPT = 256
_BUILT_IN = frozenset(dir(builtins))
_ELSEWHERE = sys.stdlib_module_names | {"np", "numpy", "__name__"}


@lru_cache(_SCRIPTS_KEPT)
def builtin_called(setup: str, script: str) -> str:
    """The name that every assertion calls, if they use no name but Python's; empty if they do.

    Raises:
        TaskError: There are several such names.
    """
    try:
        trees = [ast.parse(setup), ast.parse(script)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""  # the run says what is wrong with it
    names = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)]
    loaded = {name.id for name in names if isinstance(name.ctx, ast.Load)}
    if loaded - _defined(trees) - _BUILT_IN - _ELSEWHERE:
        return ""
    called = [_called(node.test) for node in ast.walk(trees[1]) if isinstance(node, ast.Assert)]
    found = frozenset.intersection(*called) if called else frozenset()
    if len(found) > 1:
        raise TaskError(
            f"the script tests one of {', '.join(sorted(found))}, which Python has as well; name the function",
            field="code.entry_point",
        )
    return "".join(found)


def _defined(trees: list[ast.Module]) -> set[str]:
    found: set[str] = set()
    for tree in trees:
        for node in ast.walk(tree):
            match node:
                case ast.Name(name, ast.Store()) | ast.arg(name) | ast.ExceptHandler(name=str(name)):
                    found.add(name)
                case ast.FunctionDef(name) | ast.AsyncFunctionDef(name) | ast.ClassDef(name):
                    found.add(name)
                case ast.alias(name, alias):
                    found.add(alias or name.partition(".")[0])
    return found


def _called(test: ast.expr) -> frozenset[str]:
    calls = (node.func for node in ast.walk(test) if isinstance(node, ast.Call))
    return frozenset(name.id for name in calls if isinstance(name, ast.Name) and name.id in _BUILT_IN)
