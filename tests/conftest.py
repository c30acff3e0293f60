"""Settings of every test, in this process and those that it starts."""

import os

# The models here are tiny: a second thread only waits for the first, and for the processor where it is shared.
os.environ.setdefault("OMP_NUM_THREADS", "1")
