"""Descriptors that arrive at the numbers of a run's own are not lost when those are placed."""

import fcntl
import os

from scorer.sandbox.guest import descriptors, frames


def test_a_moved_descriptor_is_the_same_file_above_all_that_runs_use() -> None:
    reader, writer = os.pipe()
    moved = descriptors.move_up(writer)
    assert moved > frames.CHANNEL + 8
    assert fcntl.fcntl(moved, fcntl.F_GETFD) & fcntl.FD_CLOEXEC
    os.write(moved, b"x")
    os.close(moved)
    assert os.read(reader, 2) == b"x"
    assert os.read(reader, 2) == b""  # no other descriptor of it is left open
    os.close(reader)


def test_placing_moved_descriptors_mixes_up_none() -> None:
    """Two that arrived where the other one belongs: placed one after the other, the second would be gone."""
    contents = [b"first", b"second"]
    held = []
    for content in contents:
        descriptor = os.memfd_create("content")
        os.write(descriptor, content)
        held.append(descriptor)
    low = sorted(held)
    places = [low[1], low[0]]
    moved = [descriptors.move_up(descriptor) for descriptor in held]
    for descriptor, place in zip(moved, places, strict=True):
        os.dup2(descriptor, place)
    assert [os.pread(place, 10, 0) for place in places] == contents
    for descriptor in {*moved, *places}:  # the same where this process has so many open that one moved to a place
        os.close(descriptor)
