"""An assembler for classic BPF as seccomp takes it (linux/filter.h, linux/seccomp.h): labels, jumps, loads, returns."""

import struct
from dataclasses import dataclass, field

_LOAD_WORD, _JUMP_ALWAYS, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_ANY_BIT, _RETURN = 0x20, 0x05, 0x15, 0x35, 0x45, 0x06
_FARTHEST = 255

# Offsets inside struct seccomp_data; arguments are 64 bits wide, the low word first on both supported machines.
NUMBER, ARCHITECTURE = 0, 4


def argument(index: int) -> int:
    """Offset of the low 32 bits of a system call's argument."""
    return 16 + 8 * index


@dataclass(frozen=True)
class _Instruction:
    code: int
    value: int
    then: str = ""
    otherwise: str = ""


@dataclass
class Assembler:
    """Collects instructions; an empty target means the next instruction. Jumps only go forward, as BPF demands."""

    _instructions: list[_Instruction] = field(default_factory=list)
    _labels: dict[str, int] = field(default_factory=dict)

    def load(self, offset: int) -> None:
        """Loads a 32-bit word of seccomp_data into the accumulator."""
        self._instructions.append(_Instruction(_LOAD_WORD, offset))

    def jump(self, target: str) -> None:
        """Jumps in any case; any distance."""
        self._instructions.append(_Instruction(_JUMP_ALWAYS, 0, target))

    def if_equal(self, value: int, then: str = "", otherwise: str = "") -> None:
        """Branches on accumulator == value."""
        self._instructions.append(_Instruction(_JUMP_EQUAL, value, then, otherwise))

    def if_at_least(self, value: int, then: str = "", otherwise: str = "") -> None:
        """Branches on accumulator >= value, unsigned."""
        self._instructions.append(_Instruction(_JUMP_AT_LEAST, value, then, otherwise))

    def if_any_bit(self, mask: int, then: str = "", otherwise: str = "") -> None:
        """Branches on accumulator & mask != 0."""
        self._instructions.append(_Instruction(_JUMP_ANY_BIT, mask, then, otherwise))

    def give(self, action: int) -> None:
        """Returns a seccomp action."""
        self._instructions.append(_Instruction(_RETURN, action))

    def label(self, name: str) -> None:
        """Names the next instruction. Raises ValueError when the name is taken."""
        if name in self._labels:
            raise ValueError(f"label {name!r} is defined twice")
        self._labels[name] = len(self._instructions)

    def assemble(self) -> bytes:
        """The program as an array of struct sock_filter.

        Raises:
            ValueError: A label is unknown, lies behind the jump or is too far for a conditional jump.
        """
        return b"".join(self._encode(at, instruction) for at, instruction in enumerate(self._instructions))

    def _encode(self, at: int, instruction: _Instruction) -> bytes:
        if instruction.code == _JUMP_ALWAYS:
            return struct.pack("=HBBI", instruction.code, 0, 0, self._distance(at, instruction.then))
        then, otherwise = self._distance(at, instruction.then), self._distance(at, instruction.otherwise)
        if max(then, otherwise) > _FARTHEST:
            raise ValueError(f"instruction {at} jumps farther than {_FARTHEST}")
        return struct.pack("=HBBI", instruction.code, then, otherwise, instruction.value & 0xFFFFFFFF)

    def _distance(self, at: int, target: str) -> int:
        if not target:
            return 0
        if target not in self._labels:
            raise ValueError(f"label {target!r} is not defined")
        distance = self._labels[target] - at - 1
        if distance < 0:
            raise ValueError(f"label {target!r} lies behind the jump")
        return distance
