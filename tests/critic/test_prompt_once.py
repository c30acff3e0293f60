"""What the model really computes for a group."""

from pathlib import Path
from typing import Any

from codaserve.v1 import critic_pb2 as pb
from critic.checkpoint import Critic
from critic.encode import CutText, Encoder
from critic.service import CriticService
from critic.settings import LimitSettings
from critic.steps import newline_ends
from tests.critic.test_service import group, serving

PROMPT = "the question that all of them answer: "


async def computed(critic_dir: Path, *groups: pb.StateGroup) -> list[int]:
    """Tokens of each forward pass of the model."""
    passes: list[int] = []

    def watch(service: CriticService) -> None:
        engine: Any = service._current.checkpoint.engine

        def count(module: Any, arguments: Any, given: dict[str, Any]) -> None:
            passes.append(given["input_ids"].numel())

        engine._model.backbone.register_forward_pre_hook(count, with_kwargs=True)

    limits = LimitSettings(max_responses=64, max_tokens=200)
    async with serving(critic_dir, limits=limits, prepare=watch) as (stub, _):
        answer = await stub.Evaluate(pb.EvaluateRequest(groups=groups), timeout=60)
    assert all(evaluation.WhichOneof("outcome") == "values" for evaluation in answer.evaluations)
    return passes


def lengths(critic_dir: Path, texts: list[str]) -> tuple[int, list[int]]:
    """Tokens of the prompt, and of each text behind it."""
    encoder = Encoder(Critic.load(critic_dir).tokenizer)
    sequences = encoder.encode(PROMPT, [CutText(text, tuple(newline_ends(text))) for text in texts])
    prompt = sequences[0].boundaries[0] + 1
    return prompt, [len(sequence.tokens) - prompt for sequence in sequences]


async def test_a_group_of_sixteen_computes_its_prompt_once(critic_dir: Path) -> None:
    texts = [f"{chr(ord('c') + number)} first\nthen more\n" for number in range(16)]
    prompt, rests = lengths(critic_dir, texts)
    passes = await computed(critic_dir, group(*texts, prompt=PROMPT))
    whole = prompt + sum(rests)
    assert passes == [whole] or (sum(passes) < whole + 2 * prompt and max(passes) <= 256)


async def test_equal_responses_are_computed_once(critic_dir: Path) -> None:
    prompt, rests = lengths(critic_dir, ["same\n"])
    assert await computed(critic_dir, group(*["same\n"] * 60, prompt=PROMPT)) == [prompt + rests[0]]


async def test_responses_without_text_cost_the_prompt_alone(critic_dir: Path) -> None:
    prompt, _ = lengths(critic_dir, [""])
    assert await computed(critic_dir, group("", "", "", prompt=PROMPT)) == [prompt]


async def test_a_prefix_is_computed_once_for_all_alternatives(critic_dir: Path) -> None:
    steps = [pb.Alternative(text=f"{chr(ord('c') + number)}\n") for number in range(16)]
    prompt, (prefix, longer) = lengths(critic_dir, ["so far\n", "so far\nc\n"])
    sent = pb.StateGroup(prompt=PROMPT, alternatives=pb.Alternatives(prefix="so far\n", steps=steps))
    assert await computed(critic_dir, sent) == [prompt + prefix + 16 * (longer - prefix)]


async def test_no_pass_exceeds_the_budget_where_its_trees_need_not(critic_dir: Path) -> None:
    texts = [chr(ord("c") + number % 20) * (10 + 3 * number) for number in range(40)]
    passes = await computed(critic_dir, *(group(*texts, prompt=f"{n}") for n in range(4)))
    assert max(passes) <= 256  # as `serving` sets it
    assert len(passes) > 1
