r"""Cuts a text into tokens, in one pass and linear time.

Spaces are dropped; a token knows whether there was one before it. Commands that change the looks only are dropped,
those that enclose words become one `text` token, and a row of letters becomes the letters, or one `word` token when it
looks like English.
"""

import itertools
import re
from collections.abc import Iterable
from functools import lru_cache

from scorer.math.syntax.tokens import COMMANDS, EMBEDDED, FUNCTIONS, IGNORED, STYLES, WORDS, Token, unreadable
from scorer.math.syntax.tree import NotReadable, TooLarge

MAX_TOKENS = 6000

_SEPARATOR = r"(?:\{,\}|\\,|\\!,\\!|,\\!\s?|\\!,|\\!|\\;|\\ |~|\{ \}|_)"
_NUMBER = (
    rf"\d{{1,3}}(?:{_SEPARATOR}\d{{3}})++(?!\d)(?:\.\d+)?"
    r"|\d{1,3}(?:\.\d{3}){2,}+(?![.\d])"
    r"|\d++\{,\}\d++"
    r"|(?:\d++(?:\.(?!\.)\d*+)?|\.\d++)(?:[eE][-+]?\d++(?![A-Za-z0-9_]|\.\d))?"
)
_TEXTS = "|".join(sorted(STYLES, key=len, reverse=True))
_MASTER = re.compile(
    rf"""(?P<space>(?:\s|~|\\[,;:!>\s]|\\(?:thinspace|enspace|hspace\*?\{{[^{{}}]*\}}|kern)(?![A-Za-z]))+)
    |(?P<based>0x[0-9a-fA-F]++(?![A-Za-z0-9_])|0b[01]++(?![A-Za-z0-9_])
        |(?:\d[0-9A-F]*+|[A-F]{{2,}}+[0-9A-F]*+)(?=_(?:\{{1[1-6]\}}|1[1-6](?!\d)))
        |\d(?=[0-9]{{0,9}}[a-f][0-9]{{0,9}}[a-f])[0-9a-f]{{1,60}}+(?=_(?:\{{16\}}|16(?!\d)))
        |\d*+\\(?:text|mathrm)\s*\{{\s*[0-9A-F]++\s*\}}(?=\s*_)|\(\s*[0-9A-Za-z]++\s*\)(?=\s*_))
    |(?P<num>{_NUMBER})
    |(?P<fence>\\(?:left|right|[bB]igg?[lrm]?)\s*(?:\.|\||<|>|\\\||\\vert(?![a-zA-Z])))
    |(?P<style>\\(?P<style_name>{_TEXTS})\s*\{{(?P<content>[^{{}}\\$]*)\}})
    |(?P<set>\\(?:mathbb|Bbb|mathbf|mathds|mathrm|boldsymbol)\s*(?:\{{\s*[RZQNC]\s*\}}|[RZQNC](?![A-Za-z])))
    |(?P<deg>\^\s*(?:\{{\s*\\(?:circ|degree)\s*\}}|\\(?:circ|degree)(?![A-Za-z])))
    |(?P<prime>\^\s*(?:\{{\s*(?:\\prime\s*)+\}}|\\prime(?![A-Za-z])|\{{\s*'+\s*\}}))
    |(?P<env>\\(?:begin|end)\s*\{{\s*[a-zA-Z]+\*?\s*\}})
    |(?P<row>\\\\(?:\[-?[\d.]+\s*(?:pt|em|ex|mm|cm)\])?)
    |(?P<cmd>\\(?:[A-Za-z]+|[^A-Za-z\s]))
    |(?P<text>[ap]\.m\.?(?![a-z]))
    |(?P<word>[A-Za-z]+)
    |(?P<op>\+/-|\*\*|\{{:\}}|<=|>=|!=|==|=<|=>|->|<>|\.\.\.+|[-+*/^_()\[\]{{}}|,;:=<>!&'%$€£¥₹¢])""",
    re.VERBOSE,
)
_PHRASE = re.compile(r"[A-Za-z](?:[A-Za-z '/-]*[A-Za-z])?")
_JOIN = re.compile(r"[\s,;:]*(and|or)[\s,;:]*", re.IGNORECASE)
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 .,'/:?!-]*")
_UNIT = re.compile(r"[A-Za-z][A-Za-z ]*(?:\^-?\d)?(?:[/ .*][A-Za-z]+(?:\^-?\d)?)*")
_VALUE_ENDS = frozenset(["num", "}", ")", "]", "const", "letter", "name", "!", "|", "rbar", "set", "\\}"])
_MAX_UNIT = 60
_BEFORE_UNITS = _VALUE_ENDS | {"text", "/"}
_LETTERS = ("d", "e", "i", "j")
"""Letters that stay themselves in `\\mathrm`: the differential and constants."""
_OPERATORS: dict[str, tuple[str, str]] = {
    **{"+/-": ("pm", "+"), "{:}": (":", ":")},
    **{"**": ("^", "^"), "<=": ("rel", "<="), "=<": ("rel", "<="), ">=": ("rel", ">="), "!=": ("rel", "!=")},
    **{"<>": ("rel", "!="), "==": ("rel", "="), "=": ("rel", "="), "<": ("rel", "<"), ">": ("rel", ">")},
    **{"->": ("to", "to"), "=>": ("to", "to"), "$": ("money", "dollar"), "€": ("money", "euro")},
    **{"£": ("money", "gbp"), "¥": ("money", "yen"), "₹": ("money", "rupee"), "¢": ("money", "cent")},
}
_FENCES = {"|": ("lbar", "rbar"), "<": ("langle", "langle"), ">": ("rangle", "rangle"), r"\|": ("norm", "norm")}
_ENGLISH_TEXT = (
    "if is of to so no we for the are not but all any yes let can has odd was one two six ten nor per with its"
    " nan none even true false dne red day best know most cost lost host hint deny film fist knot pint pints pie"
    " pies pin pins null undefined"
)
_ENGLISH = frozenset(_ENGLISH_TEXT.split())
"""Words that would be taken for products of unknowns."""
_FACTORIAL_OF = frozenset(["num", ")", "}"])
_ROMAN = frozenset(["II", "III", "IV", "VI", "VII", "VIII", "IX"])
_EMBEDDED = re.compile("|".join(sorted(EMBEDDED, key=len, reverse=True)))
_DOLLAR = re.compile(r"(?<!\\)\$")


