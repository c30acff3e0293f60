"""Responses from vLLM servers, whose weights are renewed and proved to be the policy's."""

import hashlib
import os
import threading
import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from trainer.errors import RolloutError, ServiceEndedError
from trainer.rollout.engine import Sampling
from trainer.rollout.offsets import TokenOffsets, decode
from trainer.rollout.rollout import Rollout
from trainer.rollout.transformers import encode_prompt, end_tokens
from trainer.rollout.vllm.completion import AnswerError, Choice, completion_request, read_choices
from trainer.rollout.vllm.held import Held
from trainer.rollout.vllm.http import Client, HttpError
from trainer.rollout.vllm.remote import Remote
from trainer.rollout.vllm.renewal import Policy, Renewal
from trainer.rollout.vllm.server import VllmServer
from trainer.rollout.vllm.settings import VllmRolloutSettings

BACKOFF = (0.25, 10.0)
"""Seconds before the second try of a request, doubled for each further one, and the most."""
LARGEST_SEED = 1 << 62
KEY_VARIABLE = "VLLM_API_KEY"
LOG = "vllm.log"
LORA_RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)
Result = TypeVar("Result")


class VllmEngine:
    """A `RolloutEngine`. Its requests are made again when they fail, with the same seeds."""

    def __init__(
        self,
        settings: VllmRolloutSettings,
        policy: Policy,
        output_dir: Path,
        on_event: Callable[[str], None],
        *,
        trained: bool = True,
    ) -> None:
        """Starts nothing yet: the first synchronisation does.

        Args:
            settings: `dtype` is not auto.
            policy: The policy.
            output_dir: Of the run, for a log and for weights.
            on_event: Told of outages, also from other threads.
            trained: The policy changes and servers are given it; else they were started with it.

        Raises:
            ValueError: An address is none.
        """
        self._settings = settings
        self._policy = policy
        self._renewal = (Renewal if trained else Held)(settings, policy, output_dir)
        self._synchronised = -1  # the version that all servers have
        self._log = output_dir / LOG
        self._on_event = on_event
        self._ends = end_tokens(policy.model, policy.tokenizer)
        self._vocabulary = policy.model.get_output_embeddings().weight.shape[0]
        self._offsets = TokenOffsets(policy.tokenizer)
        self._servers = [self._remote(address) for address in settings.addresses]
        self._own: VllmServer | None = None
        self._telling = threading.Lock()
        self._outage = False
        self._again = 0
        self._pool = ThreadPoolExecutor(settings.concurrency, "rollouts")
        self._stop = threading.Event()

    def sample(
        self, prompts: Sequence[str], n: int, sampling: Sampling
    ) -> Generator[tuple[int, list[Rollout]], None, None]:
        """As `RolloutEngine.sample`; each prompt is one request with a seed of its own."""
        for server in self._servers:
            server.suspect = self._own is None
        policy = self._policy
        ids = [encode_prompt(policy.tokenizer, prompt, special_tokens=policy.special_tokens) for prompt in prompts]
        give_up = threading.Event()
        asked: dict[Future[list[Choice]], int] = {
            self._pool.submit(self._answer, place, one, n, _of(sampling, place), give_up): place
            for place, one in enumerate(ids)
        }
        try:
            waiting = set(asked)
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in sorted(done, key=lambda it: asked[it]):
                    place = asked[future]
                    yield place, [self._rollout(prompts[place], ids[place], choice) for choice in future.result()]
        finally:
            give_up.set()
            for future in asked:
                future.cancel()
            if any(future.running() for future in asked):
                for server in self._servers:
                    server.client.interrupt()
                wait(asked)

    def synchronise(self, version: int) -> None:
        """As `RolloutEngine.synchronise`.

        Raises:
            codaserve.embedded.EmbeddedServiceError: The server that should be started did not start.
            SaveError: The weights cannot be written.
            DivergedError: The policy gives no finite probabilities.
        """
        renewal = self._renewal
        if version == self._synchronised:
            return
        before = renewal.folder
        renewal.prepare(version)
        started = not self._servers
        if started:
            self._start()
        for server in self._servers:
            self._patiently(partial(renewal.give, server, started_with_it=started), self._stop)
        renewal.drop(before)
        self._synchronised = version

    def retries(self) -> dict[str, int]:
        """As `RolloutEngine.retries`: requests to the servers."""
        return {"rollouts": self._again}

    def close(self) -> None:
        """As `RolloutEngine.close`."""
        self._stop.set()
        for server in self._servers:
            server.client.close()
            server.forget()
        self._pool.shutdown(cancel_futures=True)
        if self._own is not None:
            self._own.stop()
        self._renewal.close()

    def _remote(self, address: str) -> Remote:
        return Remote(Client(address, os.environ.get(KEY_VARIABLE, "")), self._settings.timeout)

    def _start(self) -> None:
        settings = self._settings
        policy = self._policy
        arguments = [
            "--model",
            policy.path if self._renewal.adapter else str(self._renewal.folder),
            "--dtype",
            settings.dtype,
        ]
        arguments += ["--max-model-len", str(policy.longest), "--logprobs-mode", "processed_logprobs"]
        if self._renewal.adapter:
            rank = max(config.r for config in policy.model.peft_config.values())
            arguments += ["--enable-lora", "--max-lora-rank", str(_lora_rank(rank))]
        arguments += settings.arguments
        self._own = VllmServer.start(settings.python, arguments, self._log, settings.start_timeout)
        self._servers = [self._remote(self._own.address)]

    def _trust(self, server: Remote) -> None:
        """Renews a server that may have been started again."""
        with server.lock:
            if not server.suspect:
                return
            if not self._renewal.given(server):
                self._on_event(f"vLLM at {server.client.address} has lost its weights and is given them again")
                server.forget()
                self._renewal.give(server, started_with_it=False)
            server.suspect = False

    def _answer(
        self, place: int, prompt: list[int], n: int, sampling: Sampling, give_up: threading.Event
    ) -> list[Choice]:
        """The responses to one prompt; a server that fails leaves the next try to another one."""
        number = place if sampling.places is None else sampling.places[place]
        seed = int.from_bytes(hashlib.sha256(f"{sampling.seed}:{number}".encode()).digest()[:8], "big") % LARGEST_SEED
        tries = place

        def ask() -> list[Choice]:
            nonlocal tries
            server = self._servers[tries % len(self._servers)]
            tries += 1
            try:
                self._trust(server)
                answer = server.ask(completion_request(server.model, prompt, n, self._ends, seed, sampling))
                if self._own is None and not self._renewal.given(server):
                    raise HttpError(f"{server.client.address} was started again", retryable=True)
            except HttpError:
                server.suspect = self._own is None
                raise
            try:
                return read_choices(answer, prompt, n, self._ends, sampling.max_response_tokens, self._vocabulary)
            except AnswerError as error:
                raise RolloutError(f"{server.client.address}: {error}") from error

        return self._patiently(ask, give_up)

    def _patiently(self, action: Callable[[], Result], give_up: threading.Event) -> Result:
        """Does something until it succeeds, for up to `max_outage` after its first failure."""
        since = 0.0
        pause = BACKOFF[0]
        while True:
            try:
                result = action()
            except HttpError as error:
                if give_up.is_set():
                    raise RolloutError("the rollouts were given up") from error
                if self._own is not None and not self._own.alive:
                    raise ServiceEndedError(
                        f"the vLLM server that was started for this run has ended with {self._own.end}"
                    ) from error
                since = since or time.monotonic()
                if not error.retryable or time.monotonic() - since >= self._settings.max_outage:
                    raise RolloutError(f"no rollouts: {error}") from error
                self._tell_outage(str(error))
                with self._telling:
                    self._again += 1
                give_up.wait(pause)
                pause = min(2 * pause, BACKOFF[1])
            else:
                if since:
                    self._tell_outage("")
                return result

    def _tell_outage(self, error: str) -> None:
        """Once when an outage begins and once when a request succeeds again, whoever of many notices it first."""
        with self._telling:
            before, self._outage = self._outage, bool(error)
        if error and not before:
            self._on_event(f"rollouts wait up to {self._settings.max_outage:g} s: {error}")
        elif before and not error:
            self._on_event("rollouts go on")

    def _rollout(self, prompt: str, prompt_ids: list[int], choice: Choice) -> Rollout:
        text = decode(self._policy.tokenizer, choice.ids)
        ends = self._offsets.ends(choice.ids, text)
        return Rollout(prompt, prompt_ids, text, choice.ids, choice.log_probabilities, choice.truncated, ends)


def _of(sampling: Sampling, place: int) -> Sampling:
    """How the responses to one of the prompts are drawn."""
    return replace(sampling, max_response_tokens=sampling.limits[place]) if sampling.limits else sampling


def _lora_rank(rank: int) -> int:
    """The smallest rank that vLLM takes and that suffices."""
    return next((size for size in LORA_RANKS if size >= rank), rank)
