"""Dates and moments: "June 20", "the 20th of June", "2005-06-20", "11:55 p.m. on 24 December 2014"."""

import re
from dataclasses import dataclass, replace

from scorer.math.answers.spoken import spoken
from scorer.math.answers.times import Clock, clock_said, clocks_agree
from scorer.math.judgement import Judgement, Options, Outcome

_MONTH_WORDS = "january february march april may june july august september october november december"
_MONTH_NAMES = _MONTH_WORDS.split()
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)}
_MONTHS |= {name[:3]: number for name, number in _MONTHS.items()} | {"sept": 9}
_WEEKDAY_WORDS = "monday tuesday wednesday thursday friday saturday sunday"
_WEEKDAY_NAMES = _WEEKDAY_WORDS.split()
_WEEKDAYS = {name: number for number, name in enumerate(_WEEKDAY_NAMES)}
_WEEKDAYS |= {name[:3]: number for name, number in _WEEKDAYS.items()} | {"tues": 1, "thur": 3, "thurs": 3}
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

_MONTH = rf"({'|'.join(sorted(_MONTHS, key=len, reverse=True))})\.?"
_WEEKDAY = rf"(?:on )?(?:({'|'.join(sorted(_WEEKDAYS, key=len, reverse=True))})\.?,? )?(?:on )?"
_DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?:,? ?(?:of )?(\d{4}))?"
_MONTH_FIRST = re.compile(rf"{_WEEKDAY}{_MONTH} ?(?:the )?{_DAY}{_YEAR}")
_DAY_FIRST = re.compile(rf"{_WEEKDAY}(?:the )?{_DAY} ?(?:of )?{_MONTH}{_YEAR}")
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_NUMERIC = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
_CHINESE = re.compile(r"(?:(\d{4})年)?(\d{1,2})月(\d{1,2})[日号]")
_MONTH_ALONE = re.compile(rf"(?:in )?{_MONTH}(?: ?(\d{{4}}))?")
_WEEKDAY_ALONE = re.compile(rf"(?:on )?(?:an? )?({'|'.join(sorted(_WEEKDAYS, key=len, reverse=True))})\.?")
_JOINED = re.compile(r",? on |,? at |, | ")
_MOST_CHARS = 60


@dataclass(frozen=True, slots=True)
class Date:
    """A day, as far as it is said."""

    month: int | None = None
    day: int | None = None
    year: int | None = None
    weekday: int | None = None
    swapped: "tuple[int, int] | None" = None
    """Month and day the other way round, where `3/4/2005` leaves both open."""
    guessed: bool = False
    """Nothing tells which of the two is the month: in `3-4-2005`, not in `3/4/2005` and `3.4.2005`."""
    clock: Clock | None = None
    numeric: bool = False
    """Written with digits only: it is a date only beside another one."""

    def __str__(self) -> str:
        parts = (
            _WEEKDAY_NAMES[self.weekday].capitalize() if self.weekday is not None else "",
            _MONTH_NAMES[self.month - 1].capitalize() if self.month is not None else "",
            str(self.day or ""),
            str(self.year or ""),
            str(self.clock or ""),
        )
        return " ".join(part for part in parts if part)


def date(gold_text: str, answer_text: str, options: Options) -> Judgement | None:
    """Compares two dates. A weekday or a time of day may be left out, and a year that the gold answer does not name.

    Returns:
        The judgement; None when one of the two is no date.
    """
    del options
    gold, answer = read_date(gold_text), read_date(answer_text)
    if gold is None or answer is None or (gold.numeric and answer.numeric):
        return None
    outcome = Outcome.EQUAL if _agree(gold, answer) else Outcome.DIFFERENT
    return Judgement(outcome, "date", str(gold), str(answer))


def read_date(text: str) -> Date | None:
    """The date that a text is, all of it, with a time of day before or behind it; None when it is something else."""
    said = spoken(text).plain.lower().strip(" .,")
    if len(said) > _MOST_CHARS or not any(map(str.isalnum, said)):
        return None
    day = _read_day(said)
    if day is not None:
        return day
    for joint in _JOINED.finditer(said):
        before, after = said[: joint.start()], said[joint.end() :]
        for day_text, clock_text in ((before, after), (after, before)):
            clock = clock_said(clock_text)
            day = _read_day(day_text) if clock is not None and clock.surely else None
            if day is not None and clock is not None and (day.day or day.weekday is not None):
                return replace(day, clock=clock)
    return None


def _read_day(said: str) -> Date | None:
    if match := _MONTH_FIRST.fullmatch(said):
        return _date(match[4], _MONTHS[match[2]], match[3], match[1])
    if match := _DAY_FIRST.fullmatch(said):
        return _date(match[4], _MONTHS[match[3]], match[2], match[1])
    if match := _ISO.fullmatch(said):
        return _date(match[1], int(match[2]), match[3], numeric=True)
    if match := _CHINESE.fullmatch(said):
        return _date(match[1], int(match[2]), match[3])
    if match := _NUMERIC.fullmatch(said):
        first, second = int(match[1]), int(match[3])
        dates = [_date(match[4], month, str(day), numeric=True) for month, day in ((first, second), (second, first))]
        known = [found for found in dates if found is not None]
        if len(known) == 2 and first != second:
            month, day = (second, first) if match[2] == "." else (first, second)
            return Date(month, day, int(match[4]), swapped=(day, month), guessed=match[2] == "-", numeric=True)
        return known[0] if known else None
    if match := _MONTH_ALONE.fullmatch(said):
        return Date(_MONTHS[match[1]], year=int(match[2]) if match[2] else None)
    if match := _WEEKDAY_ALONE.fullmatch(said):
        return Date(weekday=_WEEKDAYS[match[1]])
    return None


def _date(year: str | None, month: int, day: str, weekday: str | None = None, *, numeric: bool = False) -> Date | None:
    if not 1 <= month <= 12 or not 1 <= int(day) <= _DAYS[month - 1]:
        return None
    weekday_number = _WEEKDAYS[weekday] if weekday else None
    return Date(month, int(day), int(year) if year else None, weekday_number, numeric=numeric)


def _agree(gold: Date, answer: Date) -> bool:
    if (gold.month is None) != (answer.month is None):
        return False
    days = {(gold.month, gold.day)} | ({gold.swapped} if gold.swapped else set())
    same_day = (answer.month, answer.day) in days and not answer.guessed  # the answer may not profit from that
    if gold.year is not None and answer.year is None:
        return False
    parts = ((gold.year, answer.year), (gold.weekday, answer.weekday))
    same_clock = gold.clock is None or answer.clock is None or clocks_agree(gold.clock, answer.clock)
    return same_day and same_clock and all(None in pair or pair[0] == pair[1] for pair in parts)
