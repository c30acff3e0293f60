"""What JavaScript and TypeScript need beside their entries: whether a program is a CommonJS or an ECMAScript module.

Node.js tells them apart by the file's name. CommonJS is what most single programs are written for; the other kind is
what has `import` or `export` statements, which TypeScript's tool turns into CommonJS, or awaits outside of functions.
"""

import re
from collections.abc import Mapping

_STATIC = re.compile(
    r"^[ \t]*(?:import\s*(?:[\w*{]|['\"])|export\s+(?:default|const|let|var|function|class|async|\{|\*))", re.M
)
_AWAITS = re.compile(r"^(?:(?:export\s+)?(?:const|let|var)\b[^=\n(]*=\s*)?(?:for\s+)?await\b", re.M)


def script_names(source: str) -> Mapping[str, str]:
    """Names for JavaScript; what is checked is what runs."""
    modern = _STATIC.search(source) or _AWAITS.search(source)
    name = "program.mjs" if modern else "program.cjs"
    return {"source": name, "artifact": name}


def typed_names(source: str) -> Mapping[str, str]:
    """Names for TypeScript, and the format to translate to."""
    if _AWAITS.search(source):
        return {"source": "program.ts", "artifact": "program.mjs", "format": "esm"}
    return {"source": "program.ts", "artifact": "program.cjs", "format": "cjs"}
