"""What can go wrong in training, besides the data."""

from critic.checkpoint import CheckpointError


class OutputError(CheckpointError):
    """The results cannot be written where they should be, or what is there cannot be gone on from."""


class TrainingError(Exception):
    """Training went wrong; no checkpoint was written."""
