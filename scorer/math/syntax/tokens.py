r"""What the lexer cuts a text into, and what each LaTeX command and plain word is.

A token has a kind, by which the grammar chooses, and a text. The kind of a punctuation mark is the mark itself.
"""

from dataclasses import dataclass

from scorer.math.syntax.tree import NotReadable


@dataclass(slots=True)
class Token:
    """A piece of a text. Mutable: a number that stands for two arguments (`\\frac12`) is cut where it is read."""

    kind: str
    text: str
    start: int
    end: int
    spaced: bool
    """There is white space before it."""
    run: int = 1
    """Of a letter: how many letters in a row begin with it when it is the first of them, else 0."""


_KNOWN = (
    "sin cos tan cot sec csc arcsin arccos arctan arccot arcsec arccsc sinh cosh tanh coth sech csch arcsinh arccosh"
    " arctanh exp ln log gcd lcm max min arg det sgn abs floor ceil cis"
)
_ALIASES = (
    "tg=tan ctg=cot cotan=cot cosec=csc arctg=arctan arcctg=arccot lg=lg sh=sinh ch=cosh th=tanh asin=arcsin"
    " acos=arccos atan=arctan sign=sgn ceiling=ceil Re=re Im=im re=re im=im conj=conjugate GCD=gcd LCM=lcm gcf=gcd"
    " hcf=gcd asinh=arcsinh acosh=arccosh atanh=arctanh arsinh=arcsinh arcosh=arccosh artanh=arctanh Arg=arg"
)
FUNCTIONS = {name: name for name in _KNOWN.split()} | dict(pair.split("=") for pair in _ALIASES.split())
"""Names of known functions after a backslash, by what the tree calls them."""

_PLAIN_FUNCTIONS = f"{_KNOWN} asin acos atan ceiling asinh acosh atanh".replace(" arg ", " ")
_INVERTIBLE = "sin cos tan cot sec csc sinh cosh tanh"
INVERSES = {name: f"arc{name}" for name in _INVERTIBLE.split()}
"""What `\\sin^{-1}` and alike are."""

_LONG_GREEK = "alpha beta gamma delta epsilon theta lambda sigma omega phi"
PLAIN_GREEK = frozenset(_LONG_GREEK.split())
"""Greek letters that are known without a backslash. The short ones are products: `xi` is x i."""

_GREEK = (
    f"{_LONG_GREEK} zeta eta iota kappa mu nu xi rho tau upsilon chi psi"
    " Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega ell hbar"
)
GREEK = frozenset(_GREEK.split())
"""Names of Greek letters and other signs that are symbols."""

