"""What docs/http.md shows of the scorer."""

import pytest

from tests.codaserve.serving.http.examples import answer, examples, shows
from tests.scorer.http.conftest import Scorer

pytestmark = pytest.mark.asyncio(loop_scope="package")


@pytest.mark.parametrize("example", list(examples(8080)), ids=lambda example: example[0])
async def test_the_scorer_answers_as_the_page_shows(scorer: Scorer, example: tuple[str, bytes | None, object]) -> None:
    path, body, shown = example
    heard = await answer(scorer.server, path, body)
    assert heard.status == 200
    assert shows(shown, heard.value), heard.value
