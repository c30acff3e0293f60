"""The critic's steps of responses that are tokens of the caller's own policy."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from codaserve.adapters.asking import Service
from codaserve.v1 import critic_pb2 as pb
from trainer.codapo.steps import StepCredit, step_advantages
from trainer.rollout.offsets import TokenOffsets, decode


@dataclass(frozen=True)
class Answer:
    """A scored response."""

    prompt: str
    """As the policy saw it, any template applied."""
    ids: list[int]
    """Its tokens, an end of sequence included; at least one."""
    tokenizer: Any
    outcome: float
    """The verified correctness, 0 or 1."""


def step_credits(
    answers: Sequence[Answer | None], critics: Sequence[str] | str, timeout: float, max_outage: float
) -> list[StepCredit | None]:
    """The steps of each answer, or None where the critic has none; in order. Nothing is raised.

    Args:
        answers: None for a response that is not asked about. Neighbours with one prompt are sent together.
        critics: Addresses; empty ones are those of the environment variable CODASERVE_CRITICS.
        timeout: Seconds that a critic may take.
        max_outage: Seconds that critics which are all away or full are waited for.
    """
    groups: list[list[int]] = []
    for place, answer in enumerate(answers):
        if answer is None:
            continue
        last = answers[groups[-1][-1]] if groups else None
        if last is not None and last.prompt == answer.prompt:
            groups[-1].append(place)
        else:
            groups.append([place])
    credits: list[StepCredit | None] = [None] * len(answers)
    requests = [_request(str(number), [answers[place] for place in group]) for number, group in enumerate(groups)]
    service = Service.at("critic", critics, timeout, max_outage)
    evaluations: list[pb.GroupEvaluation] = service.ask(requests) if requests else []
    for group, evaluation in zip(groups, evaluations, strict=True):
        values = evaluation.values
        if evaluation.HasField("values") and len(values.responses) == len(group):
            for place, response in zip(group, values.responses, strict=True):
                credits[place] = _credit(answers[place], values.prompt_value, response)
    return credits


def _request(identity: str, answers: Sequence[Answer | None]) -> pb.StateGroup:
    given = [answer for answer in answers if answer is not None]
    responses = []
    for answer in given:
        text = decode(answer.tokenizer, answer.ids)
        ends = TokenOffsets(answer.tokenizer).ends(answer.ids, text)
        responses.append(pb.Response(text=text, token_ends=ends, outcome=answer.outcome))
    return pb.StateGroup(id=identity, prompt=given[0].prompt, responses=pb.Responses(responses=responses))


def _credit(answer: Answer | None, prompt_value: float, values: pb.ResponseValues) -> StepCredit | None:
    """None when the steps do not cover the tokens or are no probabilities."""
    assert answer is not None
    steps = values.steps
    if not decode(
        answer.tokenizer, answer.ids
    ):  # nothing but an end of sequence, which is the step from the prompt to the outcome
        return StepCredit(step_advantages(prompt_value, [], answer.outcome), [len(answer.ids)])
    ends = [step.tokens.end for step in steps]
    begins = [step.tokens.begin for step in steps]
    if begins != [0, *ends][:-1] or ends[-1:] != [len(answer.ids)] or ends != sorted(ends):
        return None
    numbers = [prompt_value, *(step.value for step in steps)]
    if not all(0 <= number <= 1 for number in numbers):
        return None
    return StepCredit(step_advantages(prompt_value, numbers[1:], answer.outcome), ends)