def lex(text: str) -> list[Token]:
    """The tokens of a text, with one of kind `end` behind them.

    Raises:
        NotReadable: There is a character or a command that is not known.
        TooLarge: There are too many tokens.
    """
    delimited = _has_delimiters(text)
    outside = delimited
    tokens: list[Token] = []
    spaced = False
    closed = -1
    position = 0
    length = len(text)
    match_at = _MASTER.match
    while position < length:
        match = match_at(text, position)
        if match is None:
            raise unreadable(f"the character {text[position]!r}")
        kind = match.lastgroup or ""
        start, position = position, match.end()
        if kind == "space":
            spaced = True
            continue
        if len(tokens) > MAX_TOKENS:
            raise TooLarge(f"more than {MAX_TOKENS} symbols")
        if kind == "num":
            tokens.append(Token("num", match[0], start, position, spaced))
        elif kind == "op":
            operator = match[0]
            if operator == "$" and delimited:
                outside = not outside
                if not outside and tokens and tokens[-1].end == closed:
                    tokens.append(Token("quad", "", start, position, True))
                closed = tokens[-1].end if tokens else -1
                continue
            if operator[:3] == "...":
                tokens.append(Token("dots", "...", start, position, spaced))
            elif operator == "!=" and not spaced and tokens and tokens[-1].kind in _FACTORIAL_OF:
                raise NotReadable("a factorial before an equals sign, or unequal")
            else:
                kind, operator = _OPERATORS.get(operator, (operator, operator))
                tokens.append(Token(kind, operator, start, position, spaced))
        elif kind == "word":
            if outside:
                phrase = _PHRASE.match(text, start)
                assert phrase is not None
                position = phrase.end()
                _add_text(tokens, phrase[0], start, position, spaced)
            else:
                _add_letters(tokens, match[0], start, spaced)
        elif kind == "cmd":
            name = match[0][1:]
            known = COMMANDS.get(name)
            if known is not None:
                tokens.append(Token(known[0], known[1], start, position, spaced))
            elif name in "()[]":
                outside = name in ")]"
                delimited = True
                if tokens and outside is False and tokens[0].kind == "word":
                    raise unreadable("prose")
            elif name in ("quad", "qquad"):
                tokens.append(Token("quad", "", start, position, True))
            elif name.startswith(("quad", "qquad")):  # a wide space that touches the letters behind it
                tokens.append(Token("quad", "", start, position, True))
                position = start + 1 + name.index("quad") + len("quad")
            elif name not in IGNORED and name not in STYLES:
                raise unreadable(f"the command {match[0]}")
            spaced = name in IGNORED and spaced
            continue
        elif kind == "style":
            if not _add_style(tokens, match, spaced):
                position = match.start("content") - 1
        else:
            _add_rare(tokens, kind, match[0], start, position, spaced)
        spaced = False
    tokens.append(Token("end", "", length, length, True))
    return _without_loose_space(tokens)


