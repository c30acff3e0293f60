"""What clients raise."""

from collections.abc import Sequence
from typing import Any


class ScoringFailure(Exception):  # noqa: N818, it carries failures as the contract names them
    """Items came back without a verdict or values and the client was told to raise.

    Attributes:
        failed: The results (ScoreResult or GroupEvaluation) that hold a failure.
        results: All results of the call in request order, so that verdicts are not lost; for streams, only the failed
            one.
    """

    def __init__(self, failed: Sequence[Any], results: Sequence[Any]) -> None:
        """Takes the failed results and all of them."""
        self.failed = list(failed)
        self.results = list(results)
        first = self.failed[0].failure
        kind = type(first).DESCRIPTOR.fields_by_name["code"].enum_type.values_by_number
        code = kind[first.code].name if first.code in kind else str(first.code)
        super().__init__(
            f"{len(self.failed)} of {len(self.results)} without an answer; the first: {code}: {first.message}"
        )


class ServiceError(Exception):
    """A call that is not about items (Info, Reload) failed.

    Attributes:
        address: Which service.
        code: The gRPC status, "UNAVAILABLE" say.
        details: What it said.
    """

    def __init__(self, address: str, code: str, details: str) -> None:
        """Takes the address, the status' name and the status' text."""
        self.address = address
        self.code = code
        self.details = details
        super().__init__(f"{address}: {code}: {details}")
