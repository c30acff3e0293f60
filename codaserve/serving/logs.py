"""The log of a server: lines for people, or one JSON object in each for machines.

Every line that is written while a call is served has the call's request id and client. Prompts, answers and programs
are written only where `log.contents` asks for it.
"""

import json
import logging
import sys
import time
from typing import Any, Literal

from codaserve.serving.call import CURRENT
from codaserve.settings import Section

_TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s%(call)s"
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


class LogSettings(Section):
    """The log, on standard error."""

    format: Literal["text", "json"] = "text"
    """text: for people. json: one object in each line."""
    level: Literal["debug", "info", "warning", "error"] = "info"
    """Lines below this are left out."""
    requests: bool = False
    """A line for each call when it has ended: method, status, seconds, request id, client."""
    contents: bool = False
    """Also what is judged and valued, with what became of it: prompts, answers and programs then stand in the log."""


def configure(settings: LogSettings) -> None:
    """Makes the log of this process so."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_add_call)
    handler.setFormatter(JsonFormatter() if settings.format == "json" else logging.Formatter(_TEXT))
    logging.basicConfig(level=_LEVELS[settings.level], handlers=[handler], force=True)


class JsonFormatter(logging.Formatter):
    """One JSON object: time, level, logger, message, request_id and client within a call, and what `extra` adds as
    `fields`."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        call = CURRENT.get()
        line: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{record.msecs:03.0f}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if call is not None:
            line["request_id"] = call.request_id
            if call.client is not None:
                line["client"] = call.client.name
        line.update(getattr(record, "fields", {}))
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def _add_call(record: logging.LogRecord) -> bool:
    call = CURRENT.get()
    fields = getattr(record, "fields", {})
    words = [f"{key}={value}" for key, value in fields.items()]
    if call is not None:
        words.append(f"request_id={call.request_id}")
    record.call = f" [{' '.join(words)}]" if words else ""
    return True
