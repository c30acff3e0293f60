"""Asks the critic for V(s+a) of the steps that do not end an answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from codaserve.v1 import critic_pb2 as pb
from trainer.dapo.triples import FirstStep
from trainer.steps import INVALID_ANSWER

Evaluate = Callable[[Sequence[pb.StateGroup]], Sequence[pb.GroupEvaluation]]


@dataclass(frozen=True)
class Asked:
    """A state that the critic is asked about."""

    prompt: str
    begun: str
    steps: Sequence[FirstStep]

    @property
    def texts(self) -> list[str]:
        """The different steps that do not end the answer."""
        return list(dict.fromkeys(step.text for step in self.steps if step.outcome is None))


@dataclass(frozen=True)
class Answered:
    """What the critic said of a state."""

    values: dict[str, float]
    """V(s+a) by the step's text; empty where nothing was asked."""
    missing: str = ""
    """Why there is no answer, a failure's code; empty otherwise."""
    checkpoint: str = ""
    """Which critic it was, as it names itself."""


def values(states: Sequence[Asked], evaluate: Evaluate, *, name: str) -> list[Answered]:
    """One answer for each state. Nothing is raised for a missing one, and it is never a 0.

    Args:
        states: The states; one without steps to ask about gets an empty answer.
        evaluate: Asks the critic; evaluations in order.
        name: Of the batch, for the ids of its groups.
    """
    found = [Answered({}) for _ in states]
    asked = [(number, state.texts) for number, state in enumerate(states) if state.texts]
    requests = [_request(f"{name}/{number}", states[number], texts) for number, texts in asked]
    for (number, texts), evaluation in zip(asked, evaluate(requests) if requests else [], strict=True):
        found[number] = _answered(texts, evaluation)
    return found


def _request(identity: str, state: Asked, texts: Sequence[str]) -> pb.StateGroup:
    steps = pb.Alternatives(prefix=state.begun, steps=[pb.Alternative(text=text) for text in texts])
    return pb.StateGroup(id=identity, prompt=state.prompt, alternatives=steps)


def _answered(texts: Sequence[str], evaluation: pb.GroupEvaluation) -> Answered:
    if not evaluation.HasField("values"):
        return Answered({}, pb.CriticFailureCode.Name(evaluation.failure.code))
    after = [alternative.value for alternative in evaluation.values.alternatives]
    if len(after) != len(texts) or not all(0 <= value <= 1 for value in after):
        return Answered({}, INVALID_ANSWER)
    return Answered(dict(zip(texts, after, strict=True)), checkpoint=evaluation.values.checkpoint)
