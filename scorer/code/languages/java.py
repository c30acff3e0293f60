"""What Java needs beside its entry: the file must be called like its public class, and many classes become one file."""

import re
from collections.abc import Mapping

# Comments, text blocks, strings and characters: nothing in them is code. What is never closed goes on to the end.
_NOT_CODE = re.compile(
    r'/\*(?:.*?\*/|.*)|//[^\n]*|"""(?:(?:\\.|[^\\])*?"""|.*)|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.DOTALL
)
_PUBLIC = re.compile(
    r"\bpublic\s+(?:(?:final|abstract|sealed|non-sealed|strictfp)\s+)*(?:class|interface|enum|record|@interface)\s+(\w+)"
)
_LONGEST_NAME = 100

PACK = """
import os, re, zipfile
found = {}
for folder, _, names in os.walk("classes"):
    for name in names:
        path = os.path.join(folder, name)
        with open(path, "rb") as file:
            found[os.path.relpath(path, "classes")] = file.read()
# A class file names its methods: a length of two bytes, then the text.
starts = [n for n, c in found.items() if b"\\0\\4main" in c and b"\\0\\26([Ljava/lang/String;)V" in c]
starts.sort(key=lambda n: (os.path.basename(n) != "Main.class", "$" in n, n))
start = starts[0][:-6].replace("/", ".") if starts else "Main"
with zipfile.ZipFile("program.jar", "w") as jar:
    line = "Main-Class: " + start
    lines = [line[:72]] + [" " + line[at:at + 71] for at in range(72, len(line), 71)]
    jar.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\\r\\n" + "\\r\\n".join(lines) + "\\r\\n")
    for name, content in found.items():
        jar.writestr(name, content)
"""
"""Puts the classes into an archive that starts the class which has `main`, "Main" above others."""


def names(source: str) -> Mapping[str, str]:
    """The file is called like the public class at the top, `Main` where there is none."""
    return {"source": f"{_public_class(source) or 'Main'}.java", "artifact": "program.jar"}


def _public_class(source: str) -> str | None:
    code = _NOT_CODE.sub(" ", source)
    at = depth = 0
    for found in _PUBLIC.finditer(code):
        depth += code.count("{", at, found.start()) - code.count("}", at, found.start())
        at = found.start()
        if depth == 0 and found[1].isascii() and len(found[1]) <= _LONGEST_NAME:
            return found[1]
    return None
