"""Measures a critic on solutions that it was not trained on."""

from collections.abc import Sequence

from critic.engine.transformers import TransformersEngine
from critic.model import ValueModel
from critic.passes import passes
from critic.training.examples import Example
from critic.training.quality import Quality, measure
from critic.tree import plant


def values_of(model: ValueModel, examples: Sequence[Example], max_tokens: int) -> list[list[float]]:
    """The values at each solution's boundaries, by passes of at most `max_tokens` tokens."""
    engine = TransformersEngine(model.eval())
    values: list[list[float]] = [[] for _ in examples]
    for trees in passes([example.sequence for example in examples], max_tokens):
        results = engine.values([plant([examples[index].sequence for index in tree]) for tree in trees])
        for tree, rows in zip(trees, results, strict=True):
            for index, row in zip(tree, rows, strict=True):
                values[index] = row
    return values


def quality(examples: Sequence[Example], values: Sequence[Sequence[float]]) -> Quality | None:
    """How good the values of the labelled states are; None where there are none.

    Finished answers that were verified are left out: to judge those is verification, which is not what a value is for.
    """
    rows = list(zip(examples, values, strict=True))
    numbers = {prompt: number for number, prompt in enumerate({example.prompt for example in examples})}
    pairs = [
        (value, target, numbers[example.prompt])
        for example, row in rows
        for value, target in zip(row, example.unfinished, strict=False)
        if target == target
    ]
    ranked = [
        (value, example.outcome)
        for example, row in rows
        if example.outcome is not None
        for value, _ in zip(row, example.unfinished, strict=False)
    ]
    if not pairs:
        return None
    return measure(
        [value for value, _, _ in pairs],
        [target for _, target, _ in pairs],
        [value for value, _ in ranked],
        [outcome for _, outcome in ranked],
        [question for _, _, question in pairs],
    )


def mean_target(examples: Sequence[Example]) -> float:
    """Mean target of the states that `quality` measures, 0.5 without any."""
    targets = [target for example in examples for target in example.unfinished if target == target]
    return sum(targets) / len(targets) if targets else 0.5
