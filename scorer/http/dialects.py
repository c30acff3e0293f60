"""All dialects of the scorer."""

from typing import Any

from codaserve.serving.http.route import Route
from scorer.http import nemo_gym, openrlhf, sandbox_fusion, slime
from scorer.http.desk import Desk


def routes(desk: Desk) -> list[Route[Any]]:
    """The routes of every dialect."""
    return [route for dialect in (sandbox_fusion, openrlhf, slime, nemo_gym) for route in dialect.routes(desk)]