def _add_rare(tokens: list[Token], kind: str, text: str, start: int, end: int, spaced: bool) -> None:
    if kind == "fence":
        mark = text.split()[-1].lstrip("\\abcdefghijklmnopqrstuvwxyzB") if text[-1] != "t" else "|"
        mark = r"\|" if text.endswith(r"\|") else mark
        if mark == ".":
            if "left" not in text:
                tokens.append(Token("nothing", "", start, end, spaced))
            return
        opening, closing = _FENCES[mark]
        bars = text.startswith((r"\left", r"\bigl", r"\Bigl", r"\biggl", r"\Biggl"))
        middle = not bars and not text.startswith((r"\right", r"\bigr", r"\Bigr", r"\biggr", r"\Biggr"))
        tokens.append(Token("|" if middle and mark == "|" else opening if bars else closing, mark, start, end, spaced))
    elif kind == "set":
        tokens.append(Token("set", text.rstrip(" }")[-1], start, end, spaced))
    elif kind == "prime":
        tokens.extend(Token("'", "'", start, end, spaced) for _ in range(text.count("prime") + text.count("'")))
    elif kind == "env":
        name = text[text.index("{") + 1 : -1].strip()
        tokens.append(Token("begin" if text[1] == "b" else "stop", name, start, end, spaced))
    elif kind == "based":
        digits, _, wrapped = text.removesuffix("}").partition("\\")
        tokens.append(Token("based", (digits + wrapped.partition("{")[2]).strip("() \t\n"), start, end, spaced))
    else:
        tokens.append(Token(kind, text, start, end, spaced))


def _add_style(tokens: list[Token], match: re.Match[str], spaced: bool) -> bool:
    """Adds a command with words in it; False when it has something else in it."""
    content = match["content"]
    content = content.replace("~", " ")
    words = content.strip()
    if not words:
        return True
    if words in _LETTERS and (match["style_name"] != "text" or words != "d"):
        tokens.append(Token("letter", words, match.start(), match.end(), spaced))
        return True
    if words in FUNCTIONS and not (words in ("sec", "min") and tokens and tokens[-1].kind in _BEFORE_UNITS):
        tokens.append(Token("func", FUNCTIONS[words], match.start(), match.end(), spaced))
        return True
    if (
        "^" in words
        and len(words) <= _MAX_UNIT
        and tokens
        and tokens[-1].kind in _VALUE_ENDS
        and _UNIT.fullmatch(words)
    ):
        tokens.append(Token("text", words, match.start(), match.end(), spaced or content[0] == " "))
        return True
    joining = _JOIN.fullmatch(content) is not None
    if not joining and (_PLAIN.fullmatch(words) is None or ("," in words and words[-1] != ",")):
        return _PLAIN.fullmatch(words) is not None and _add_text(tokens, words, match.start(), match.end(), spaced)
    return _add_text(tokens, content, match.start(), match.end(), spaced or content[0] == " ")


