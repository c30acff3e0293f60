"""Starts vLLM's server; runs in vLLM's own environment, which need not have anything of this project.

    python -I serve.py ARGUMENTS

The server and the processes that it starts end when this process's standard input is closed: also when whoever held
the other end was killed. It has to lead a process group of its own.
"""

import os
import runpy
import signal
import sys
import threading


def main() -> None:
    """Runs the server."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.argv = ["vllm", *sys.argv[1:]]
    # The command `vllm` refuses builds for CPUs, whose package has another name.
    runpy.run_module("vllm.entrypoints.openai.api_server", run_name="__main__", alter_sys=True)


def _end_with_parent() -> None:
    while os.read(0, 4096):
        pass
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
