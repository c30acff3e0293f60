"""What is told when a run ends too early."""

import pytest

from trainer.errors import PeerLostError, SaveError, TooManyUnscoredError
from trainer.report.telling import telling_stops


def unsaved() -> TooManyUnscoredError:
    error = TooManyUnscoredError("4 of 16 rollouts were not scored")
    error.unsaved = "disk full"
    return error


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (TooManyUnscoredError("4 of 16 rollouts\nwere not scored"), "stopped: 4 of 16 rollouts were not scored"),
        (unsaved(), "stopped: 4 of 16 rollouts were not scored; not saved: disk full"),
        (PeerLostError("another training process has ended"), "stopped: another training process has ended"),
        (SaveError("x cannot be written"), "stopped: x cannot be written"),
        (KeyError("x"), "stopped: KeyError: 'x'"),
    ],
)
def test_why_a_run_stops_is_told_in_one_line(error: Exception, told: str) -> None:
    events: list[str] = []
    with pytest.raises(type(error)) as caught, telling_stops(events.append):
        raise error
    assert caught.value is error
    assert events == [told]


def test_a_telling_that_fails_does_not_hide_why_the_run_stops() -> None:
    def full(text: str) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(PeerLostError), telling_stops(full):
        raise PeerLostError


def test_of_what_goes_well_nothing_is_told() -> None:
    events: list[str] = []
    with telling_stops(events.append):
        pass
    assert events == []
