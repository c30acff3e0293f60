"""Published texts of trainers that cannot be installed (published/README.md), as code."""

from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("published")


def run(path: str, into: dict[str, Any]) -> None:
    """Runs a text, with the names given and for them."""
    file = FOLDER / f"{path}.txt"
    exec(compile(file.read_text(), str(file), "exec", dont_inherit=True), into)
