"""What of packages that are not installed our classes are built on: names, arguments and return values as published.

skyrl_gym 0.4.0 (skyrl_gym/envs/base_text_env.py).
"""

import sys
from types import ModuleType
from typing import Any

import pytest


class TextEnv:
    """BaseTextEnv."""

    def __init__(self) -> None:
        self.turns = 0

    def init(self, prompt: Any) -> Any:
        return prompt, {}


def install(monkeypatch: pytest.MonkeyPatch, name: str, **content: Any) -> None:
    """Makes a module importable while a test runs."""
    parts = name.split(".")
    for end in range(1, len(parts) + 1):
        path = ".".join(parts[:end])
        module = sys.modules.get(path) or ModuleType(path)
        monkeypatch.setitem(sys.modules, path, module)
    vars(sys.modules[name]).update(content)