def _add_text(tokens: list[Token], content: str, start: int, end: int, spaced: bool) -> bool:
    joint = _JOIN.fullmatch(content)
    if joint:
        tokens.append(Token("join", joint[1].lower(), start, end, spaced))
        return True
    words = content.strip()
    if words[-1] in ",;" and words[:-1].strip():
        tokens.append(Token("text", words[:-1].strip(), start, end, spaced))
        tokens.append(Token(",", ",", start, end, spaced))
    else:
        tokens.append(Token("text", words.rstrip(".") if words.count(".") == 1 else words, start, end, spaced))
    return True


def _add_letters(tokens: list[Token], run: str, start: int, spaced: bool) -> None:
    if len(run) == 1:
        tokens.append(Token("letter", run, start, start + 1, spaced))
        return
    position = start
    parts = _split(run)
    for index, (kind, part) in enumerate(parts):
        end = position + len(part[0])
        tokens.append(Token(kind, part[1], position, end, spaced and index == 0, 0 if index else len(run)))
        position = end


@lru_cache(maxsize=4096)
def _split(run: str) -> tuple[tuple[str, tuple[str, str]], ...]:
    """What a row of letters is: kind, letters as written, and text of each token."""
    if run in WORDS:
        kind, text = WORDS[run]
        return ((kind, (run, text)),)
    if run in _ROMAN:
        return (("text", (run, run)),)
    parts: list[tuple[str, tuple[str, str]]] = []
    position = 0
    longest = 0
    for match in _EMBEDDED.finditer(run):
        parts.extend(("letter", (letter, letter)) for letter in run[position : match.start()])
        longest = max(longest, match.start() - position)
        kind, text = WORDS[match[0]]
        parts.append((kind, (match[0], text)))
        position = match.end()
    parts.extend(("letter", (letter, letter)) for letter in run[position:])
    functions = position > 0 and max(longest, len(run) - position) <= 2 and run.lower() not in _ENGLISH
    if not functions and looks_like_a_word(run):
        return (("word", (run, run)),)
    return tuple(parts)


def is_word(run: str) -> bool:
    """Whether a row of letters without a backslash is read as a word, and not as letters and names of functions."""
    return _split(run)[0][0] == "word"


def looks_like_a_word(run: str) -> bool:
    """Whether a row of letters without a backslash is a word and not a product of unknowns."""
    letters = run.lower()
    if letters in _ENGLISH:
        return len(run) > 2 or not run.isupper()  # NO is a segment
    if len(run) < 4 or not any(vowel in letters for vowel in "aeiou"):
        return len(run) > 8
    return len(run) > 4 or sorted(letters) != list(letters)


def _has_delimiters(text: str) -> bool:
    """Whether dollar signs enclose mathematics here, and are no currency."""
    if "$" not in text:
        return False
    places = [match.end() for match in _DOLLAR.finditer(text)]
    if not places or len(places) % 2:
        return False
    return not any(place < len(text) and text[place].isalnum() for place in places[1::2])


def _without_loose_space(tokens: list[Token]) -> list[Token]:
    """Without `\\quad` where it separates nothing.

    Raises:
        NotReadable: It stands between two things and nothing else does.
    """
    if not any(token.kind == "quad" for token in tokens):
        return tokens
    kept: list[Token] = []
    for index, token in enumerate(tokens):
        if token.kind == "quad":
            after = tokens[index + 1].kind
            if kept and kept[-1].kind not in _APART and after not in _APART and after != "quad":
                if not (_has_relation(reversed(kept)) and _has_relation(itertools.islice(tokens, index + 1, None))):
                    raise NotReadable("a wide space stands between two expressions")
                kept.append(Token("join", "and", token.start, token.end, True))
            continue
        kept.append(token)
    return kept


def _has_relation(tokens: Iterable[Token]) -> bool:
    """Whether an equation or inequality begins with these tokens: two of them may stand side by side."""
    for token in tokens:
        if token.kind in ("rel", "quad", ",", ";", "join", "row", "text", "word", "&"):
            return token.kind == "rel"
    return False


_APART = frozenset(
    [
        ",",
        ";",
        "join",
        "text",
        "rel",
        "row",
        "&",
        "end",
        "(",
        "[",
        "{",
        "\\{",
        "begin",
        "+",
        "-",
        "*",
        "=",
        "quad",
        "to",
    ]
)
