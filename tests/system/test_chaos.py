"""Services under fire: the short version of `make chaos`."""

from pathlib import Path

import pytest

from tests.chaos.__main__ import run

SECONDS = 25.0
SEED = 1655
"""Begins with SIGSTOP and kill -9: a loaded machine has time for no more."""


@pytest.mark.system
@pytest.mark.skipif(not Path("/dev/net/tun").exists(), reason="links are made of TUN interfaces")
def test_no_answer_is_lost_or_changed() -> None:
    report = run(SECONDS, SEED)
    print(report)
    assert report.wrong == [], report
    assert report.account.asked > 0
    assert report.survived.total() > 0
