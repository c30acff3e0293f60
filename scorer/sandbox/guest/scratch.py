"""A run's writable folder where nothing can be mounted: a bounded file system that the operator supplies."""

# pathlib would cost the template memory, and with it every run time.
# ruff: noqa: PTH208
import os
import select
import signal
import stat

from scorer.sandbox.guest import descriptors

MOST_INODES = 4096
"""Files and folders of one run."""
_WIPE_SECONDS = 30.0
_OPEN_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Scratch:
    """The folder of one slot, wiped between runs."""

    def __init__(self, folder: str, owner: int | None) -> None:
        """Wipes it of what an earlier service left.

        Args:
            folder: On a file system of its own.
            owner: Uid and gid that runs have; None where they have the slot's.

        Raises:
            OSError: It cannot be opened or wiped.
        """
        self.folder = folder
        self._top = descriptors.move_up(os.open(folder, _OPEN_FOLDER))
        if owner is not None:
            os.fchown(self._top, owner, owner)
        self._baseline = 0
        self._baseline = self._wipe()

    def inodes_used(self) -> int:
        """Files and folders that are in it now, those included that have no name any more. Raises OSError."""
        found = os.fstatvfs(self._top)
        return found.f_files - found.f_ffree - self._baseline

    def is_over(self, file_bytes: int) -> bool:
        """Whether there are more than MOST_INODES, or more than so many bytes in whole pages. Raises OSError."""
        found = os.fstatvfs(self._top)
        pages = found.f_blocks - found.f_bfree
        too_many = found.f_files - found.f_ffree - self._baseline > MOST_INODES
        return too_many or pages > -(-file_bytes // found.f_frsize)

    def wipe(self) -> None:
        """Empties it once all processes of a run have ended; nearly free where nothing was written. Raises OSError."""
        if self.inodes_used() and self._wipe() != self._baseline:
            raise OSError(f"{self.folder} was wiped, but {self.inodes_used()} files are still there")

    def _wipe(self) -> int:
        """Wipes in a child, so that no name of a run's files gets into the memory that other runs inherit."""
        pid = os.fork()
        if pid == 0:
            try:
                empty(self._top)
            except BaseException:  # noqa: BLE001 - a child must end here, whatever happened
                os._exit(1)
            os._exit(0)
        process = os.pidfd_open(pid)
        try:
            poll = select.poll()
            poll.register(process, select.POLLIN)
            if not poll.poll(_WIPE_SECONDS * 1000):
                signal.pidfd_send_signal(process, signal.SIGKILL)
        finally:
            os.close(process)
        if os.waitpid(pid, 0)[1] != 0:
            raise OSError(f"{self.folder} cannot be wiped")
        found = os.fstatvfs(self._top)
        return found.f_files - found.f_ffree


def empty(top: int) -> None:
    """Removes everything in a folder; nobody else may be changing it.

    Folders inside folders are first moved to the top, so that no depth is too deep and no link is ever followed.

    Args:
        top: Descriptor of the folder.

    Raises:
        OSError: Something cannot be removed.
    """
    moved = 0
    while names := os.listdir(top):
        for name in names:
            if not _is_folder(name, top):
                os.unlink(name, dir_fd=top)
                continue
            os.chmod(name, 0o700, dir_fd=top)
            folder = os.open(name, _OPEN_FOLDER, dir_fd=top)
            try:
                for inner in os.listdir(folder):
                    if not _is_folder(inner, folder):
                        os.unlink(inner, dir_fd=folder)
                        continue
                    os.chmod(inner, 0o700, dir_fd=folder)  # moving a folder changes its ".."
                    moved = _unused(top, moved)
                    os.rename(inner, str(moved), src_dir_fd=folder, dst_dir_fd=top)
            finally:
                os.close(folder)
            os.rmdir(name, dir_fd=top)


def _is_folder(name: str, inside: int) -> bool:
    return stat.S_ISDIR(os.stat(name, dir_fd=inside, follow_symlinks=False).st_mode)


def _unused(top: int, last: int) -> int:
    while True:
        last += 1
        try:
            os.stat(str(last), dir_fd=top, follow_symlinks=False)
        except FileNotFoundError:
            return last
