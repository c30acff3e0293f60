"""The engine that runs the model in vLLM, in a process and an environment of its own.

A process of one's own rather than vLLM as a library, whose pinned versions exclude ours, and rather than a server of
its own, whose HTTP interface cannot share beginnings: it keeps nothing from cached tokens and offers no way to ask.
"""

import logging
import threading
from collections.abc import Sequence
from itertools import count
from typing import Any

from critic.engine.logits import probabilities
from critic.engine.transformers import ACCELERATOR_PASS_TOKENS, CPU_PASS_TOKENS
from critic.engine.vllm.layout import Layout
from critic.engine.vllm.process import Process, ProcessError
from critic.engine.vllm.settings import VllmSettings
from critic.engine.vllm.shared import boundaries, requests
from critic.tree import Tree

_log = logging.getLogger(__name__)
_START_SECONDS = 600.0
"""Large models take minutes to be read."""
_PASS_SECONDS = 300.0
"""A pass takes seconds at most; a vLLM that needs this long hangs."""


class VllmEngine:
    """One checkpoint in one vLLM. When vLLM ends, the pass fails and the next one starts vLLM again."""

    def __init__(
        self, layout: Layout, settings: VllmSettings, *, device: str, dtype: str, threads: int, max_tokens: int
    ) -> None:
        """Starts vLLM.

        Args:
            layout: The checkpoint; belongs to the engine from now on.
            settings: Where vLLM is and what it may use.
            device: "cpu", "cuda" or "auto": what vLLM has.
            dtype: "float32", "bfloat16" or "auto".
            threads: On CPU; 0 for as many as there are.
            max_tokens: Longest sequence.

        Raises:
            ProcessError: vLLM does not start, or does not support the model.
        """
        self._layout = layout
        self._settings = settings
        self._threads = threads
        self._arguments: dict[str, Any] = {
            "folder": str(layout.folder),
            "device": device,
            "dtype": dtype,
            "max_tokens": max_tokens,
            "pass_tokens": (CPU_PASS_TOKENS, ACCELERATOR_PASS_TOKENS),
            "prefix_caching": settings.prefix_caching,
            "cache_bytes": int(settings.cache_gib * 2**30),
        }
        self._passes = count()
        self._closing = threading.Lock()
        self._closed = False
        self._process: Process | None = None
        try:
            process = self._start()
        except BaseException:
            self.close()
            raise
        self.device = f"{process.device} {process.dtype} vllm"
        self.best_pass_tokens = CPU_PASS_TOKENS if process.device == "cpu" else ACCELERATOR_PASS_TOKENS

    def values(self, trees: Sequence[Tree]) -> list[list[list[float]]]:
        """As `Engine.values`.

        Raises:
            ProcessError: vLLM failed, or cannot be started again after it did.
        """
        process = self._process
        if process is None or not process.alive:
            process = self._start()
        rows = iter(process.ask(requests(trees, next(self._passes), self._settings.prefix_caching), _PASS_SECONDS))
        logits = [boundaries(tree, [next(rows) for _ in tree.sequences]) for tree in trees]
        return [[probabilities(row) for row in tree] for tree in logits]

    @property
    def process_id(self) -> int | None:
        """vLLM's process, as long as there is one."""
        return None if self._process is None else self._process.pid

    def close(self) -> None:
        """As `Engine.close`."""
        with self._closing:
            self._closed = True
            process = self._process
        if process is not None:
            process.close()
        self._layout.close()

    def _start(self) -> Process:
        if self._closed:
            raise ProcessError("the engine was closed")
        if self._process is not None:
            _log.warning("vLLM ended; it is started again")
        if not self._layout.unchanged:
            raise ProcessError("vLLM ended, and the checkpoint's files were written to since; reload a checkpoint")
        process = Process(self._settings.python, self._arguments, self._threads, _START_SECONDS)
        with self._closing:
            if not self._closed:
                self._process = process
                return process
        process.close()
        raise ProcessError("the engine was closed")
