"""NCCL by its C interface (nccl.h), as far as sending weights takes it, from the library that torch has loaded."""

import ctypes
import time
from typing import Any

import torch
from torch import Tensor

LIBRARY = "libnccl.so.2"
ID_BYTES = 128
FLOAT32, SUM, SENDER = 7, 0, 0
TYPES = {torch.float32: FLOAT32, torch.float16: 6, torch.bfloat16: 9}
POLL_SECONDS = 0.002


class NcclError(Exception):
    """NCCL failed; the text says at what."""


class _UniqueId(ctypes.Structure):
    _fields_ = (("internal", ctypes.c_byte * ID_BYTES),)


_POINTER, _SIZE, _NUMBER = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
_ARGUMENTS: dict[str, list[Any]] = {
    "ncclGetUniqueId": [ctypes.POINTER(_UniqueId)],
    "ncclCommInitRank": [ctypes.POINTER(_POINTER), _NUMBER, _UniqueId, _NUMBER],
    "ncclAllReduce": [_POINTER, _POINTER, _SIZE, _NUMBER, _NUMBER, _POINTER, _POINTER],
    "ncclBroadcast": [_POINTER, _POINTER, _SIZE, _NUMBER, _NUMBER, _POINTER, _POINTER],
    "ncclCommAbort": [_POINTER],
}


def _call(name: str, *arguments: Any) -> None:
    try:
        function = getattr(ctypes.CDLL(LIBRARY), name)
    except (OSError, AttributeError) as error:
        raise NcclError(f"{LIBRARY} of torch cannot be used: {error}") from error
    function.argtypes, function.restype = _ARGUMENTS[name], ctypes.c_int
    status = function(*arguments)
    if status != 0:
        raise NcclError(f"{name} failed with status {status}")


def unique_id() -> bytes:
    """Names a new group; everyone who joins it needs it.

    Raises:
        NcclError: There is no NCCL.
    """
    name = _UniqueId()
    _call("ncclGetUniqueId", ctypes.byref(name))
    return bytes(name)


class Communicator:
    """The sender of a group: rank 0."""

    def __init__(self, name: bytes, world: int, device: torch.device) -> None:
        """Joins a group; returns when all have joined.

        Args:
            name: From `unique_id`.
            world: Members.
            device: A CUDA device of ours that no other member uses.

        Raises:
            NcclError: It failed.
        """
        self._device = device
        self._group = _POINTER()
        with torch.cuda.device(device):
            _call("ncclCommInitRank", ctypes.byref(self._group), world, _UniqueId.from_buffer_copy(name), SENDER)
            # vLLM's members make one reduction of one number first, and all have to.
            number = torch.zeros(1, device=device)
            address = number.data_ptr()
            _call("ncclAllReduce", address, address, 1, FLOAT32, SUM, self._group, self._stream)
            torch.cuda.synchronize(device)

    def broadcast(self, tensor: Tensor) -> None:
        """Sends a tensor on our device, contiguous and of a type in `TYPES`; goes on before it has arrived.

        Raises:
            NcclError: It failed.
        """
        with torch.cuda.device(self._device):
            address = tensor.data_ptr()
            _call(
                "ncclBroadcast",
                address,
                address,
                tensor.numel(),
                TYPES[tensor.dtype],
                SENDER,
                self._group,
                self._stream,
            )

    def wait(self, seconds: float) -> None:
        """Returns when everything has arrived.

        Raises:
            NcclError: It has not, within that time.
        """
        with torch.cuda.device(self._device):
            sent = torch.cuda.Event()  # type: ignore[no-untyped-call]
            sent.record()
        give_up = time.monotonic() + seconds
        while not sent.query():  # type: ignore[no-untyped-call]
            if time.monotonic() > give_up:
                raise NcclError(f"weights did not arrive within {seconds:g} s")
            time.sleep(POLL_SECONDS)

    def close(self) -> None:
        """Leaves the group, at once and whatever the others do. Leaving twice is harmless."""
        group, self._group = self._group, _POINTER()
        if group:
            _call("ncclCommAbort", group)

    @property
    def _stream(self) -> int:
        return int(torch.cuda.current_stream(self._device).cuda_stream)
