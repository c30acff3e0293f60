"""Settings of every test, in this process and those that it starts, and what tests of several folders use."""

import os

from hypothesis import settings

from tests.system.installed import codaserve, open_folder

__all__ = ["codaserve", "open_folder"]

# The models here are tiny: a second thread only waits for the first, and for the processor where it is shared.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# No test asserts a time, nor does a library for it: on a busy machine any example may take long.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")
