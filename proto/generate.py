"""Writes the Python modules of codaserve/v1 from the .proto files beside this one: `python proto/generate.py`."""

import sys
from pathlib import Path

from grpc_tools import protoc

PROTO = Path(__file__).parent


def generate(into: Path) -> None:
    """Writes messages, type stubs and services below a folder, as packages from there.

    Raises:
        RuntimeError: A .proto file is not valid; the compiler has printed why.
    """
    files = sorted(str(path) for path in PROTO.rglob("*.proto"))
    status = protoc.main(
        ["protoc", f"-I{PROTO}", f"--python_out={into}", f"--pyi_out={into}", f"--grpc_python_out={into}", *files]
    )
    if status != 0:
        raise RuntimeError(f"protoc ended with status {status}")


if __name__ == "__main__":
    generate(PROTO.parent)
    sys.exit(0)
