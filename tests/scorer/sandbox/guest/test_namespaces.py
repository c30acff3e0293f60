import os
import signal

from scorer.kernel.layers import Layer
from scorer.kernel.probe import fails_in_a_child
from scorer.sandbox.guest.namespaces import enter


def test_an_attempt_tells_why_it_failed_and_touches_only_the_child() -> None:
    before = os.environ.get("CODASERVE_ATTEMPT")

    def fails() -> None:
        os.environ["CODASERVE_ATTEMPT"] = "made"
        raise OSError("not here")

    assert fails_in_a_child(fails) == "not here"
    assert fails_in_a_child(lambda: None) is None
    assert fails_in_a_child(lambda: os.kill(os.getpid(), signal.SIGKILL)) == "status 9"
    assert os.environ.get("CODASERVE_ATTEMPT") == before


def test_what_is_switched_off_is_reported_as_such() -> None:
    names = (
        "user_namespace",
        "mount_namespace",
        "pid_namespace",
        "network_namespace",
        "ipc_namespace",
        "uts_namespace",
    )
    assert enter(names) == {name: Layer(name, False, "switched off by the configuration") for name in names}
