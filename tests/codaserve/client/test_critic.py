import asyncio

import pytest

from codaserve import AsyncCriticClient, CriticClient, RetryPolicy, ScoringFailure, ServiceError
from codaserve.client.dialect import CRITIC, SCORER, Code
from codaserve.v1 import critic_pb2 as pb
from codaserve.v1 import scorer_pb2
from tests.codaserve.client.fake_critic import FakeCritic, group


async def test_evaluates_in_order_on_several_critics() -> None:
    async with FakeCritic() as one, FakeCritic() as two, AsyncCriticClient([one.address, two.address]) as client:
        groups = [group(f"g{n % 3}", "a" * n, "") for n in range(1, 80)]
        # More than one window: a critic that cannot be reached at once would leave all to the other, if that answered.
        for server in (one, two):
            server.may_answer.clear()
        asking = asyncio.create_task(client.evaluate(groups))
        for server in (one, two):
            await asyncio.wait_for(server.asked.wait(), 60)
        for server in (one, two):
            server.may_answer.set()
        evaluations = await asking
        assert [e.id for e in evaluations] == [g.id for g in groups]
        assert [e.values.responses[0].steps[0].value for e in evaluations] == list(range(1, 80))
        assert (await client.info()).model == "fake"


async def test_failures_keep_their_type() -> None:
    async with FakeCritic() as server, AsyncCriticClient(server.address, on_failure="raise") as client:
        with pytest.raises(ScoringFailure, match="CRITIC_FAILURE_INVALID_INPUT: none") as raised:
            await client.evaluate([group("a", "text"), group("b")])
        assert raised.value.failed[0].failure.field == "responses"
        assert raised.value.results[0].HasField("values")


async def test_reload_reaches_every_critic() -> None:
    async with FakeCritic() as one, FakeCritic() as two, AsyncCriticClient([one.address, two.address]) as client:
        responses = await client.reload("new")
        assert [(r.previous_checkpoint, r.checkpoint) for r in responses] == [("old", "new")] * 2
        two.broken_checkpoint = "newer"
        with pytest.raises(ServiceError, match=r"FAILED_PRECONDITION: no such folder") as raised:
            await client.reload("newer")
        assert raised.value.address == two.address
        assert (one.checkpoint, two.checkpoint) == ("newer", "new")


async def test_the_sync_client_does_the_same() -> None:
    def use(address: str) -> None:
        with CriticClient(address) as client:
            assert client.info().checkpoint == "old"
            assert client.reload("new")[0].checkpoint == "new"
            (evaluation,) = client.evaluate([group("a", "12345")])
            assert evaluation.values.responses[0].steps[0].value == 5
            assert {e.id for e in client.stream([group("a", "1"), group("b", "2")])} == {"a", "b"}

    async with FakeCritic() as server:
        await asyncio.to_thread(use, server.address)


async def test_an_absent_critic_is_a_failure_not_a_value(dead_address: str) -> None:
    async with AsyncCriticClient(dead_address, retry=RetryPolicy(max_outage=0)) as client:
        (evaluation,) = await client.evaluate([group("a", "text")])
        assert evaluation.failure.code == pb.CRITIC_FAILURE_UNAVAILABLE
        assert not evaluation.HasField("values")


@pytest.mark.parametrize("code", Code)
def test_codes_mean_the_same_in_both_contracts(code: Code) -> None:
    invalid = {Code.INVALID: ("INVALID_TASK", "INVALID_INPUT")}
    scorer, critic = invalid.get(code, (code.name, code.name))
    assert scorer_pb2.FailureCode.Name(code) == f"FAILURE_{scorer}"
    assert pb.CriticFailureCode.Name(code) == f"CRITIC_FAILURE_{critic}"
    assert int(SCORER.failed("a", code, "m", True).failure.code) == code
    assert int(CRITIC.failed("a", code, "m", True).failure.code) == code
