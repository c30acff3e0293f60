"""What a comparison of an answer with a gold answer says, and what a task may ask for."""

import enum
from dataclasses import dataclass


class Outcome(enum.Enum):
    """What became of a comparison."""

    EQUAL = "equal"
    DIFFERENT = "different"
    UNKNOWN = "unknown"
    """This method cannot tell; another may."""
    TIME = "time"
    """Undecided: over its processor time."""
    MEMORY = "memory"
    """Undecided: over its memory."""
    SIZE = "size"
    """Undecided: refused for its size before any evaluation."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The outcome, and what a person needs to see why."""

    outcome: Outcome
    rule: str = ""
    """Stable name of the rule that decided; empty when none did."""
    gold_form: str = ""
    """Canonical form of the gold answer."""
    answer_form: str = ""
    """Canonical form of the answer."""
    detail: str = ""
    """One sentence for people."""


@dataclass(frozen=True, slots=True)
class Options:
    """What is wanted of an answer. The defaults do what a careful grader would do."""

    order_matters: bool | None = None
    """None: tuples are ordered, lists and sets are not. True: lists are, too. False: nothing is ordered."""
    unit_matters: bool | None = None
    """None: a unit may be added or left out, a changed one is wrong. True: it must be there. False: it is ignored."""
    absolute_tolerance: float = 0.0
    """Numbers match when they differ by no more than this ..."""
    relative_tolerance: float = 0.0
    """... or by no more than this times the gold number."""
    choices: tuple[str, ...] = ()
    """Texts of the options of a multiple choice question, labelled A, B, C, ... in this order."""
    forms: tuple[str, ...] = ()
    """Forms that the answer may be written in; empty: any. Names as in `codaserve.v1.AnswerForm`, lower case."""


DEFAULTS = Options()
"""What most tasks ask for."""
