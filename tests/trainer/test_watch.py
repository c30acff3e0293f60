from codaserve import Outage
from trainer.watch import Watch


def outage(ended: bool) -> Outage:
    return Outage("Scorer", ("h:1", "h:2"), 0.0, 12.34 if ended else 0.0, ended, "h:2: UNAVAILABLE: refused")


def test_outages_in_words() -> None:
    events: list[str] = []
    watch = Watch("scorer", 300.0, events.append, waiting=37)
    watch.outage(outage(False))
    watch.outage(outage(True))
    watch.waiting = 0
    watch.outage(outage(True))
    assert events[0].startswith("scorer unreachable at h:1, h:2 since ")
    assert events[0].endswith("waiting up to 300 s with 37 items: h:2: UNAVAILABLE: refused")
    assert events[1] == "scorer back after 12.3 s, 37 items were sent again"
    assert events[2] == "scorer back after 12.3 s"
