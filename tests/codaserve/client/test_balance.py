from codaserve import RetryPolicy
from codaserve.client.balance import EJECT_AFTER, FIRST_WINDOW, Balancer


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


def test_an_address_that_was_away_gets_one_call_as_its_test() -> None:
    clock = Clock()
    balancer = make(clock, "a")
    balancer.failed("a")
    assert not balancer.testing
    clock.now = 1
    assert balancer.pick() == "a"
    balancer.sent("a", 2, 2)
    assert balancer.testing
    assert balancer.pick() is None
    balancer.returned("a", 1)
    balancer.succeeded("a")
    assert not balancer.testing
    assert balancer.pick() == "a"


def test_a_test_that_nobody_waits_for_makes_room_for_another() -> None:
    clock = Clock()
    balancer = make(clock, "a")
    balancer.failed("a")
    clock.now = 1
    balancer.sent("a", 2, 2)
    balancer.returned("a", 2, 2)
    assert balancer.pick() == "a"
    balancer.sent("a", 1)
    assert balancer.pick() is None
    balancer.reached("a")
    assert balancer.pick() == "a"


def test_the_last_address_is_not_tested_any_longer_when_its_test_fails() -> None:
    clock = Clock()
    balancer = make(clock, "a", "b")
    balancer.failed("a")
    balancer.failed("b")
    clock.now = 1
    balancer.sent("a", 1)
    balancer.faulted("a")
    balancer.sent("a", 1)
    assert not balancer.testing
    assert balancer.pick(avoid="b") == "a"


def test_a_full_service_needs_no_test() -> None:
    clock = Clock()
    balancer = make(clock, "a")
    balancer.failed("a", retry_after=1, unreachable=False)
    clock.now = 1
    balancer.sent("a", 1)
    assert balancer.pick() == "a"


def test_ejects_what_only_fails() -> None:
    clock = Clock()
    balancer = make(clock, "a", "b")
    for _ in range(EJECT_AFTER - 1):
        balancer.faulted("a")
    balancer.succeeded("a")
    for _ in range(EJECT_AFTER - 1):
        balancer.faulted("a")
    assert balancer.seconds_until_free() is None
    balancer.faulted("a")
    assert balancer.seconds_until_free() == 8
    assert balancer.pick(avoid="b") == "b"
    for _ in range(2 * EJECT_AFTER):
        balancer.faulted("b")
    assert balancer.pick() == "b"  # the last one
    clock.now = 8
    balancer.sent("b", 1)
    assert balancer.pick() == "a"
    balancer.sent("a", 1)
    balancer.reached("a")  # it always answered Info
    assert balancer.pick(avoid="b") == "b"
    balancer.faulted("a")
    assert balancer.seconds_until_free() == 8
    clock.now = 16
    balancer.sent("a", 1)
    balancer.succeeded("a")
    balancer.faulted("a")
    assert balancer.pick(avoid="b") == "a"


def test_bounds_the_items_at_all_addresses() -> None:
    policy = RetryPolicy()
    balancer = Balancer(["a", "b"], policy, max_in_flight=5)
    assert balancer.items_share == 2
    balancer.sent("a", 20, 2)
    balancer.sent("b", 3, 3)
    assert balancer.items_left == 0
    balancer.returned("a", 10, 1)
    assert balancer.items_left == 1


def test_what_is_gone_gets_nothing_more_and_may_come_back() -> None:
    balancer = make(Clock(), "a", "b")
    balancer.sent("a", 3, 3)
    balancer.replace(["b", "c"])
    assert {balancer.pick(avoid="b"), balancer.pick(avoid="c")} == {"b", "c"}
    balancer.returned("a", 1)
    balancer.replace(["a", "b"])
    assert balancer.room("a") == FIRST_WINDOW - 2  # what it still has counts
    balancer.replace(["b"])
    balancer.returned("a", 2, 2)
    balancer.replace(["b", "c"])
    for after in (balancer.succeeded, balancer.faulted, balancer.failed, balancer.reached):
        after("a")  # as the last of a call that ends late
    balancer.returned("a", 0, 0)
    balancer.replace(["a"])
    assert balancer.pick() == "a"
