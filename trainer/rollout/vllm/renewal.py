"""What the servers are given after an update, and the proof that they have it."""

import hashlib
import secrets
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from trainer.errors import DivergedError, RolloutError, SynchronisationError
from trainer.rollout.offsets import decode
from trainer.rollout.transformers import end_tokens
from trainer.rollout.vllm import probe
from trainer.rollout.vllm.completion import AnswerError
from trainer.rollout.vllm.remote import Remote
from trainer.rollout.vllm.settings import VllmRolloutSettings
from trainer.rollout.vllm.weights import write_adapter, write_policy


@dataclass(frozen=True)
class Policy:
    """What the servers have to compute."""

    model: Any
    path: str
    """Where it was first read from: the base that adapters are added to."""
    tokenizer: Any
    temperature: float
    """Of the rollouts, at which the proof looks as well."""
    longest: int
    """Tokens that a prompt and its response may have."""
    special_tokens: bool
    """As for `sample` of the transformers engine."""
    autocast: Callable[[], AbstractContextManager[Any]]
    """What the trainer's forward passes run under."""


class Renewal:
    """The policy's newest version as servers get it: a folder, an adapter's folder, or the model itself.

    Attributes:
        section: Of the settings, for messages.
    """

    section = "rollout.vllm"

    def __init__(self, settings: VllmRolloutSettings, policy: Policy, output_dir: Path) -> None:
        """Writes nothing yet.

        Args:
            settings: `dtype` is not auto.
            policy: The policy.
            output_dir: Of the run.
        """
        self.version = -1
        self.folder = Path()
        self.adapter = f"policy-{secrets.token_hex(4)}" if hasattr(policy.model, "peft_config") else ""
        self._settings = settings
        self._policy = policy
        self._dtype: torch.dtype = getattr(torch, settings.dtype)
        self._folders = _own_folder(settings.weights_dir, output_dir)
        self._ends = end_tokens(policy.model, policy.tokenizer)
        self._probe = probe.probe_tokens(policy.tokenizer, policy.longest - 1)
        self._logits = torch.empty(0)
        self._run = secrets.token_hex(4)
        self._kept = False  # set when a message names the weights

    def prepare(self, version: int) -> None:
        """Takes the policy as it is now for a version; what was there before may be dropped with `drop`.

        Raises:
            SaveError: The weights cannot be written.
            DivergedError: The policy gives no finite probabilities.
        """
        policy = self._policy
        if not self._compute():
            raise DivergedError(
                "the training diverged: the policy's probabilities are not finite; lower optimizer.learning_rate"
            )
        if self.version < 0:
            shutil.rmtree(self._folders, ignore_errors=True)
        self.version = version
        self.folder = self._folders / f"{'adapter' if self.adapter else 'policy'}-{version:08d}"
        if self.adapter:
            write_adapter(policy.model, self.folder)
        elif self._settings.transfer == "folder":
            write_policy(policy.model, policy.tokenizer, self.folder, self._dtype)

    def give(self, server: Remote, *, started_with_it: bool) -> None:
        """Gives a server the version, and proves that it has it.

        Args:
            server: The server.
            started_with_it: It has read it already.

        Raises:
            HttpError: It is away.
            RolloutError: It cannot be used.
            SynchronisationError: It computes something else.
        """
        if not server.model:
            server.look(self._policy.longest)
        if self.adapter:
            server.load_adapter(self.adapter, str(self.folder))
        elif self._settings.transfer == "nccl":
            server.send_policy(self._policy.model, self._dtype, self._mark)
        else:
            if not started_with_it:
                server.load_policy(str(self.folder))
            server.mark(self._mark)
        self._prove(server)
        server.suspect = False

    def given(self, server: Remote) -> bool:
        """Whether a server still has the version."""
        return server.has_adapter(self.adapter, str(self.folder)) if self.adapter else server.has(self._mark)

    def drop(self, folder: Path) -> None:
        """Removes the folder of an earlier version, if it is one."""
        if folder not in (Path(), self.folder):
            shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """Removes all folders, unless somebody has been told of one."""
        if not self._kept:
            shutil.rmtree(self._folders, ignore_errors=True)

    def _compute(self) -> bool:
        """Computes what servers are compared with; whether all of it is finite."""
        with self._policy.autocast():
            self._logits = probe.trained_logits(self._policy.model, self._probe)
        return bool(self._logits.isfinite().all())

    @property
    def _mark(self) -> str:
        return f"{self._run}-{self.version}"

    def _prove(self, server: Remote) -> None:
        ids, ends, temperature = self._probe, self._ends, self._policy.temperature
        address = server.client.address
        try:
            text = probe.compare_text(server.ask(probe.text_request(server.model, ids)), ids, self._logits)
            after = server.ask(probe.next_request(server.model, ids, ends, temperature))
            following = probe.compare_next(after, ids, ends, self._logits, temperature)
        except AnswerError as error:
            raise RolloutError(f"{address}: {error}") from error
        worst = max(text, following, key=lambda difference: difference.size)
        if not worst.size <= self._settings.largest_difference:
            token = decode(self._policy.tokenizer, [worst.token])
            self._kept = True
            raise SynchronisationError(
                f"the rollout server at {address} does not compute what the policy does{self._given_too}: "
                f"token {worst.token} ({token!r}) at place {worst.place} of the probe "
                f"has log-probability {worst.served:.6f} there and {worst.trained:.6f} here, a difference of "
                f"{worst.size:.3g}, the largest of {text.compared + following.compared} and above "
                f"{self.section}.tolerance {self._settings.largest_difference:g}; {self._remedy(following is worst)}"
            )

    @property
    def _given_too(self) -> str:
        return f", though it was given version {self.version} of it"

    def _remedy(self, only_sampled: bool) -> str:
        if only_sampled:
            return "start the server with --logprobs-mode processed_logprobs"
        if self.adapter:
            return f"start the server with --model {self._policy.path} and the precision of the trainer"
        tied = self._policy.model.config.tie_word_embeddings
        why = ", whose output layer is not tied to the embeddings: not every vLLM renews one that is"
        return (
            f"start the server with --model {self.folder}{why if tied else ''}, and with --dtype {self._settings.dtype}"
        )


def _own_folder(weights_dir: Path | None, output_dir: Path) -> Path:
    """A folder that nothing else lies in, since it is removed: one of the run's own."""
    if weights_dir is None:
        return output_dir / "rollout-weights"
    return weights_dir / f"codaserve-{hashlib.sha256(str(output_dir.resolve()).encode()).hexdigest()[:12]}"
