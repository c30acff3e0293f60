from codaserve.client.outage import Outage, OutageClock


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def make(told: list[Outage], clock: Clock) -> OutageClock:
    return OutageClock("s", ["a", "b"], 30, told.append, clock=clock, wall=lambda: 1000 + clock.now)


def test_begins_with_the_last_address_and_ends_with_the_first() -> None:
    told: list[Outage] = []
    clock = Clock()
    outage = make(told, clock)
    outage.failed("a", "gone", unreachable=True)
    assert outage.seconds_left is None
    clock.now = 5
    outage.failed("b", "gone too", unreachable=True)
    assert told == [Outage("s", ("a", "b"), 1005, 0, False, "b: gone too")]
    clock.now = 20
    outage.failed("a", "still", unreachable=True)
    assert outage.seconds_left == 15
    assert not outage.exhausted
    clock.now = 35
    assert outage.exhausted
    outage.succeeded("a", asked_at=20)
    assert outage.exhausted  # it was asked before it failed
    outage.succeeded("a", asked_at=21)
    assert told[1:] == [Outage("s", ("a", "b"), 1005, 30, True, "a: still")]
    assert not outage.exhausted
    outage.failed("a", "again", unreachable=True)
    assert len(told) == 3  # b never came back, so this is all of them again


def test_full_services_are_waited_for_but_not_told() -> None:
    told: list[Outage] = []
    clock = Clock()
    outage = make(told, clock)
    for address in "ab":
        outage.failed(address, "full", unreachable=False)
    clock.now = 31
    assert outage.exhausted
    assert told == []
    outage.failed("a", "gone", unreachable=True)
    assert [o.started_at for o in told] == [1000]


def test_a_broken_observer_is_survived() -> None:
    def broken(outage: Outage) -> None:
        raise RuntimeError

    outage = OutageClock("s", ["a"], 30, broken)
    outage.failed("a", "gone", unreachable=True)
    assert outage.seconds_left is not None
