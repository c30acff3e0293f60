"""Settings of every test, in this process and those that it starts, and what tests of several folders use."""

import os

from tests.system.installed import codaserve, open_folder

__all__ = ["codaserve", "open_folder"]

# The models here are tiny: a second thread only waits for the first, and for the processor where it is shared.
os.environ.setdefault("OMP_NUM_THREADS", "1")
