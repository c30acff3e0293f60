"""Why an expression has no value that can be used."""


class Undefined(ArithmeticError):  # noqa: N818
    """There is no such value: `1/0`, `0/0`, `\\ln 0`, infinity minus infinity, a square root that should be real."""


class Unsettled(ArithmeticError):  # noqa: N818
    """The precision does not tell, as for `1/x` with an x that may be zero. More of it may."""


class Unclear(ValueError):  # noqa: N818
    """What the value is meant to be is not known here: no expression, or one that people read in two ways."""


class Ambiguous(Unclear):
    """At these values of the unknowns it could mean two things, or is not known here. At others it may be clear."""
