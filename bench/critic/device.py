"""How much of what a device can compute our engine gets out of it, and what gRPC costs there.

Work is counted as matrix products alone, the way model FLOPs utilisation does (PaLM, arXiv 2204.02311, appendix B), for
one pass forward: 2 for each weight that is no embedding and each token, and for attention, of which causal masking
leaves half, 2 * T * T * heads * head size in each layer for a sequence of T tokens.
"""

import asyncio
import itertools
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from bench.critic.contestants import Values, message, over_grpc, rows
from bench.critic.workload import Group, groups, make_critic, solutions
from bench.math.table import table
from codaserve import AsyncCriticClient, CriticClient
from codaserve.embedded import EmbeddedService
from codaserve.v1 import critic_pb2 as pb
from critic.checkpoint import Critic
from critic.encode import EncodedSequence, Encoder
from critic.engine.transformers import TransformersEngine, place
from critic.passes import passes
from critic.tree import plant

TOLERANCE = 0.02
"""Between bfloat16 on the device and float32 on a CPU, as docs/critic.md states it."""


def run(
    device: str, *, hidden: int = 2048, layers: int = 12, tokens: int = 2048, count: int = 64, repeats: int = 5
) -> str:
    """Measures and returns the report.

    Args:
        device: "cuda", or "cpu" to try the measurement.
        hidden: Width of the model. The default has 612M weights.
        layers: Its layers.
        tokens: Length of the sequences, of one prompt each, to the line.
        count: How many.
        repeats: How often they are valued.

    Raises:
        RuntimeError: Values differ by more than `TOLERANCE`, or the critic fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Path(folder) / "critic"
        make_critic(checkpoint, hidden, layers)
        newer = Path(folder) / "newer" / "critic"
        newer.parent.mkdir()
        make_critic(newer, hidden, layers, seed=1)
        at, precision = place(device, "bfloat16")
        critic = Critic.load(checkpoint, device=at, dtype=precision)
        engine = TransformersEngine(critic.model)
        encoder = Encoder(critic.tokenizer)
        asked = long_groups(encoder, tokens, count)
        sequences = [group.encoded(encoder)[0] for group in asked]
        work = sum(flops(critic.model.backbone, len(sequence.tokens)) for sequence in sequences)
        rate = matrix_rate(at, precision, size=8192 if device == "cuda" else 512)
        alone = _times(lambda: value(engine, sequences), repeats)
        texts = _times(lambda: value(engine, _flatten(encoder, asked)), repeats)
        arguments = ["--checkpoint", str(checkpoint), "--device", device, "--dtype", "bfloat16"]
        with (
            EmbeddedService.start("critic", arguments, timeout=600) as service,
            CriticClient(service.address, timeout=600) as client,
        ):
            served = _times(lambda: over_grpc(client)(asked), repeats)
            short = groups(4, 8, seed=4)
            mixed = asyncio.run(mixed_load(service.address, [checkpoint, newer], [*short, *asked[:2]], rounds=4))
        difference = agree(engine, checkpoint, [*_flatten(encoder, short), *sequences[:2]])
        name = torch.cuda.get_device_name() if device == "cuda" else "CPU"
        weights = sum(parameter.numel() for parameter in critic.model.backbone.parameters()) / 1e6
    total = sum(len(sequence.tokens) for sequence in sequences)
    lines: list[list[object]] = [["dense product", f"{rate / 1e12:.2f}", "", "100%"]]
    for title, spent in (
        ("engine", statistics.median(alone)),
        ("engine and tokenizer", statistics.median(texts)),
        ("gRPC", statistics.median(served)),
    ):
        lines.append([title, f"{work / spent / 1e12:.2f}", f"{total / spent:.0f}", f"{work / spent / rate:.0%}"])
    cost = 1 - statistics.median(texts) / statistics.median(served)
    return f"""# Speed of the critic on {name}

Made by `python -m bench.critic speed --device {device} --hidden {hidden} --layers {layers} --tokens {tokens}`; torch
{torch.__version__}, bfloat16, a Qwen2 of {weights:.0f}M random weights, {count} sequences of up to {tokens} tokens,
median of {repeats}.

