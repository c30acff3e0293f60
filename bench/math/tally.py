"""How often verdicts agree with labels."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.math.cases import Case

NOT_RUN = "not run"
"""Stands for a verdict that was not asked for."""
Verdict = bool | str | None
"""Accepted or not; None is undecided; `NOT_RUN`."""


@dataclass
class Tally:
    """What one verifier did on one set. An undecided verdict counts as not accepted."""

    cases: int = 0
    agreed: int = 0
    false_accepts: list[Case] = field(default_factory=list)
    false_rejects: list[Case] = field(default_factory=list)
    undecided: list[Case] = field(default_factory=list)
    seconds: float = 0.0
    """Spent on all."""

    @property
    def share(self) -> float:
        """Share of the cases judged as labelled; 0 without cases."""
        return self.agreed / self.cases if self.cases else 0.0


def tally(cases: Sequence[Case], verdicts: Sequence[Verdict], seconds: float = 0.0) -> Tally:
    """Counts the verdicts about the cases, leaving out those that were not run; `seconds` were spent on all."""
    counts = Tally(seconds=seconds)
    for case, verdict in zip(cases, verdicts, strict=True):
        if verdict == NOT_RUN:
            continue
        counts.cases += 1
        if verdict is None:
            counts.undecided.append(case)
        if bool(verdict) == case.label:
            counts.agreed += 1
        elif verdict:
            counts.false_accepts.append(case)
        else:
            counts.false_rejects.append(case)
    return counts
