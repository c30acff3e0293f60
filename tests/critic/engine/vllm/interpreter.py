"""Speaks to the engine as vLLM's process does, with a logit of 0 everywhere, and fails in a way that a file names.

Takes the place of the interpreter of vLLM's environment: `interpreter -I worker.py CONNECTION SETTINGS`.
"""

import os
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path


def main() -> None:
    connection = Connection(int(sys.argv[3]))
    fault = Path(os.environ["FAULT_FILE"])

    def misbehave() -> None:
        wanted = fault.read_text()
        if wanted == "end":
            os._exit(3)
        if wanted == "hang":
            time.sleep(600)
        if wanted == "say":
            connection.send({"error": "ValueError: too much"})
            os._exit(1)

    misbehave()
    connection.send({"device": "cpu", "dtype": "float32"})
    while True:
        message = connection.recv()
        misbehave()
        connection.send([[0.0] * len(tokens) for tokens, _, _ in message])


main()
