"""Why a run ends before its last step."""

from pathlib import Path


class RunStoppedError(Exception):
    """The run cannot go on now, but can be resumed: the loop writes a checkpoint and says where."""

    checkpoint: Path | None = None
    """Set by the loop when the checkpoint is written."""
    unsaved: str = ""
    """Set by the loop when it could not be written: why. `checkpoint` is then the newest one before, if any."""


class DivergedError(RunStoppedError):
    """The policy's numbers are no longer finite. It is not saved; `checkpoint` is the newest one before, if any."""


class PeerLostError(RunStoppedError):
    """Another of the processes that train together is gone. What it had is lost: `checkpoint` is the newest one
    before, if any."""


class SaveError(OSError):
    """A folder could not be written; what was there before is untouched."""


class ScorerAwayError(RunStoppedError):
    """The scorer was unreachable or full for longer than scorer.max_outage."""


class CriticAwayError(RunStoppedError):
    """The critic was unreachable or full for longer than critic.max_outage, where nothing can be done without it."""


class ServiceEndedError(RunStoppedError):
    """A scorer or critic that was started for this run has ended; nothing would start it again."""


class TooManyUnscoredError(RunStoppedError):
    """More of a batch than scorer.max_unscored_share got no verdict."""


class RolloutError(RunStoppedError):
    """What answers prompts is away, or gives what cannot be used."""


class SynchronisationError(RolloutError):
    """The rollout server does not compute what the policy does, though it was given its weights."""
