"""From what was sampled at a state to its actions and their advantages (arXiv 2412.18279, section 3.3). Pure.

A state's actions are the first steps of its completions. A completion without a verdict is absent from everything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from critic.values import sibling_advantages
from trainer.codapo.values import group_value
from trainer.dapo.settings import Truncated

ROUNDING = 1e-9
"""Advantages whose spread falls short of the threshold by no more than this count as reaching it: 0.6 - 0.5 < 0.1."""


@dataclass(frozen=True)
class FirstStep:
    """The first step of a completion that has a verdict."""

    text: str
    token_ids: tuple[int, ...]
    """May be empty: where a token reaches over the step's end, it belongs to the next step."""
    log_probability: float
    """Natural, summed over its tokens, when it was sampled."""
    truncated: bool
    """It was cut off by the token limit."""
    outcome: float | None
    """The verified reward if the step ends the answer, else None."""


@dataclass(frozen=True)
class Action:
    """One of the different next steps of a state."""

    step: FirstStep
    value: float
    """V(s+a): the critic's, or the verified reward of a step that ends the answer."""
    advantage: float
    """A(s, a)."""


def first_steps(completions: Sequence[Mapping[str, Any]]) -> list[FirstStep]:
    """The first steps of the completions with a verdict, in order.

    Args:
        completions: As `trainer.collect.dataset` stores them.
    """
    return [_first_step(completion) for completion in completions if completion["correct"] is not None]


def _first_step(completion: Mapping[str, Any]) -> FirstStep:
    tokens = completion["first_step_tokens"]
    ends = tokens == len(completion["token_ids"])
    return FirstStep(
        text=completion["text"][: completion["first_step_characters"]],
        token_ids=tuple(completion["token_ids"][:tokens]),
        log_probability=sum(completion["log_probabilities"][:tokens]),
        truncated=ends and completion["truncated"],
        outcome=float(completion["correct"]) if ends else None,
    )


def actions(steps: Sequence[FirstStep], values: Mapping[str, float]) -> list[Action]:
    """The different actions of a state, in the order in which they were first sampled.

    A(s, a_i) = V(s+a_i) - mean_j V(s+a_j), eq. 13; the mean is over all sampled steps, so an action that was sampled
    twice counts twice. Only then are repeated ones dropped, and those without a token, which cannot be trained on. The
    same text is two actions when it ends the answer in one of them.

    Args:
        steps: All sampled steps of the state.
        values: The critic's V(s+a) for each text that does not end the answer.

    Raises:
        KeyError: A value is missing.
    """
    if not steps:
        return []
    sampled = [values[step.text] if step.outcome is None else step.outcome for step in steps]
    found: dict[tuple[str, bool], Action] = {}
    for step, value, advantage in zip(steps, sampled, sibling_advantages(sampled), strict=True):
        if step.token_ids:
            found.setdefault((step.text, step.outcome is None), Action(step, value, advantage))
    return list(found.values())


def spread(of: Sequence[Action]) -> float:
    """max A - min A; 0 where there are no actions."""
    advantages = [action.advantage for action in of]
    return max(advantages) - min(advantages) if advantages else 0.0


def tells_apart(of: Sequence[Action], threshold: float) -> bool:
    """Whether a state is kept: it has two actions or more, and max A - min A reaches the threshold."""
    return len(of) > 1 and spread(of) >= threshold - ROUNDING


def question_value(completions: Sequence[Mapping[str, Any]], truncated: Truncated) -> float | None:
    """v_q of CoDaPO from whole responses of the policy, the completions of the prompt; None with fewer than two scored.

    Args:
        completions: As `trainer.collect.dataset` stores them.
        truncated: What becomes of those that the token limit cut off, as of steps: `mask` leaves them out, `wrong`
            counts them wrong.
    """
    scored = [one for one in completions if one["correct"] is not None]
    if truncated == "mask":
        scored = [one for one in scored if not one["truncated"]]
    correct = [one["correct"] and not (truncated == "wrong" and one["truncated"]) for one in scored]
    value = group_value([one["log_probabilities"] for one in scored], correct)
    return None if value is None else value.value
