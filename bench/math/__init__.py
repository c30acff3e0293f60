"""The math verifier beside other public verifiers, on the same labelled cases: `python -m bench.math --help`."""
