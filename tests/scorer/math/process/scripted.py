"""A template whose workers do what the answer says: for tests of everything around the comparison.

python -m tests.scorer.math.process.scripted CONTROL_FD MEMORY_BYTES
"""

import ctypes
from pathlib import Path

from scorer.math import judge
from scorer.math.judge import Trace
from scorer.math.judgement import Judgement, Options, Outcome
from scorer.math.process import main
from scorer.math.syntax.tree import TooLarge


def compare(gold: str, answer: str, options: Options, trace: Trace) -> Judgement:
    """Text that is the same is equal; some answers are commands."""
    outcome = Outcome.EQUAL if answer == gold else Outcome.DIFFERENT
    match answer:
        case "hang":
            while True:
                pass
        case "grow":
            kept = []
            while True:
                kept.append(bytearray(2**20))
        case "algebra":
            trace.symbolic = True
        case "swallow":  # as libraries do with a MemoryError
            trace.symbolic = True
            bytearray(options.choices[0].count("x") * 2**20)
        case "crash":
            ctypes.string_at(0)
        case "large":
            raise TooLarge("the number has too many digits")
        case "deep":
            compare(gold, answer, options, trace)
        case "fault":
            raise ZeroDivisionError(f"secret {gold}")
        case "file":
            Path("/etc/passwd").read_text()
    trace.note("scripted", Judgement(outcome))
    return Judgement(outcome, "scripted", f"gold {gold}", f"answer {answer}")


judge.by_reading = compare
main.warm_up = lambda: None  # type: ignore[attr-defined]

if __name__ == "__main__":
    main.main()
