"""Finding out what the kernel allows, by trying it."""

import os
from collections.abc import Callable


def fails_in_a_child(action: Callable[[], None]) -> str | None:
    """Tries an action in a forked child and says why it failed, None if it did not."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            action()
            os._exit(0)
        except BaseException as error:  # noqa: BLE001 - a child must end here, whatever happened
            os.write(writer, str(error).encode()[:512])
        finally:
            os._exit(1)
    os.close(writer)
    reason = os.read(reader, 512).decode(errors="replace")
    os.close(reader)
    _, status = os.waitpid(pid, 0)
    return None if status == 0 else reason or f"status {status}"
