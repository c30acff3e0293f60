"""What processes tell each other, and that none of them hangs."""

import os
import signal
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import distributed

from tests.trainer.several import Several
from trainer.errors import PeerLostError, ScorerAwayError
from trainer.peers import ALONE, Peers, leave


def meet(timeout: float = 60.0) -> Peers:
    distributed.init_process_group("gloo", timeout=timedelta(seconds=60))
    return Peers(int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"]), timeout=timeout)


def talk() -> Any:
    peers = meet()
    told = peers.gather({"from": peers.index}), peers.first(lambda: f"main is {peers.index}")
    kept = peers.agree(lambda: peers.index)
    weights = [torch.ones(3, requires_grad=True), torch.ones(2, 2, requires_grad=True)]
    weights[0].grad = torch.full((3,), 1.0 + peers.index)
    if peers.index == 2:
        weights[1].grad = torch.full((2, 2), 5.0)
    peers.sum_gradients(weights)
    leave()
    return told, kept, [weight.grad.tolist() for weight in weights if weight.grad is not None]


def test_what_all_give_reaches_all(tmp_path: Path) -> None:
    told = [{"from": 0}, {"from": 1}, {"from": 2}], "main is 0"
    # 1 + 2 + 3 in the first, 0 + 0 + 5 in the second, of which two processes had none.
    sums = [[6.0] * 3, [[5.0] * 2] * 2]
    outcomes = Several(talk, count=3, folder=tmp_path).outcomes()
    assert outcomes == [(told, 0, sums), (told, 1, sums), (told, 2, sums)]


class OddError(Exception):
    """Cannot be sent: it cannot be made again from its text."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(one + two)


def fail() -> Any:
    peers = meet()
    errors = []
    for kind in (ScorerAwayError("away"), OddError("not ", "sent")):

        def work(error: Exception = kind) -> None:
            if peers.index:
                raise error

        try:
            peers.together(work)
        except Exception as error:  # noqa: BLE001, for the test to look at
            errors.append((type(error), str(error)))
    return errors, peers.gather(peers.index)


def test_an_error_of_one_is_the_error_of_all_and_they_go_on_together(tmp_path: Path) -> None:
    errors = [(ScorerAwayError, "away"), (RuntimeError, "OddError: not sent")]
    assert Several(fail, folder=tmp_path).outcomes() == [(errors, [0, 1])] * 2


def lose(how: str) -> None:
    peers = meet(timeout=2.0)
    if peers.index == 1 and how == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if peers.index == 1:
        time.sleep(5)
    peers.gather(1)


@pytest.mark.parametrize("how", ["killed", "late"])
def test_the_others_do_not_wait_for_one_that_is_lost(how: str, tmp_path: Path) -> None:
    outcomes = Several(lose, how, folder=tmp_path).outcomes()
    assert isinstance(outcomes[0], PeerLostError)
    assert "another training process has ended, or did not come in time" in str(outcomes[0])
    assert outcomes[1] is None if how == "killed" else isinstance(outcomes[1], PeerLostError)


def test_every_place_is_dealt_once() -> None:
    three = [Peers.__new__(Peers) for _ in range(3)]
    for index, peers in enumerate(three):
        peers.index, peers.count = index, 3
    assert [list(peers.share(7)) for peers in three] == [[0, 3, 6], [1, 4], [2, 5]]
    assert [list(peers.of_main(2)) for peers in three] == [[0, 1], [], []]


def test_alone_nothing_is_exchanged() -> None:
    error = OddError("the very ", "same")

    def work() -> None:
        raise error

    assert ALONE.gather(1) == [1]
    assert list(ALONE.share(3)) == [0, 1, 2]
    with pytest.raises(OddError) as raised:
        ALONE.agree(work)
    assert raised.value is error
