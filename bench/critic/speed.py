"""How many states a second each way of asking a critic values, and how long callers of the service wait."""

import os
import platform
import random
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import torch

from bench.critic.contestants import Contestant, InProcess, InVllm, Values, message, over_grpc
from bench.critic.memory import IN_PROCESS, of_contestant, of_process
from bench.critic.workload import Group, groups, make_critic
from bench.math.table import seconds, table
from bench.math.timing import percentile, spread
from codaserve import CriticClient
from codaserve.embedded import EmbeddedService

NOTES = """A critic of Qwen2's architecture with random weights, the questions and answers of the GSM8K model solutions.
Every contestant values the same groups in float32 on one thread, taking turns in an order drawn anew for each repeat;
all agree on every value to 1e-4. `state by state`: one forward pass for each step boundary. `padded`: one pass for each
group, its responses padded to the longest, in transformers' own attention. `vLLM`: its pooling runner in a process of
its own, given all groups at once; by itself it computes every token of every response. `vLLM, shared`: the same as our
`vllm` engine asks it, which makes it take common beginnings from its prefix cache. `packed`: our `transformers` engine
in this process. `gRPC`: our service with that engine, asked by a client in another process. Texts are tokenized in all
of them. Rates: states per second and tokens per second (prompts counted with every response), median of the repeats
(lowest to highest); ratios are those of gRPC over the contestant in the same repeat. Memory: the most that a process
had that did only this, with Python, torch and 0.25 GiB of cache in vLLM; for gRPC the service's."""
_TOLERANCE = 1e-4


def run(hidden: int, layers: int, count: int, repeats: int, vllm: Path | None = None) -> str:
    """Times all contestants and returns the report.

    Args:
        hidden: Width of the model.
        layers: Its layers.
        count: Groups of each size.
        repeats: How often each contestant values them.
        vllm: Interpreter that has vLLM. None leaves it out.

    Raises:
        RuntimeError: Contestants disagree on a value, or the critic fails.
    """
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Path(folder) / "critic"
        make_critic(checkpoint, hidden, layers)
        arguments = ["--checkpoint", str(checkpoint), "--threads", "1", "--device", "cpu"]
        with ExitStack() as stack:
            service = stack.enter_context(EmbeddedService.start("critic", arguments, timeout=300))
            client = stack.enter_context(CriticClient(service.address, timeout=600))
            theirs: dict[str, InVllm] = {}
            if vllm is not None:
                for name, shared in (("vLLM", False), ("vLLM, shared", True)):
                    theirs[name] = stack.enter_context(InVllm(checkpoint, vllm, shared=shared))
            model = client.info().model
            rates = [row for size in (8, 16) for row in _rates(client, theirs, checkpoint, size, count, repeats)]
            processes = {name: one.process for name, one in theirs.items()} | {"gRPC": service.process.pid}
            peaks = {name: of_process(process) for name, process in processes.items() if process is not None}
            waits = [_waiting(client, callers) for callers in (1, 8, 64)]
        peaks |= {name: of_contestant(name, checkpoint, 16, count) for name in IN_PROCESS}
    machine = f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    memory = [[name, f"{peak / 2**20:.0f} MiB"] for name, peak in peaks.items()]
    head = ["responses", "contestant", "states/s", "tokens/s", "gRPC is faster by"]
    return f"""# Speed of the critic

Made by `python -m bench.critic speed --hidden {hidden} --layers {layers} --groups {count} --repeats {repeats}` on
{machine}; model: {model}.

{NOTES}

{table(head, rates)}
{table(["contestant", "memory"], memory)}
Latency of a group of 8 responses, by callers at one time:

{table(["callers", "p50", "p99", "states/s"], waits)}"""


def _rates(
    client: CriticClient, theirs: Mapping[str, Contestant], checkpoint: Path, size: int, count: int, repeats: int
) -> list[list[object]]:
    ours = InProcess(checkpoint)
    asked = groups(count, size, seed=size)
    contestants: dict[str, Contestant] = {
        "state by state": ours.state_by_state,
        "padded": ours.padded,
        **theirs,
        "packed": ours.packed,
        "gRPC": over_grpc(client),
    }
    states, tokens = ours.states(asked), ours.tokens(asked)
    times: dict[str, list[float]] = {name: [] for name in contestants}
    answers: dict[str, list[Values]] = {}
    for repeat in range(repeats):
        for name in random.Random(repeat).sample(sorted(contestants), len(contestants)):
            started = time.perf_counter()
            answers[name] = contestants[name](asked)
            times[name].append(time.perf_counter() - started)
    _agree(answers)
    return [
        [
            size,
            name,
            _range([states / spent for spent in spents]),
            f"{tokens / statistics.median(spents):.0f}",
            spread([spent / reference for spent, reference in zip(spents, times["gRPC"], strict=True)]),
        ]
        for name, spents in times.items()
    ]


def _agree(answers: dict[str, list[Values]]) -> None:
    reference = answers["state by state"]
    for name, values in answers.items():
        for one, other in zip(_flat(values), _flat(reference), strict=True):
            if not abs(one - other) < _TOLERANCE:
                raise RuntimeError(f"{name} gives {one} where a state alone has {other}")


def _flat(values: list[Values]) -> list[float]:
    return [value for group in values for row in group for value in row]


def _waiting(client: CriticClient, callers: int) -> list[object]:
    """Callers that each ask for a group, then for the next."""
    asked = groups(max(3 * callers, 24), 8, seed=callers)
    states: list[int] = []

    def ask(group: Group) -> float:
        started = time.perf_counter()
        (evaluation,) = client.evaluate([message(group)])
        states.append(sum(1 + len(response.steps) for response in evaluation.values.responses))
        return time.perf_counter() - started

    started = time.perf_counter()
    with ThreadPoolExecutor(callers) as pool:
        latencies: Sequence[float] = list(pool.map(ask, asked))
    rate = sum(states) / (time.perf_counter() - started)
    return [callers, seconds(percentile(latencies, 0.5)), seconds(percentile(latencies, 0.99)), f"{rate:.0f}"]


def _range(rates: Sequence[float]) -> str:
    return f"{statistics.median(rates):.0f} ({min(rates):.0f} to {max(rates):.0f})"
