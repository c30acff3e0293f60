r"""An answer seen as words: what it says without the commands around its words, and whether it is words at all.

`\text{ba}` is a word and `ab` a product of two unknowns, so the texts that come here are the answers as they were
written: normalising takes the commands away.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from scorer.math.answers.english import ENGLISH, SPOKEN_MATHEMATICS
from scorer.math.normalise import normalise
from scorer.math.plain import NAMES

_COMMAND = re.compile(
    r"\\(?:text(?:bf|it|rm|sf|tt|normal|sl|up)?|math(?:rm|bf|it|sf)|mbox|hbox|operatorname)\s*\{([^{}]*)\}"
)
_WRAPPED = re.compile(
    r"(?:\\[(\[]\s*)?(?:\\(?:boxed|fbox|textbf|mathbf|underline)\s*\{\s*)?"
    r"\\(?:text(?:bf|it|rm|sf|tt|normal|sl|up)?|math(?:rm|bf|it|sf)|mbox|hbox)\s*\{([^{}]*)\}"
)
_AROUND = " \t\r\n$.\\)]}"
_LETTERS_ONLY = re.compile(r"[^\W\d_](?:[^\W\d_]|[ ,;.&'\"!?-])*")
_NUMBERED = re.compile(r"[^\W\d_](?:[^\W\d_]|[ ,;.&'\"!?#-])* \(?\d{1,6}(?:st|nd|rd|th)?\)?")
_VOWELS = frozenset("aeiouyAEIOUY")
_JOINING = frozenset({"and", "or"})
_ARTICLES = frozenset({"the", "a", "an"})


@dataclass(frozen=True, slots=True)
class Spoken:
    """An answer as it is said."""

    text: str
    """Normalised."""
    plain: str
    r"""The normalised text without commands around words; white space is single."""
    wrapped: bool
    r"""All of it stood in `\text{...}`: even one letter is then a name and no unknown."""

    @property
    def words(self) -> list[str]:
        """Runs of letters."""
        return re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", self.plain)


@lru_cache(maxsize=1024)
def spoken(text: str) -> Spoken:
    """Reads an answer; the golds of a group come many times, hence the cache."""
    stripped = text.strip(" \t\r\n$")
    wrapped = _WRAPPED.match(stripped)
    whole = wrapped is not None and not stripped[wrapped.end() :].strip(_AROUND)
    normalised = normalise(text)
    plain = _COMMAND.sub(r"\1", normalised)
    plain = re.sub(r"\s+", " ", plain.replace("$", "") if plain.count("$") % 2 == 0 else plain)
    plain = re.sub(r"(?<=\d)\s?\^\s?\{?(st|nd|rd|th)\}?(?![a-z])", r"\1", plain)
    return Spoken(normalised, plain.strip(), wrapped is not None and whole and any(map(str.isalpha, wrapped[1])))


def is_words(said: Spoken) -> bool:
    """Whether an answer is surely words and not mathematics.

    A single letter is an unknown. Bare lower-case letters are a product of unknowns (`xyz`) unless they are a common
    word or long and pronounceable; letters with a capital (`DNA`) and phrases are words.
    """
    if not _LETTERS_ONLY.fullmatch(said.plain):
        return _NUMBERED.fullmatch(said.plain) is not None and _has_word(said.words)
    words = said.words
    if len(words) == 1 and said.plain.strip(".!?'\"") == words[0]:
        return _is_word(words[0], said.wrapped)
    return _has_word(words)


def says_mathematics(said: Spoken) -> bool:
    """Whether the words of an answer name something that mathematics writes in signs: numbers, sets, operations."""
    return not SPOKEN_MATHEMATICS.isdisjoint(re.split(r"[^a-z]+", said.plain.lower()))


def fold(text: str) -> str:
    """A phrase without what makes no difference: case, accents, articles, hyphens, quotes, final punctuation."""
    text = "".join(mark for mark in unicodedata.normalize("NFKD", text) if not unicodedata.combining(mark))
    text = re.sub(r"[’'\"“”]", "", text.casefold().replace("-", " "))
    words = re.sub(r"[.!?,;:]+(?=\s|$)", "", text).split()
    kept = [word for place, word in enumerate(words, start=1) if word not in _ARTICLES or place == len(words)]
    return " ".join(kept)


def _is_word(word: str, wrapped: bool) -> bool:
    if len(word) < 2 or word in NAMES or word.lower() in _JOINING:
        return False
    if wrapped or word.lower() in ENGLISH:
        return True
    if not word.isascii():
        return True
    if not word.islower():
        return len(word) >= 3
    pronounceable = any(letter in _VOWELS for letter in word) and not set(word) <= _VOWELS
    return len(word) >= 5 and pronounceable and sorted(word) != list(word)


def _has_word(words: list[str]) -> bool:
    return any(
        (len(word) >= 3 and word not in NAMES and word.lower() not in _JOINING) or word.lower() in ENGLISH
        for word in words
    )
