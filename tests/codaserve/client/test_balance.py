from codaserve import RetryPolicy
from codaserve.client.balance import FIRST_WINDOW, Balancer


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def make(clock: Clock, *addresses: str) -> Balancer:
    policy = RetryPolicy(initial_backoff=1, max_backoff=8, multiplier=2, jitter=0.5)
    return Balancer(addresses, policy, clock=clock, random=lambda: 0.0)


def test_prefers_the_least_loaded_then_takes_turns() -> None:
    balancer = make(Clock(), "a", "b", "c")
    order = []
    for _ in range(6):
        address = balancer.pick()
        assert address is not None
        balancer.sent(address, 2)
        order.append(address)
    assert order == ["a", "b", "c", "a", "b", "c"]
    balancer.returned("b", 4)
    assert balancer.pick() == "b"
    balancer.set_window("c", 400)
    balancer.sent("b", 4)
    assert balancer.pick() == "c"


def test_full_addresses_get_nothing() -> None:
    balancer = make(Clock(), "a")
    balancer.sent("a", FIRST_WINDOW)
    assert balancer.pick() is None
    assert balancer.room("a") == 0
    balancer.set_window("a", FIRST_WINDOW + 1)
    assert balancer.pick() == "a"


def test_blocks_longer_while_failing_and_forgets_with_success() -> None:
    clock = Clock()
    balancer = make(clock, "a", "b")
    balancer.failed("a")
    balancer.failed("a")  # a call that was under way together with the first
    assert balancer.pick() == "b"
    assert balancer.seconds_until_free() == 1
    clock.now = 1
    assert {balancer.pick(avoid="b")} == {"a"}
    balancer.failed("a")
    assert balancer.seconds_until_free() == 2
    clock.now = 3
    balancer.succeeded("a")
    balancer.failed("a")
    assert balancer.seconds_until_free() == 1


def test_waits_as_long_as_asked_for() -> None:
    clock = Clock()
    balancer = make(clock, "a")
    balancer.failed("a", retry_after=7)
    assert balancer.seconds_until_free() == 7
    assert balancer.pick() is None


def test_avoids_only_when_there_is_another() -> None:
    balancer = make(Clock(), "a", "b")
    assert balancer.pick(avoid="a") == "b"
    balancer.failed("b")
    assert balancer.pick(avoid="a") == "a"
