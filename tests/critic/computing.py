"""Values computed without the service."""

from collections.abc import Sequence

from critic.encode import EncodedSequence
from critic.engine.transformers import TransformersEngine
from critic.model import ValueModel
from critic.tree import plant


def values_of(model: ValueModel, batch: Sequence[EncodedSequence]) -> list[list[float]]:
    """Each sequence a tree of its own, all in one pass."""
    return [row for (row,) in TransformersEngine(model).values([plant([sequence]) for sequence in batch])]
