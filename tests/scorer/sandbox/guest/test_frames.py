import struct

from scorer.sandbox.guest import codec, frames


def _framed(*values: object) -> bytes:
    encoded = [codec.encode(value, 1000) for value in values]
    return b"".join(struct.pack("<I", len(data)) + data for data in encoded)


def test_frames_come_back_in_order() -> None:
    assert list(frames.read(_framed(("ready",), ("value", 0.5, 0.25, [1, "a"])))) == [
        ("ready",),
        ("value", 0.5, 0.25, [1, "a"]),
    ]


def test_reading_ends_at_a_frame_that_was_cut_off() -> None:
    whole = _framed(("ready",), ("end",))
    for size in range(len(whole)):
        assert list(frames.read(whole[:size])) in ([], [("ready",)])


def test_reading_ends_at_what_is_no_frame() -> None:
    for garbage in (b"\xff" * 64, _framed(17), _framed(()), _framed((1, 2)), struct.pack("<I", 1) + b"?"):
        assert list(frames.read(_framed(("ready",)) + garbage + _framed(("end",)))) == [("ready",)]
