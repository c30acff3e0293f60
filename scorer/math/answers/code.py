"""Tells program text from mathematics and words: code is no answer, whatever it would evaluate to."""

import re

_CODE = re.compile(
    r"__\w{2,}__"
    r"|```"
    r"|\b(?:eval|exec|__import__|globals|locals|getattr|setattr|popen|print|printf|println)\s?\("
    r"|\b(?:open|compile|input|system|require|fetch|alert|int|str|float|ord|chr|len|bytes)\s?\(\s?['\"\[]"
    r"|\b(?:os|sys|subprocess|shutil|socket|builtins|sympy|numpy|np|math|Math|cmath|torch|pickle|console|document|window)"
    r"\.[A-Za-z]"
    r"|^\s*(?:from\s+[\w.]{1,60}\s+)?import\s+\w"
    r"|;\s*import\s+\w"
    r"|\bdef\s+\w{1,60}\s?\("
    r"|\bclass\s+\w{1,60}\s?[:(]"
    r"|(?<!\\)\blambda(?:\s+\w{1,20}(?:\s?,\s?\w{1,20}){0,5})?\s?:"
    r"|\bwhile\s+True\b"
    r"|\bfor\s+\w{1,40}\s+in\s+(?:range|enumerate|list|map|zip)\b"
    r"|^\s*return\s+[\w\[(]"
    r"|\bfunction\s?\w{0,40}\s?\([\w ,]{0,60}\)\s?\{"
    r"|=>\s?\{"
    r"|#include\b"
    r"|</?\s?(?:script|iframe|img|svg|style)\b"
    r"|\b(?:rm\s+-rf?|sudo\s|chmod\s|curl\s+-|wget\s+http|/bin/(?:ba)?sh\b)"
    r"|(?:;|&&|\|\|)\s?(?:rm|cat|touch|curl|wget|ls|echo|sleep)\s"
    r"|\$\(\s?(?:cat|ls|rm|curl|wget|id|whoami|touch|echo)\b"
    r"|\bjndi:"
    r"|\bSELECT\b.{1,200}\bFROM\b|(?i:\bselect\s+\*\s+from|\bdrop\s+table|\binsert\s+into\s+\w+\s+values|\bunion\s+select)\b"
    r"|\\(?:input|include|write18|write|openout|openin|read|def|edef|gdef|xdef|let|newcommand|renewcommand|csname"
    r"|catcode|expandafter|immediate|loop|directlua|usepackage)(?![A-Za-z])"
    r"|\{\{.{0,40}(?:\bconfig\b|\|\s?safe\b|request\.)"
)
_MOST_CHARS = 20_000


def looks_like_code(text: str) -> bool:
    """Whether a text has the marks of a program, a shell command, a query or TeX that does more than typeset."""
    return _CODE.search(text[:_MOST_CHARS]) is not None
