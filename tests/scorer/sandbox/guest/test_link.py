import os
import socket
import struct
import threading
from collections.abc import Iterator

import pytest

from scorer.sandbox.guest.link import Link, LinkClosedError, TooLargeError


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    left, right = socket.socketpair()
    with left, right:
        yield left, right


def test_messages_come_one_by_one_however_they_are_cut(ends: tuple[socket.socket, socket.socket]) -> None:
    here, there = Link(ends[0].fileno(), 1 << 22), ends[1]
    data = struct.pack("<I", 3) + b"abc" + struct.pack("<I", 0) + struct.pack("<I", 1) + b"d"
    for index in range(len(data)):
        there.send(data[index : index + 1])
    assert [here.receive() for _ in range(3)] == [b"abc", b"", b"d"]


def test_what_is_larger_than_the_buffers_of_the_kernel_arrives_whole(ends: tuple[socket.socket, socket.socket]) -> None:
    body = os.urandom(1 << 22)
    sender = threading.Thread(target=Link(ends[1].fileno(), 0).send, args=(body,))
    sender.start()
    assert Link(ends[0].fileno(), 1 << 22).receive() == body
    sender.join(10)
    assert not sender.is_alive()


def test_a_message_that_is_too_large_is_refused_unread(ends: tuple[socket.socket, socket.socket]) -> None:
    ends[1].send(b"\xff\xff\xff\xff")
    with pytest.raises(TooLargeError):
        Link(ends[0].fileno(), 100).receive()


def test_an_end_that_is_closed_is_noticed_in_both_directions(ends: tuple[socket.socket, socket.socket]) -> None:
    here = Link(ends[0].fileno(), 100)
    ends[1].send(b"\x05\x00\x00\x00ab")
    ends[1].close()
    with pytest.raises(LinkClosedError):
        here.receive()
    with pytest.raises(LinkClosedError):
        here.send(b"x")
