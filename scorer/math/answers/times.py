"""Times of day: "7:32 p.m.", "19:32", "7 PM", "noon"."""

import re
from dataclasses import dataclass

from scorer.math.answers.spoken import spoken
from scorer.math.judgement import Judgement, Options, Outcome

_HALF = r"(a\.?m\.?|p\.?m\.?|in the (?:morning|afternoon|evening)|at night)"
_TIME = re.compile(rf"(?:at )?(\d{{1,2}})(?::(\d{{2}}))?(?::(\d{{2}}))?(?: ?(o'?clock))?(?: ?{_HALF})?")
_COMMAND = re.compile(r"\\[a-zA-Z]+")
_COLON = re.compile(" ?: ?")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{2}) ?(a\.?m\.?|p\.?m\.?)")
_NAMED = {"noon": 12, "midday": 12, "12 noon": 12, "midnight": 0, "12 midnight": 0}
_AFTER_NOON = ("p", "in the afternoon", "in the evening")
_MOST_CHARS = 40


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day."""

    hour: int
    minute: int = 0
    second: int = 0
    half: str = ""
    """"am" or "pm"; empty when it was left out: then the hour may be one of a clock of 24 hours."""
    surely: bool = True
    """It cannot be a ratio or a plain number."""
    minutes_given: bool = False

    @property
    def of_day(self) -> int:
        """Hour from 0 to 23, by `half` where it is given."""
        return self.hour % 12 + (12 if self.half == "pm" else 0) if self.half else self.hour % 24

    def __str__(self) -> str:
        seconds = f":{self.second:02d}" if self.second else ""
        return f"{self.hour}:{self.minute:02d}{seconds} {self.half}".strip()


def time_of_day(gold_text: str, answer_text: str, options: Options) -> Judgement | None:
    """Compares two times of day. Whether it is morning or afternoon may be left out on one side.

    Returns:
        The judgement; None when one of the two is no time, or neither is surely one: 7:32 may be a ratio.
    """
    del options
    gold, answer = read_clock(gold_text), read_clock(answer_text)
    if gold is None or answer is None:
        return _beside_figures(gold, gold_text, answer, answer_text)
    if not (gold.surely or answer.surely or (gold.minutes_given and answer.minutes_given)):
        return None
    outcome = Outcome.EQUAL if clocks_agree(gold, answer) else Outcome.DIFFERENT
    return Judgement(outcome, "time", str(gold), str(answer))


def _beside_figures(gold: Clock | None, gold_text: str, answer: Clock | None, answer_text: str) -> Judgement | None:
    """Figures that are no time beside `12:05`, which is surely one."""
    clock, text = (gold, answer_text) if gold is not None else (answer, gold_text)
    if clock is None or not (clock.surely and clock.minutes_given) or any(map(str.isalpha, _COMMAND.sub("", text))):
        return None
    return Judgement(Outcome.DIFFERENT, "time", str(gold or gold_text), str(answer or answer_text))


def clocks_agree(gold: Clock, answer: Clock) -> bool:
    """Whether two times are the same one."""
    if (gold.minute, gold.second) != (answer.minute, answer.second):
        return False
    return gold.of_day == answer.of_day or (
        gold.hour == answer.hour and bool(gold.half) != bool(answer.half) and gold.hour <= 12
    )


def read_clock(text: str) -> Clock | None:
    """The time of day that a text is, all of it; None when it is something else."""
    return clock_said(spoken(text).plain)


def clock_said(plain: str) -> Clock | None:
    """The time of day that plain words and digits are."""
    if len(plain) > _MOST_CHARS:
        return None
    said = _COLON.sub(":", plain.lower().strip(" ,"))
    if said in _NAMED:
        return Clock(12, half="pm" if _NAMED[said] else "am")
    match = _TIME.fullmatch(said)
    if match is None:
        dotted = _DOTTED.fullmatch(said)
        return _clock(dotted[1], dotted[2], None, dotted[3]) if dotted else None
    surely = bool(match[3] or match[4] or match[5] or (match[2] or "").startswith("0"))
    return _clock(match[1], match[2], match[3], match[5], surely=surely)


def _clock(hour: str, minute: str | None, second: str | None, half: str | None, *, surely: bool = True) -> Clock | None:
    hours, minutes, seconds = int(hour), int(minute or 0), int(second or 0)
    if hours > 24 or minutes > 59 or seconds > 59 or (half and not 0 <= hours <= 23):
        return None
    if half is None:
        return Clock(hours, minutes, seconds, surely=surely, minutes_given=bool(minute))
    after_noon = half.startswith(_AFTER_NOON) or (half == "at night" and 5 <= hours < 12)
    if hours > 12 and not after_noon:
        return None
    hours = hours - 12 if hours > 12 else hours
    return Clock(hours, minutes, seconds, "pm" if after_noon else "am", minutes_given=bool(minute))
