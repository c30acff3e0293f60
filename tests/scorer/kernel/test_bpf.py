import struct

import pytest

from scorer.kernel import bpf


def _fields(code: bpf.Assembler) -> list[tuple[int, int, int, int]]:
    return list(struct.iter_unpack("=HBBI", code.assemble()))


def test_jumps_become_distances_to_their_labels() -> None:
    code = bpf.Assembler()
    code.load(bpf.NUMBER)
    code.if_equal(7, then="yes")
    code.give(1)
    code.label("yes")
    code.give(2)
    assert _fields(code) == [(0x20, 0, 0, 0), (0x15, 1, 0, 7), (0x06, 0, 0, 1), (0x06, 0, 0, 2)]


def test_an_unconditional_jump_goes_any_distance() -> None:
    code = bpf.Assembler()
    code.jump("end")
    for _ in range(300):
        code.give(0)
    code.label("end")
    code.give(1)
    assert _fields(code)[0] == (0x05, 0, 0, 300)


def test_a_conditional_jump_that_is_too_far_is_refused() -> None:
    code = bpf.Assembler()
    code.if_equal(1, then="end")
    for _ in range(256):
        code.give(0)
    code.label("end")
    code.give(1)
    with pytest.raises(ValueError, match="farther than 255"):
        code.assemble()


def test_labels_must_exist_once_and_ahead() -> None:
    code = bpf.Assembler()
    code.label("start")
    code.if_equal(1, then="nowhere")
    with pytest.raises(ValueError, match="'nowhere' is not defined"):
        code.assemble()
    with pytest.raises(ValueError, match="twice"):
        code.label("start")
    code = bpf.Assembler()
    code.label("start")
    code.jump("start")
    with pytest.raises(ValueError, match="behind"):
        code.assemble()


def test_argument_offsets_are_those_of_struct_seccomp_data() -> None:
    assert [bpf.argument(index) for index in (0, 1, 5)] == [16, 24, 56]