{table(["", "TFLOP/s", "tokens/s", "of the dense product"], lines)}
`dense product`: a large matrix product in bfloat16. Work is counted as bench/critic/device.py says. `engine`: tokens
are known. `engine and tokenizer`: in one process, one after the other. `gRPC`: the service, which tokenizes while it
computes, asked by a client in another process; beside `engine and tokenizer` it costs {cost:.1%} of the time. Values in
bfloat16 differ from those in float32 on a CPU by at most {difference:.4f}, and under mixed load, 8 callers at a time
while {mixed.reloads} checkpoints were loaded, {mixed.answers} answers differ from those of the checkpoints that they
name by at most {mixed.difference:.4f}.
"""


def flops(backbone: Any, tokens: int) -> float:
    """Operations of one pass over one sequence, see above."""
    config = backbone.config
    embedding = backbone.get_input_embeddings().weight.numel()
    weights = sum(parameter.numel() for parameter in backbone.parameters() if parameter.dim() == 2) - embedding
    head = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    attention = 2 * tokens * tokens * config.num_attention_heads * head * config.num_hidden_layers
    return float(2 * weights * tokens + attention)


def matrix_rate(device: torch.device, dtype: torch.dtype, size: int) -> float:
    """Operations a second of a square matrix product: the best of ten series, so that no share is flattered."""
    left, right = (torch.randn(size, size, device=device, dtype=dtype) for _ in range(2))
    series = 20 if device.type == "cuda" else 1

    def multiply() -> None:
        for _ in range(series):
            torch.mm(left, right)
        if device.type == "cuda":
            torch.cuda.synchronize()

    return 2 * size**3 * series / min(_times(multiply, 10))


def long_groups(encoder: Encoder, tokens: int, count: int) -> list[Group]:
    """Groups of one response each, solutions put together until a sequence has as many tokens as asked for."""
    rows = solutions()
    drawn = random.Random(0)
    made = []
    for number in range(count):
        prompt = f"{number}: {drawn.choice(rows)['prompt']}"
        lines: list[str] = []
        while len(Group(prompt, ("".join(lines),)).encoded(encoder)[0].tokens) < tokens:
            lines += drawn.choice(rows)["response"].rstrip("\n").splitlines(keepends=True)
            lines[-1] += "\n"
        while len(Group(prompt, ("".join(lines),)).encoded(encoder)[0].tokens) > tokens:
            lines.pop()
        made.append(Group(prompt, ("".join(lines),)))
    return made


@dataclass(frozen=True)
class Mixed:
    """What came of a mixed load."""

    answers: int
    reloads: int
    difference: float
    """The largest, from float32 on a CPU."""


async def mixed_load(address: str, checkpoints: Sequence[Path], asked: Sequence[Group], rounds: int) -> Mixed:
    """Asks from eight callers while checkpoints are loaded in turn, and compares every answer.

    Args:
        address: The service, which has the first of the checkpoints.
        checkpoints: To be loaded in turn.
        asked: Groups that every caller asks for.
        rounds: Loads.

    Raises:
        RuntimeError: An answer differs by more than `TOLERANCE`, or the critic fails.
    """
    wanted = {}
    for checkpoint in checkpoints:
        critic = Critic.load(checkpoint)
        exact, encoder = TransformersEngine(critic.model), Encoder(critic.tokenizer)
        wanted[critic.identity] = [value(exact, group.encoded(encoder)) for group in asked]
        del critic, exact
    given: list[tuple[int, pb.GroupEvaluation]] = []
    ended = asyncio.Event()

    async def call(client: AsyncCriticClient, order: random.Random) -> None:
        while not ended.is_set():
            number = order.randrange(len(asked))
            (evaluation,) = await client.evaluate([message(asked[number])])
            given.append((number, evaluation))

    async with AsyncCriticClient(address, timeout=600) as client, asyncio.TaskGroup() as tasks:
        for seed in range(8):
            tasks.create_task(call(client, random.Random(seed)))
        for turn in range(rounds):
            await client.reload(str(checkpoints[(turn + 1) % len(checkpoints)]))
        ended.set()
    difference = max(
        abs(one - other)
        for number, evaluation in given
        for one, other in zip(_all(rows(evaluation)), _all(wanted[evaluation.values.checkpoint][number]), strict=True)
    )
    if not difference <= TOLERANCE:
        raise RuntimeError(f"under mixed load values differ by {difference} from those in float32 on a CPU")
    return Mixed(len(given), rounds, difference)


def agree(engine: TransformersEngine, checkpoint: Path, sequences: Sequence[EncodedSequence]) -> float:
    """The largest difference of the engine's values from those in float32 on a CPU.

    Raises:
        RuntimeError: It is larger than `TOLERANCE`.
    """
    exact = TransformersEngine(Critic.load(checkpoint).model)
    pairs = zip(_all(value(engine, sequences)), _all(value(exact, sequences)), strict=True)
    difference = max(abs(one - other) for one, other in pairs)
    if not difference <= TOLERANCE:
        raise RuntimeError(f"values differ by {difference} from those in float32 on a CPU")
    return difference


def value(engine: TransformersEngine, sequences: Sequence[EncodedSequence]) -> Values:
    """Values of all sequences, in passes of the size that the device is quickest with."""
    rows: Values = [[] for _ in sequences]
    for trees in passes(sequences, engine.best_pass_tokens):
        answered = engine.values([plant([sequences[index] for index in tree]) for tree in trees])
        for tree, values in zip(trees, answered, strict=True):
            for index, row in zip(tree, values, strict=True):
                rows[index] = row
    return rows


def _times(work: Callable[[], object], repeats: int) -> list[float]:
    """Seconds of each repeat, after one that warms up."""
    work()
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return times


def _flatten(encoder: Encoder, asked: Sequence[Group]) -> list[EncodedSequence]:
    return list(itertools.chain.from_iterable(group.encoded(encoder) for group in asked))


def _all(values: Values) -> list[float]:
    return list(itertools.chain.from_iterable(values))
