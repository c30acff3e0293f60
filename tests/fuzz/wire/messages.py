"""Random messages of any type, and broken ones: made from nothing but a random source and the descriptor."""

import math
import random
import struct
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from tests.fuzz.answers import VOCABULARY

DEEPEST = 5
TEXTS = (
    *("", " ", "x", "\0", "\n\n", "é\u202e\U0001f600", "a" * 5000, "python", "bash", "cobol", "f", "[1]", "[1, 2]"),
    *(
        '{"x": 1}',
        "[[",
        "1e999",
        "-0",
        "null",
        "NaN",
        "../../etc/passwd",
        "\\boxed{5}",
        "\\frac{1}{2}",
        "(1, 2)",
        "12_6",
    ),
    *(
        "def f(*a, **k):\n    return a[0]\n",
        "print(input())",
        "assert f(1) == 1\n",
        "import os\nos._exit(0)",
        "def f(:",
    ),
    "def check(input, output, expected):\n    return 1\n",
    *VOCABULARY.split()[:40],
)
NUMBERS = (0, 1, 2, 3, 5, 16, 255, 1 << 20, -1, (1 << 31) - 1, -(1 << 31), (1 << 63) - 1, -(1 << 63))
DOUBLES = (0.0, 1.0, 0.5, -1.0, 1e-320, 1e-9, 3.0, 1e308, math.inf, -math.inf, math.nan)
WIDTHS = {
    FieldDescriptor.CPPTYPE_INT32: (-(1 << 31), (1 << 31) - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(1 << 63), (1 << 63) - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, (1 << 32) - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, (1 << 64) - 1),
}


def make(kind: Descriptor, source: random.Random, depth: int = 0) -> Message:
    """A message with about half of its fields set; of a oneof one at most."""
    message = GetMessageClass(kind)()
    for field in kind.fields:
        # Without the one of the task's kind nearly every item would be refused at the first look.
        likely = 0.9 if depth == 0 or field.containing_oneof is not None else 0.5
        if source.random() < likely and (field.message_type is None or depth < DEEPEST):
            fill(message, field, source, depth)
    return message


def fill(message: Message, field: FieldDescriptor, source: random.Random, depth: int) -> None:
    """Sets one field; a repeated one to a few values."""
    if not field.is_repeated:
        if field.message_type is not None:
            getattr(message, field.name).CopyFrom(make(field.message_type, source, depth + 1))
        else:
            setattr(message, field.name, value(field, source))
        return
    count = source.choice((0, 1, 1, 2, 3, 20 if depth > 1 else 3))
    target: Any = getattr(message, field.name)
    if field.message_type is not None:
        target.extend(make(field.message_type, source, depth + 1) for _ in range(min(count, 3)))
    else:
        target.extend(value(field, source) for _ in range(count))


def value(field: FieldDescriptor, source: random.Random) -> Any:
    """A value of a field that is no message."""
    if field.enum_type is not None:
        return source.choice([*(v.number for v in field.enum_type.values), 99, -1])
    match field.cpp_type:
        case FieldDescriptor.CPPTYPE_STRING:
            text = source.choice(TEXTS)
            return text.encode() if field.type == FieldDescriptor.TYPE_BYTES else text
        case FieldDescriptor.CPPTYPE_BOOL:
            return source.random() < 0.5
        case FieldDescriptor.CPPTYPE_DOUBLE | FieldDescriptor.CPPTYPE_FLOAT:
            return source.choice(DOUBLES)
        case kind:
            least, most = WIDTHS[kind]
            return min(max(source.choice(NUMBERS), least), most)


def mutate(data: bytes, source: random.Random) -> bytes:
    """The wire form of a message with a few bytes flipped, cut out, doubled, put in or left off."""
    for _ in range(source.randint(1, 4)):
        at = source.randrange(len(data) + 1)
        end = min(at + source.randint(1, 8), len(data))
        match source.randrange(6):
            case 0 if at < len(data):
                data = data[:at] + bytes([data[at] ^ 1 << source.randrange(8)]) + data[at + 1 :]
            case 1:
                data = data[:at] + data[end:]
            case 2:
                data = data[:end] + data[at:]
            case 3:
                data = data[:at] + source.randbytes(source.randint(1, 8)) + data[at:]
            case 4:
                data = data[:at] + struct.pack("<q", source.choice(NUMBERS)) + data[end:]
            case _:
                data = data[:at]
    return data
