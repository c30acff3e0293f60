"""A policy that is not trained: servers have it from the beginning, and are proved to."""

from pathlib import Path

from trainer.errors import RolloutError
from trainer.rollout.vllm.remote import Remote
from trainer.rollout.vllm.renewal import Renewal


class Held(Renewal):
    """As a `Renewal` of one version, which no server is given: each was started with `policy.path`.

    So any server that serves the policy will do; it need not have the endpoints that load weights.
    """

    section = "policy.vllm"

    def prepare(self, version: int) -> None:
        """Computes what the proof compares with.

        Raises:
            RolloutError: The policy gives no finite probabilities.
        """
        if not self._compute():
            raise RolloutError(f"{self._policy.path} gives no finite probabilities; give another policy")
        self.version = version
        self.folder = Path(self._policy.path)

    def give(self, server: Remote, *, started_with_it: bool) -> None:
        """As `Renewal.give`; it has it already, wherever it was started."""
        if not server.model:
            server.look(self._policy.longest)
        self._prove(server)
        server.suspect = False

    def given(self, server: Remote) -> bool:
        """True, and proved anew where it may have been started again since the last time.

        Raises:
            HttpError, RolloutError, SynchronisationError: As `give`.
        """
        if server.suspect:
            server.model = ""
            self.give(server, started_with_it=False)
        return True

    @property
    def _given_too(self) -> str:
        return ""

    def close(self) -> None:
        """There is nothing to remove: the folder is the policy's own."""
