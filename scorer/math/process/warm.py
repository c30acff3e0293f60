"""Loads, in the template, everything that comparisons may ever import: a confined worker can open no file."""

import importlib
import logging
import random
import warnings

# What sympy and its company import inside functions, as far as comparisons come there; a test looks for others.
_MODULES = """
    secrets
    sympy.abc sympy.assumptions.ask sympy.assumptions.facts sympy.assumptions.handlers.matrices
    sympy.assumptions.lra_satask sympy.assumptions.satask sympy.combinatorics.galois
    sympy.combinatorics.homomorphisms sympy.concrete.delta sympy.discrete.recurrences
    sympy.integrals.manualintegrate sympy.integrals.prde sympy.integrals.risch sympy.logic.algorithms.dpll
    sympy.logic.algorithms.dpll2 sympy.logic.algorithms.lra_theory
    sympy.matrices.expressions.applyfunc sympy.polys.dispersion
    sympy.polys.distributedmodules sympy.polys.domains.old_polynomialring sympy.polys.domains.quotientring
    sympy.polys.numberfields.resolvent_lookup sympy.sets.handlers.add sympy.sets.handlers.functions
    sympy.sets.handlers.issubset sympy.sets.handlers.mul sympy.sets.handlers.power sympy.tensor.array.array_derivatives
"""
_PAIRS = (
    (r"\frac{x^{2}-1}{x-1}", "x+1"),
    (r"\sin(2x)", r"2\sin(x)\cos(x)"),
    ("2", r"\int_0^{\pi} \sin(x) dx"),
    ("[1,2)", r"1\le x<2"),
)


def warm_up() -> None:
    """Imports, and makes the libraries build their tables; chance starts from the same seed in every worker."""
    import sympy.core.random

    from scorer.math import symbolic
    from scorer.math.judge import Trace, compare
    from scorer.math.judgement import Options

    logging.disable(logging.CRITICAL)  # libraries may say nothing about an answer
    warnings.simplefilter("ignore")  # which would look for source files
    for name in _MODULES.split():
        importlib.import_module(name)
    for gold, answer in _PAIRS:
        compare(gold, answer, Options(), Trace())
        symbolic.equal(gold, answer)
    symbolic.parse.cache_clear()
    sympy.core.random.seed(0)
    random.seed(0)
