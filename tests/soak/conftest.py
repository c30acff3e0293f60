"""The scorer that is put under load."""

from tests.system.installed import codaserve, open_folder

__all__ = ["codaserve", "open_folder"]
