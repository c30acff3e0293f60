"""Start of a slot: `python -s -S -P boot.py DESCRIPTOR`, DESCRIPTOR being its end of the control socket.

Run as a script by a bare interpreter whose path holds nothing but the standard library, so the packages that lead to
the guest's modules are put together here rather than imported.
"""

import os
import socket
import sys
from types import ModuleType


def _make_guest_importable() -> None:
    sandbox = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - before any import
    for name, path in (("scorer", os.path.dirname(sandbox)), ("scorer.sandbox", sandbox)):  # noqa: PTH120
        module = ModuleType(name)
        module.__path__ = [path]
        sys.modules[name] = module


def main() -> None:
    """Runs the slot until its control socket is closed."""
    _make_guest_importable()
    from scorer.sandbox.guest import descriptors, template

    template.main(socket.socket(fileno=descriptors.move_up(int(sys.argv[1]))))


if __name__ == "__main__":
    main()
