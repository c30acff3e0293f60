"""Good messages to begin with: most random ones are refused at the first look."""

import random
from collections.abc import Sequence
from typing import Any, TypeVar

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from codaserve.v1 import critic_pb2, scorer_pb2
from tests.fuzz.wire.messages import fill

Sown = TypeVar("Sown", scorer_pb2.ScoreItem, critic_pb2.StateGroup)

_CASES = [scorer_pb2.StdioCase(input="2", output="2")]
_CALLS = [scorer_pb2.CallCase(arguments="[1]", expected="1"), scorer_pb2.CallCase(arguments="[[1]]", expected="[1]")]
ITEMS: Sequence[scorer_pb2.ScoreItem] = (
    scorer_pb2.ScoreItem(math=scorer_pb2.MathTask(gold=["x+1"], answer="1+x")),
    scorer_pb2.ScoreItem(math=scorer_pb2.MathTask(gold=["5", "6"], response="so \\boxed{5}")),
    scorer_pb2.ScoreItem(
        code=scorer_pb2.CodeTask(language="python", source="print(input())", stdio=scorer_pb2.StdioTests(cases=_CASES))
    ),
    scorer_pb2.ScoreItem(
        code=scorer_pb2.CodeTask(
            language="python",
            source="def f(a):\n    return a",
            entry_point="f",
            calls=scorer_pb2.CallTests(cases=_CALLS),
        )
    ),
)
_RESPONSES = [critic_pb2.Response(text="a\nb\n"), critic_pb2.Response(text="ab", step_ends=[1, 2], outcome=1.0)]
_STEPS = [critic_pb2.Alternative(text="b\n"), critic_pb2.Alternative(text="c", outcome=0.0)]
GROUPS: Sequence[critic_pb2.StateGroup] = (
    critic_pb2.StateGroup(prompt="q: ", responses=critic_pb2.Responses(responses=_RESPONSES)),
    critic_pb2.StateGroup(prompt="q: ", alternatives=critic_pb2.Alternatives(prefix="a\n", steps=_STEPS)),
)


def sown(kind: Descriptor, source: random.Random) -> Message | None:
    """A good message of this kind with at most one field made random; None when there is none."""
    match kind.full_name:
        case "codaserve.v1.ScoreItem":
            return _changed(source.choice(ITEMS), source)
        case "codaserve.v1.StateGroup":
            return _changed(source.choice(GROUPS), source)
        case "codaserve.v1.ScoreRequest":
            batch = scorer_pb2.ScoreRequest()
            batch.items.extend(_changed(source.choice(ITEMS), source) for _ in range(3))
            return batch
        case "codaserve.v1.EvaluateRequest":
            wanted = critic_pb2.EvaluateRequest()
            wanted.groups.extend(_changed(source.choice(GROUPS), source) for _ in range(3))
            return wanted
    return None


def _changed(seed: Sown, source: random.Random) -> Sown:
    message = type(seed)()
    message.CopyFrom(seed)
    place: Any = message
    depth = 0
    while source.random() < 0.6:
        inner = [v for f, v in place.ListFields() if f.message_type is not None and not f.is_repeated]
        inner += [each for f, v in place.ListFields() if f.message_type is not None and f.is_repeated for each in v]
        if not inner:
            break
        place, depth = source.choice(inner), depth + 1
    if source.random() < 0.8:
        fill(place, source.choice(place.DESCRIPTOR.fields), source, depth + 3)
    if "id" in message.DESCRIPTOR.fields_by_name and source.random() < 0.9:
        message.id = str(source.getrandbits(32))
    return message
