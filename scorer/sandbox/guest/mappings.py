"""Fewer mappings of libraries, since each fork copies every one of them and its end removes it again.

A library has five: what is read, executed, read again, read after it was relocated, and written. Neighbours become one
where they may be used in the same way, so here what is read may also be executed, and what was relocated be written. No
wall depends on that: programs may map what they like as executable, and their memory is their own.
"""

from scorer.kernel import libc

_MAPS = "/proc/self/maps"
_READ, _WRITE, _EXECUTE = 1, 2, 4
_FIELDS = 6


def merge() -> None:
    """Merges those of the calling process, where the kernel shows them and lets it."""
    try:
        with open(_MAPS, "rb") as file:  # noqa: PTH123 - pathlib would cost the template memory
            lines = [line.split(None, _FIELDS - 1) for line in file.read().splitlines()]
    except OSError:
        return
    libraries: dict[bytes, list[list[bytes]]] = {}
    for fields in lines:
        if len(fields) == _FIELDS and fields[5].startswith(b"/"):
            libraries.setdefault(fields[5], []).append(fields)
    try:
        for parts in libraries.values():
            if [part[1] for part in parts] == [b"r--p", b"r-xp", b"r--p", b"r--p", b"rw-p"]:
                for part, protection in ((0, _EXECUTE), (2, _EXECUTE), (3, _WRITE)):
                    begin, end = (int(bound, 16) for bound in parts[part][0].split(b"-"))
                    libc.protect(begin, end - begin, _READ | protection)
    except OSError:
        return  # a service manager may forbid it
