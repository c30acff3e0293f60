"""JSON lines in, protobuf messages out: one line is one message, in the JSON mapping with the original field names.

https://protobuf.dev/programming-guides/json/
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Any, Generic, TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message

from codaserve.jsonl import strict_object

Item = TypeVar("Item", bound=Message)

MAX_LINE_BYTES = 64 * 2**20
"""Of one line: what a server takes in one message by default. A longer line is read past and reported."""
_ID = re.compile(r'\s*\{\s*"id"\s*:\s*("(?:[^"\\]|\\.)*")')


@dataclass(frozen=True, slots=True)
class Line(Generic[Item]):
    """One line that is not blank."""

    number: int
    """Counted from 1, blank lines included."""
    size: int
    """Bytes."""
    id: str
    """The item's id, as far as it could be read."""
    item: Item | None
    """None when the line is malformed."""
    error: str
    """Why, when it is."""


def read_lines(
    file: IO[bytes], message: type[Item], prepare: Callable[[dict[str, Any]], dict[str, Any]] = dict
) -> Iterator[Line[Item]]:
    """Reads messages line by line; blank lines are skipped, malformed ones are given with an error.

    Args:
        file: The lines.
        message: What each line is.
        prepare: Makes the JSON of a message of the JSON of a line. May raise ValueError.
    """
    number = 0
    while raw := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(raw) > MAX_LINE_BYTES:
            size = len(raw)
            while raw and not raw.endswith(b"\n"):
                raw = file.readline(MAX_LINE_BYTES)
                size += len(raw)
            yield Line(number, size, "", None, f"longer than {MAX_LINE_BYTES} bytes")
        elif raw.strip():
            yield _parse(number, raw, message, prepare)


def _parse(
    number: int, raw: bytes, message: type[Item], prepare: Callable[[dict[str, Any]], dict[str, Any]]
) -> Line[Item]:
    id_ = ""
    try:
        text = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip()
        if match := _ID.match(text):
            id_ = _readable(json.loads(match[1]))
        value = strict_object(text)
        if isinstance(value.get("id"), str | int | float):
            id_ = _readable(str(value["id"]))
        item = json_format.ParseDict(prepare(value), message())
    except UnicodeDecodeError as error:
        return Line(number, len(raw), id_, None, f"not UTF-8: {error.reason} at byte {error.start}")
    except UnicodeEncodeError as error:
        return Line(number, len(raw), id_, None, f"not Unicode text: {error.reason}")
    except RecursionError:
        return Line(number, len(raw), id_, None, "nested too deeply")
    except (ValueError, json_format.Error) as error:
        return Line(number, len(raw), id_, None, " ".join(str(error).split()))
    return Line(number, len(raw), id_, item, "")


def to_line(message: Message) -> bytes:
    """One message as one line of ASCII, default values and enumerations by name included."""
    value = json_format.MessageToDict(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    return json.dumps(value).encode() + b"\n"


def _readable(text: str) -> str:
    """Ids go into messages, which take no lone surrogates."""
    return text.encode("utf-8", "backslashreplace").decode()
