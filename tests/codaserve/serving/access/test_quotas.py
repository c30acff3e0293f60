import pytest

from codaserve.serving.access import quotas as module
from codaserve.serving.access.client import Client, Quota
from codaserve.serving.access.quotas import Quotas
from codaserve.serving.refusal import Refused, Why

ALICE, BOB = Client("token:alice"), Client("token:bob")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_without_a_quota_everything_goes() -> None:
    quotas = Quotas()
    quotas.take(ALICE, 10**6)
    quotas.give_back(ALICE, 10**6)


def test_items_in_flight_are_bounded_for_each_client() -> None:
    quotas = Quotas(Quota(items_in_flight=4))
    quotas.take(ALICE, 3)
    with pytest.raises(Refused, match="4 items in flight is used up") as caught:
        quotas.take(ALICE, 2)
    assert caught.value.why is Why.EXHAUSTED
    assert caught.value.retry_after_ms
    quotas.take(BOB, 4)
    quotas.give_back(ALICE, 3)
    quotas.take(ALICE, 4)


def test_what_can_never_fit_is_invalid() -> None:
    with pytest.raises(Refused, match="5 items are more than this client's quota of 4") as caught:
        Quotas(Quota(items_in_flight=4)).take(ALICE, 5)
    assert caught.value.why is Why.INVALID
    assert caught.value.retry_after_ms is None


def test_a_clients_own_quota_comes_before_everybodys() -> None:
    quotas = Quotas(Quota(items_in_flight=1))
    own = Client("token:own", Quota(items_in_flight=8))
    quotas.take(own, 8)
    assert quotas.of(own).items_in_flight == 8
    assert quotas.of(ALICE).items_in_flight == 1


def test_the_rate_holds_on_average_whatever_the_batches_are() -> None:
    clock = Clock()
    quotas = Quotas(Quota(items_per_second=10), clock=clock)
    taken = 0
    for _ in range(1000):  # 100 seconds of asking for 7 ten times a second
        clock.now += 0.1
        try:
            quotas.take(ALICE, 7)
        except Refused as refused:
            assert refused.why is Why.EXHAUSTED
            assert refused.retry_after_ms is not None and 1 <= refused.retry_after_ms <= 1000
        else:
            taken += 7
    assert 1000 - 10 <= taken <= 1000 + 20


def test_a_large_batch_is_owed() -> None:
    clock = Clock()
    quotas = Quotas(Quota(items_per_second=10), clock=clock)
    quotas.take(ALICE, 100)
    with pytest.raises(Refused) as caught:
        quotas.take(ALICE, 1)
    assert caught.value.retry_after_ms == 9000
    clock.now += 9.01
    quotas.take(ALICE, 1)


def test_quiet_clients_are_forgotten_and_busy_ones_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MANY", 2)
    clock = Clock()
    quotas = Quotas(Quota(items_in_flight=1), clock=clock)
    quotas.take(ALICE, 1)
    quotas.take(BOB, 1)
    quotas.give_back(BOB, 1)
    clock.now += 2 * module.QUIET_SECONDS
    quotas.take(Client("token:carol"), 1)
    with pytest.raises(Refused):
        quotas.take(ALICE, 1)
    assert len(quotas._uses) == 2


def test_processes_grant_no_more_together_than_the_quota() -> None:
    everybody, own = Client("peer:a"), Client("token:b", Quota(2, 8.0))
    parts = [Quotas(Quota(10, None), parts=4) for _ in range(4)]
    assert {part.of(everybody) for part in parts} == {Quota(2, None)}
    assert {part.of(own) for part in parts} == {Quota(1, 2.0)}
    for part in parts:
        part.take(everybody, 2)
        with pytest.raises(Refused, match="quota of 2 items in flight"):
            part.take(everybody, 1)
        part.give_back(everybody, 2)
    assert Quotas(Quota(10, 3.0)).of(everybody) == Quota(10, 3.0)