_RELATIONS = {
    **{"le": "<=", "leq": "<=", "leqslant": "<=", "leqq": "<=", "ge": ">=", "geq": ">=", "geqslant": ">="},
    **{"geqq": ">=", "lt": "<", "gt": ">", "ne": "!=", "neq": "!=", "in": "in", "notin": "notin", "equiv": "equiv"},
    **{"approx": "approx", "simeq": "approx", "thickapprox": "approx", "doteq": "approx", "subset": "subset"},
    **{"subseteq": "subset", "eq": "=", "coloneqq": "="},
}
_BY_NAME = "sqrt binom choose sum prod int lim bmod pmod mod to mid prime not"
COMMANDS: dict[str, tuple[str, str]] = {
    **{name: ("func", function) for name, function in FUNCTIONS.items()},
    **{name: ("name", name) for name in GREEK},
    **{"varphi": ("name", "phi"), "varepsilon": ("name", "epsilon"), "vartheta": ("name", "theta")},
    **{"varrho": ("name", "rho"), "varsigma": ("name", "sigma"), "imath": ("name", "i"), "jmath": ("name", "j")},
    **{name: ("rel", operator) for name, operator in _RELATIONS.items()},
    **dict.fromkeys(("cdot", "times", "ast", "cross"), ("*", "*")),
    **dict.fromkeys(("div", "slash"), ("/", "/")),
    **dict.fromkeys(("ldots", "cdots", "dots", "dotsc", "dotsb", "vdots", "ddots"), ("dots", "...")),
    **{"pi": ("const", "pi"), "infty": ("const", "infinity"), "infin": ("const", "infinity")},
    **{"pm": ("pm", "+"), "mp": ("pm", "-")},
    **{
        "cup": ("setop", "union"),
        "bigcup": ("setop", "union"),
        "cupdot": ("setop", "union"),
        "sqcup": ("setop", "union"),
        "cap": ("setop", "intersection"),
    },
    **{"setminus": ("setop", "difference"), "smallsetminus": ("setop", "difference")},
    **{"backslash": ("setop", "difference"), "minus": ("setop", "difference")},
    **{"emptyset": ("empty", ""), "varnothing": ("empty", "")},
    **{"lor": ("join", "or"), "vee": ("join", "or"), "land": ("join", "and"), "wedge": ("join", "and")},
    **{"R": ("set", "R"), "Z": ("set", "Z"), "N": ("set", "N"), "Q": ("set", "Q"), "C": ("set", "C")},
    **{"reals": ("set", "R"), "Reals": ("set", "R"), "integers": ("set", "Z"), "naturals": ("set", "N")},
    **{name: (name, name) for name in _BY_NAME.split()},
    **dict.fromkeys(("frac", "dfrac", "tfrac", "cfrac", "sfrac", "nicefrac"), ("frac", "frac")),
    **{"dbinom": ("binom", "binom"), "tbinom": ("binom", "binom"), "rightarrow": ("to", "to")},
    **dict.fromkeys(("overline", "bar"), ("overline", "overline")),
    **{"dot": ("dot", "dot"), "overset": ("overset", "overset")},
    **dict.fromkeys(("vec", "hat", "widehat", "overrightarrow", "mathbf", "boldsymbol", "bm"), ("vec", "vec")),
    **{"lvert": ("lbar", "|"), "rvert": ("rbar", "|"), "vert": ("|", "|"), "Vert": ("norm", "|")},
    **{"lVert": ("norm", "|"), "rVert": ("norm", "|"), "|": ("norm", "|")},
    **{"lfloor": ("lfloor", ""), "rfloor": ("rfloor", ""), "lceil": ("lceil", ""), "rceil": ("rceil", "")},
    **{"langle": ("langle", "<"), "rangle": ("rangle", ">"), "lbrace": ("\\{", "{"), "rbrace": ("\\}", "}")},
    **{"{": ("\\{", "{"), "}": ("\\}", "}"), "lbrack": ("[", "["), "rbrack": ("]", "]")},
    **{"lparen": ("(", "("), "rparen": (")", ")"), "colon": (":", ":"), "And": ("join", "and")},
    **{"%": ("%", "%"), "percent": ("%", "%"), "$": ("money", "dollar"), "pounds": ("money", "gbp")},
    **{"euro": ("money", "euro"), "textdollar": ("money", "dollar"), "degree": ("deg", ""), "circ": ("circ", "")},
    **{"&": ("join", "and"), "#": ("?", "#"), "_": ("?", "_"), "\\": ("row", ""), "newline": ("row", "")},
    **dict.fromkeys(("angle", "measuredangle"), ("figure", "angle")),
    "triangle": ("figure", "triangle"),
    **{"begin": ("begin", ""), "end": ("end", ""), "dotsm": ("dots", "..."), "exists": ("?", ""), "top": ("top", "")},
}
"""Kind and text of each command. What is not here is not readable, or is in `IGNORED` or `STYLES`."""

_LOOKS = (
    "displaystyle textstyle scriptstyle scriptscriptstyle limits nolimits noindent left right middle big Big bigg Bigg"
    " bigl bigr Bigl Bigr biggl biggr Biggl Biggr bigm Bigm nobreak allowbreak relax null strut hfill par mathstrut"
    " bf rm it sf normalsize small large Large boldmath unboldmath centering medskip smallskip"
)
IGNORED = frozenset(_LOOKS.split())
"""Commands that change the looks only."""

_WRAPPERS = (
    "text textbf textit textrm textnormal textsf texttt mathrm mathit mathsf mathtt mbox hbox operatorname emph"
    " underline boxed fbox ensuremath displaylines mathop mathord mathrel mathbin textup pmb smash"
)
STYLES = frozenset(_WRAPPERS.split())
"""Commands with one argument that stays what it is: words when it is words, mathematics when it is mathematics."""

WORDS: dict[str, tuple[str, str]] = {
    **{name: ("func", FUNCTIONS[name]) for name in _PLAIN_FUNCTIONS.split()},
    **{name: ("name", name) for name in PLAIN_GREEK},
    **dict.fromkeys(("inf", "infty", "infinity", "oo", "Inf", "Infinity"), ("const", "infinity")),
    **dict.fromkeys(("pi", "Pi", "PI"), ("const", "pi")),
    **dict.fromkeys(("and", "AND", "And"), ("join", "and")),
    **dict.fromkeys(("or", "OR", "Or"), ("join", "or")),
    **{"union": ("setop", "union")},
    **{"sqrt": ("sqrt", "sqrt"), "cbrt": ("sqrt", "cbrt"), "mod": ("bmod", "mod"), "frac": ("frac", "frac")},
    **{"intersect": ("setop", "intersection"), "binom": ("binom", "binom"), "emptyset": ("empty", "")},
}
"""Kind and text of plain words that are mathematics."""

_EMBEDDED = "sin cos tan cot sec csc arcsin arccos arctan sqrt ln log exp pi theta alpha beta"
EMBEDDED = tuple(_EMBEDDED.split())
"""Plain words that are found inside a row of letters, too: `xsinx`."""


def unreadable(what: str) -> NotReadable:
    """The error to raise for something that the grammar does not know."""
    return NotReadable(f"{what} is not understood")
