"""Names of which a response's program is to define one, as far as the task tells."""

import builtins
import re

from codaserve.v1 import scorer_pb2 as pb

_CALLED = re.compile(r"(?<![\w.])([A-Za-z_]\w*)[ \t]*\(")
_DEFINED = re.compile(r"^[ \t]*(?:async[ \t]+def|def|class)[ \t]+(\w+)", re.MULTILINE)
_IMPORTED = re.compile(r"^[ \t]*(?:from[ \t]+[\w.]+[ \t]+)?import[ \t]+([^\n#]+)", re.MULTILINE)
_PYTHONS_OWN = frozenset(dir(builtins)) | {"assert", "not", "and", "or", "in", "is", "if", "while", "for", "return"}


def wanted_names(task: pb.CodeTask) -> frozenset[str]:
    """The entry point or its class; without one, what a script of assertions calls and does not define itself."""
    if task.WhichOneof("tests") == "stdio":
        return frozenset()
    if task.entry_point:
        return frozenset({task.entry_point.partition(".")[0].removesuffix("()")})
    text = f"{task.asserts.setup}\n{task.asserts.script}"
    imported = {word for names in _IMPORTED.findall(text) for word in re.findall(r"\w+", names)}
    return frozenset(_CALLED.findall(task.asserts.script)) - set(_DEFINED.findall(text)) - imported - _PYTHONS_OWN
