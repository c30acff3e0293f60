"""What runs find loaded: imported once by the template, so that no run pays for it.

Modules may ask to be called after every fork, to seed a generator anew or to free locks that another thread held. The
template has one thread and its runs all begin with one seed, so its own forks do without: those calls cost more than
the rest of a fork. They are registered in each run, for the forks of its program.
"""

import gc
import importlib
import os
import sys
from collections.abc import Callable, Sequence

# A template has one thread: a fork takes only the calling one along, and locks that others hold stay locked for ever.
_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
_TASKS = "/proc/self/task"

_hooks: list[dict[str, Callable[[], object]]] = []


class PreloadError(Exception):
    """A package that cannot be preloaded."""


def load(path: Sequence[str], exposed: Sequence[str], packages: Sequence[str], modules: Sequence[str]) -> list[str]:
    """Imports what runs are to find.

    Args:
        path: Folders of packages.
        exposed: What runs can read; a folder that is among these as a whole stays on their path.
        packages: Packages of these folders.
        modules: Modules of the standard library.

    Returns:
        The packages, each with its version.

    Raises:
        PreloadError: A package cannot be imported, or starts threads.
    """
    register = os.register_at_fork
    os.register_at_fork = lambda **hooks: _hooks.append(hooks)
    sys.path += path
    try:
        for name in ("random", *modules):
            importlib.import_module(name)
        versions = _load_packages(packages) if packages else []
        sys.modules["random"].seed(0)  # equal programs get equal verdicts
        return versions
    finally:
        os.register_at_fork = register
        # Runs that may not read a whole folder should miss what they cannot see, not be denied it.
        sys.path[:] = [folder for folder in sys.path if folder not in path or folder in exposed]


def _load_packages(names: Sequence[str]) -> list[str]:
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    for name in names:
        try:
            importlib.import_module(name)
        except Exception as error:  # a package may raise anything
            raise PreloadError(
                f"{name} of code.sandbox.preload cannot be imported: {type(error).__name__}: {error}"
            ) from error
    if "numpy" in sys.modules:
        importlib.import_module("numpy.random").seed(0)  # else imported, and seeded by chance, by each run that uses it
    if os.path.isdir(_TASKS) and len(os.listdir(_TASKS)) > 1:  # noqa: PTH112, PTH208 - no pathlib in the template
        raise PreloadError("a package of code.sandbox.preload starts threads, so no run can be forked beside them")
    return [f"{name} {getattr(sys.modules[name], '__version__', '')}".rstrip() for name in names]


def begin_run() -> None:
    """Called in each run: forks of the program get what they need, and its garbage is collected."""
    gc.enable()
    for hooks in _hooks:
        os.register_at_fork(**hooks)
