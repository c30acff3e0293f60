"""A confined worker imports nothing any more: what functions import must be loaded before."""

import json
import subprocess
import sys

PROGRAM = r"""
import ast, importlib.util, json, sys
from scorer.math.process.warm import warm_up

warm_up()
libraries = ("sympy", "mpmath", "latex2sympy2_extended", "math_verify")
unused = ("sympy.printing", "sympy.codegen", "sympy.testing", "sympy.interactive", "sympy.plotting", "sympy.physics",
          "sympy.vector", "sympy.categories", "sympy.parsing", "sympy.external", "sympy.utilities", "sympy.stats",
          "mpmath.visualization", "sympy.tensor.array.expressions", "sympy.combinatorics.testutil")
missing = set()
for name, module in sorted(sys.modules.items()):
    file = getattr(module, "__file__", None)
    if name.split(".")[0] not in libraries or not file or name.startswith(unused):
        continue
    package = name if hasattr(module, "__path__") else name.rpartition(".")[0]
    for function in ast.walk(ast.parse(open(file).read())):
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Import):
                wanted = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                wanted = [importlib.util.resolve_name("." * node.level + (node.module or ""), package)]
            else:
                continue
            for target in wanted:
                if target.split(".")[0] in libraries and target not in sys.modules and not target.startswith(unused):
                    missing.add(f"{name} imports {target}")
print(json.dumps(sorted(missing)))
"""
NEVER_USED = {
    "mpmath imports mpmath.tests",
    # Other programs that decide satisfiability; they are not installed.
    "sympy.logic.inference imports sympy.logic.algorithms.minisat22_wrapper",
    "sympy.logic.inference imports sympy.logic.algorithms.pycosat_wrapper",
    "sympy.logic.inference imports sympy.logic.algorithms.z3_wrapper",
}


def test_no_function_of_the_libraries_has_anything_left_to_import() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=300, check=True)
    assert set(json.loads(done.stdout)) <= NEVER_USED
