"""What docs/http.md shows of the critic, by the checkpoint of the demo."""

from tests.codaserve.serving.http.examples import answer, examples, shows
from tests.critic.http.test_vllm import serving
from trainer.demo.settings import CRITIC, SHIPPED


async def test_the_critic_answers_as_the_page_shows() -> None:
    async with serving(SHIPPED / CRITIC) as critic:
        found = 0
        for path, body, shown in examples(8081):
            heard = await answer(critic.server, path, body)
            assert shows(shown, heard.value), heard.value
            found += 1
    assert found == 2
