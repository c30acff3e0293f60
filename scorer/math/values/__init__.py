"""What expressions are worth, and whether two are worth the same. No computer algebra system is used."""

from scorer.math.values.budget import limited
from scorer.math.values.close import close
from scorer.math.values.reals import approximate, exact, order
from scorer.math.values.same import same
from scorer.math.values.simplest import simplest
from scorer.math.values.walk import free

__all__ = ["approximate", "close", "exact", "free", "limited", "order", "same", "simplest"]
