"""Asks the critic for the steps of scored answers."""

from collections.abc import Callable, Sequence

from codaserve.v1 import critic_pb2 as pb
from trainer.codapo.steps import StepCredit, step_advantages
from trainer.codapo.values import MIN_SCORED
from trainer.groups import Answer, Group

INVALID_ANSWER = "INVALID_ANSWER"
"""The critic answered, but not with steps that cover the response's tokens."""


def value_steps(
    groups: Sequence[Group], evaluate: Callable[[Sequence[pb.StateGroup]], Sequence[pb.GroupEvaluation]], *, name: str
) -> None:
    """Fills in the steps of every scored answer, or why there are none.

    Groups that make no update are not sent. Nothing is raised: without an answer lambda is 0 for the response, which
    is counted and reported.

    Args:
        groups: Scored groups.
        evaluate: Asks the critic; evaluations in order.
        name: Of the batch, for the ids of its groups.
    """
    asked = [(number, group.scored) for number, group in enumerate(groups) if len(group.scored) >= MIN_SCORED]
    requests = [_request(f"{name}/{number}", answers) for number, answers in asked]
    for (number, answers), evaluation in zip(asked, evaluate(requests) if requests else [], strict=True):
        _fill(answers, evaluation)
        if any(answer.steps for answer in answers):
            groups[number].critic = evaluation.values.checkpoint


def _request(identity: str, answers: Sequence[Answer]) -> pb.StateGroup:
    return pb.StateGroup(
        id=identity,
        prompt=answers[0].rollout.prompt,
        responses=pb.Responses(
            responses=[
                pb.Response(
                    text=answer.rollout.response,
                    token_ends=answer.rollout.token_ends,
                    outcome=_outcome(answer),
                )
                for answer in answers
            ]
        ),
    )


def _outcome(answer: Answer) -> float:
    assert answer.score is not None
    return float(answer.score.correct)


def _fill(answers: Sequence[Answer], evaluation: pb.GroupEvaluation) -> None:
    if not evaluation.HasField("values"):
        for answer in answers:
            answer.no_steps = pb.CriticFailureCode.Name(evaluation.failure.code)
        return
    values = evaluation.values
    for index, answer in enumerate(answers):
        answer.steps = (
            _credit(answer, values.prompt_value, values.responses[index]) if index < len(values.responses) else None
        )
        answer.no_steps = "" if answer.steps else INVALID_ANSWER


def _credit(answer: Answer, prompt_value: float, values: pb.ResponseValues) -> StepCredit | None:
    """The steps of one response, or None when they do not cover its tokens or are no probabilities."""
    tokens = len(answer.rollout.response_ids)
    if not 0 <= prompt_value <= 1:
        return None
    if not answer.rollout.response:  # nothing but an end of sequence, which is the step from the prompt to the outcome
        return StepCredit(step_advantages(prompt_value, [], _outcome(answer)), [tokens])
    steps = values.steps
    begin = 0
    for step in steps:
        if not step.HasField("tokens") or step.tokens.begin != begin or step.tokens.end < begin:
            return None
        begin = step.tokens.end
    if begin != tokens or not all(0 <= step.value <= 1 for step in steps):
        return None
    advantages = step_advantages(prompt_value, [step.value for step in steps], _outcome(answer))
    return StepCredit(advantages, [step.tokens.end for step in steps])
