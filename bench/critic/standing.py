"""The tables of the comparison of critics."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bench.critic import resample
from bench.critic.contest import (
    MONTE_CARLO_FEW,
    MONTE_CARLO_MANY,
    OUTCOME_FEW,
    OUTCOME_MANY,
    OUTCOME_MORE,
    Contestant,
)
from bench.critic.labels import FEW, HELD_OUT_COMPLETIONS, Labels
from bench.critic.resample import Measure, Numbers, States
from bench.math.table import table

Values = dict[Contestant, list[Numbers]]
"""Of the held-out states by each contestant's critics, one for each seed."""
MEASURES: dict[str, Measure] = {
    "rank correlation": resample.rank_correlation,
    "AUC of the outcome": resample.auc,
    "cross-entropy": resample.cross_entropy,
    "calibration error": resample.calibration_error,
}
LESS_IS_BETTER = {"cross-entropy", "calibration error"}
WITHIN = "rank correlation within questions"
COMPARED = ((MONTE_CARLO_FEW, OUTCOME_FEW), (MONTE_CARLO_FEW, OUTCOME_MORE), (MONTE_CARLO_MANY, OUTCOME_MANY))


def _all(states: States) -> NDArray[np.int64]:
    return np.arange(len(states.targets))


def means(critics: Mapping[str, Sequence[Numbers]], states: States) -> str:
    """The measures of the critics of each kind, given by their values of the states."""
    rows = []
    for name, found in critics.items():
        numbers = [np.mean([measure(v, states, _all(states)) for v in found]) for measure in MEASURES.values()]
        within = np.mean([np.nanmean(resample.within(v, states)) for v in found])
        rows.append([name, *(f"{number:.3f}" for number in [*numbers, within])])
    return table(["", *MEASURES, WITHIN], rows).rstrip()


def gains(found: Values, states: States) -> str:
    """What Monte Carlo gains over others, with intervals."""
    rows = []
    for ours, theirs in COMPARED:
        cells = []
        for name, measure in MEASURES.items():
            one, other = (found[ours], found[theirs]) if name not in LESS_IS_BETTER else (found[theirs], found[ours])
            cells.append(str(resample.gain(measure, one, other, states, seed=0)))
        cells.append(str(resample.gain_within(found[ours], found[theirs], states, seed=0)))
        rows.append([f"{ours.name} over {theirs.name}", *cells])
    return table(["", *MEASURES, WITHIN], rows).rstrip()


def singles(found: Values, states: States, seeds: Sequence[int]) -> str:
    """Ranking and calibration seed by seed."""
    rows = []
    for ours, theirs in COMPARED:
        for number, seed in enumerate(seeds):
            one, other = found[ours][number], found[theirs][number]
            gain = resample.gain(resample.rank_correlation, [one], [other], states, seed=seed)
            ranks = [f"{resample.rank_correlation(v, states, _all(states)):.3f}" for v in (one, other)]
            errors = [f"{resample.calibration_error(v, states, _all(states)):.3f}" for v in (one, other)]
            rows.append([f"{ours.name} over {theirs.name}", seed, *ranks, str(gain), *errors])
    head = ["", "seed", "rank correlation", "of the other", "gain", "calibration error", "of the other"]
    return table(head, rows)


def limits(states: States) -> str:
    """What the best values could reach, so that the numbers above can be read."""
    chance = np.random.default_rng(0)
    again = chance.binomial(HELD_OUT_COMPLETIONS, states.targets) / HELD_OUT_COMPLETIONS
    known = np.array([states.targets[np.flatnonzero(states.questions == q)[0]] for q in states.questions])
    rank, within = resample.rank_correlation, resample.within
    best, best_within = rank(again, states, _all(states)), np.nanmean(within(again, states))
    return (
        "Monte-Carlo values estimated a second time would have a rank correlation of about "
        f"{best:.2f} with these, and {best_within:.2f} within questions: that much the noise of "
        f"{HELD_OUT_COMPLETIONS} completions leaves. Values that knew each question's own Monte-Carlo value, and "
        f"nothing of the answer, would reach {rank(known, states, _all(states)):.3f}, and 0 within questions."
    )


def tokens(labels: Labels, seeds: Sequence[int]) -> str:
    """What was sampled."""
    rows = [[seed, *labels.tokens(seed), len(labels.train(seed, FEW)), len(labels.more(seed))] for seed in seeds]
    head = ["seed", f"tokens for {FEW} questions", "tokens for more outcomes", "solutions", "solutions"]
    return table(head, rows).rstrip()
