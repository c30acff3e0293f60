"""Ways to value the same groups, each giving one value for the prompt and each step of each response."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

import torch
from transformers import AutoModel

from bench.critic.workload import Group
from codaserve import CriticClient
from codaserve.v1 import critic_pb2 as pb
from critic.checkpoint import Critic
from critic.encode import EncodedSequence, Encoder
from critic.engine.transformers import CPU_PASS_TOKENS, TransformersEngine
from critic.engine.vllm.engine import VllmEngine
from critic.engine.vllm.settings import VllmSettings
from critic.loaded import load_in_vllm
from critic.passes import passes
from critic.tree import plant

Values = list[list[float]]
Contestant = Callable[[Sequence[Group]], list[Values]]


class InProcess:
    """The model in this process, in transformers' own attention or in ours."""

    def __init__(self, checkpoint: Path, *, plain: bool = True) -> None:
        """Args:
        checkpoint: The critic.
        plain: Whether the model is also loaded in transformers' own attention.
        """
        critic = Critic.load(checkpoint)
        self._encoder = Encoder(critic.tokenizer)
        self._head = critic.model.head
        self._engine = TransformersEngine(critic.model)
        if plain:
            self._plain = AutoModel.from_pretrained(checkpoint, dtype=torch.float32).eval()

    @torch.inference_mode()
    def state_by_state(self, groups: Sequence[Group]) -> list[Values]:
        """One forward pass for each state, as a direct reading of the papers does."""

        def value(tokens: Sequence[int]) -> float:
            hidden = self._plain(input_ids=torch.tensor([tokens]), use_cache=False).last_hidden_state[0, -1]
            return float(torch.sigmoid(self._head(hidden)))

        return [
            [[value(sequence.tokens[: place + 1]) for place in sequence.boundaries] for sequence in self._encode(group)]
            for group in groups
        ]

    @torch.inference_mode()
    def padded(self, groups: Sequence[Group]) -> list[Values]:
        """One pass for each response, a group's responses padded to a batch."""
        results = []
        for group in groups:
            batch = self._encode(group)
            longest = max(len(sequence.tokens) for sequence in batch)
            tokens = torch.zeros(len(batch), longest, dtype=torch.int64)
            mask = torch.zeros(len(batch), longest, dtype=torch.int64)
            for row, sequence in enumerate(batch):
                tokens[row, : len(sequence.tokens)] = torch.tensor(sequence.tokens)
                mask[row, : len(sequence.tokens)] = 1
            hidden = self._plain(input_ids=tokens, attention_mask=mask, use_cache=False).last_hidden_state
            values = torch.sigmoid(self._head(hidden)).squeeze(-1)
            results.append([values[row, list(s.boundaries)].tolist() for row, s in enumerate(batch)])
        return results

    def packed(self, groups: Sequence[Group]) -> list[Values]:
        """Our engine without the service."""
        sequences = [sequence for group in groups for sequence in self._encode(group)]
        rows: Values = [[] for _ in sequences]
        for trees in passes(sequences, CPU_PASS_TOKENS):
            answered = self._engine.values([plant([sequences[index] for index in tree]) for tree in trees])
            for tree, values in zip(trees, answered, strict=True):
                for index, row in zip(tree, values, strict=True):
                    rows[index] = row
        given = iter(rows)
        return [[next(given) for _ in group.responses] for group in groups]

    def states(self, groups: Sequence[Group]) -> int:
        """How many values are asked for."""
        return sum(len(sequence.boundaries) for group in groups for sequence in self._encode(group))

    def tokens(self, groups: Sequence[Group]) -> int:
        """Tokens of all prompts with their responses, the prompt counted for each response."""
        return sum(len(sequence.tokens) for group in groups for sequence in self._encode(group))

    def _encode(self, group: Group) -> list[EncodedSequence]:
        return group.encoded(self._encoder)


class InVllm:
    """vLLM in a process of its own, for which texts are tokenized here. Use as a context."""

    def __init__(self, checkpoint: Path, python: Path, *, shared: bool) -> None:
        """Args:
        checkpoint: The critic.
        python: Interpreter that has vLLM.
        shared: As our engine asks it, each group at once and its common beginning from vLLM's prefix cache. Else as
            vLLM's pooling works by itself: it takes nothing from its cache where every token's output is wanted.
        """
        settings = VllmSettings(python=python, prefix_caching=shared, cache_gib=0.25)
        self._loaded = load_in_vllm(checkpoint, "cpu", "float32", 4096, settings, 1)
        assert isinstance(self._loaded.engine, VllmEngine)
        self.process = self._loaded.engine.process_id

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._loaded.engine.close()

    def __call__(self, groups: Sequence[Group]) -> list[Values]:
        """The values, all groups being handed over at once."""
        return self._loaded.engine.values([plant(group.encoded(self._loaded.encoder)) for group in groups])


def over_grpc(client: CriticClient) -> Contestant:
    """Our service, asked for all groups at once."""
    return lambda groups: [rows(evaluation) for evaluation in client.evaluate([message(group) for group in groups])]


def message(group: Group) -> pb.StateGroup:
    """A group as it is sent."""
    responses = [pb.Response(text=text) for text in group.responses]
    return pb.StateGroup(prompt=group.prompt, responses=pb.Responses(responses=responses))


def rows(evaluation: pb.GroupEvaluation) -> Values:
    """The values of each response. Raises RuntimeError for a failure."""
    if not evaluation.HasField("values"):
        raise RuntimeError(f"the critic failed: {evaluation.failure.message}")
    values = evaluation.values
    return [[values.prompt_value, *(step.value for step in response.steps)] for response in values.responses]
