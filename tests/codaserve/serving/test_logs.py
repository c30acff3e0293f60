import json
import logging
from contextvars import copy_context

import pytest

from codaserve.serving.access.client import Client
from codaserve.serving.call import begin
from codaserve.serving.logs import LogSettings, configure


@pytest.fixture(autouse=True)
def _restore() -> object:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = before


def test_json_lines_name_the_call(capsys: pytest.CaptureFixture[str]) -> None:
    def call() -> None:
        begin("r-1", Client("token:alice"))
        logging.getLogger("a.b").warning("two\nlines of %s", "text", extra={"fields": {"seconds": 0.5}})
        try:
            raise ValueError("broken")
        except ValueError:
            logging.getLogger("a.b").exception("failed")

    configure(LogSettings(format="json"))
    copy_context().run(call)
    logging.getLogger("c").info("outside")
    logging.getLogger("c").debug("below the level")
    first, second, third = map(json.loads, capsys.readouterr().err.splitlines())
    assert (first["message"], first["level"], first["logger"]) == ("two\nlines of text", "warning", "a.b")
    assert (first["request_id"], first["client"], first["seconds"]) == ("r-1", "token:alice", 0.5)
    assert "ValueError: broken" in second["exception"]
    assert third["message"] == "outside"
    assert "request_id" not in third


def test_text_lines_name_the_call(capsys: pytest.CaptureFixture[str]) -> None:
    def call() -> None:
        begin("r-2")
        logging.getLogger("a").info("done", extra={"fields": {"code": "OK"}})

    configure(LogSettings())
    copy_context().run(call)
    assert "INFO a: done [code=OK request_id=r-2]" in capsys.readouterr().err
