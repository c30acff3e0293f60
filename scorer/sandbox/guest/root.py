"""What runs see of files: programs and libraries read-only, a few devices, one scratch folder of limited size.

Runs that may have several processes have shared memory of limited size as well, at /dev/shm.
"""

# pathlib would cost the template memory, and with it every run time.
# ruff: noqa: PTH102, PTH103, PTH112, PTH114, PTH115, PTH120, PTH211
import os
import sys
from collections.abc import Iterable

from scorer.kernel import libc, procfs

# The mount point's parent is what Landlock rules name: a rule on a mount point itself would lie under the mount.
SCRATCH_PARENT = "/scratch"
SCRATCH = "/scratch/run"
SHARED_MEMORY = "/scratch/memory"
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
PROCESSES = "/proc"
_SYSTEM = ("/usr", "/bin", "/lib", "/lib32", "/lib64", "/libx32", "/etc/ld.so.cache")
_STREAMS = {"stdin": "0", "stdout": "1", "stderr": "2", "fd": ""}  # links of /dev into the run's own descriptors
_TOO_WIDE = ("/", "/dev", "/etc", "/home", "/proc", "/root", "/run", "/sys", "/tmp", "/var")
_STAGES = ("/mnt", "/opt", "/srv", "/media", "/var", "/sys", "/tmp")  # where the new root may be put together
_SCRATCH_INODES = 4096


def exposed(extra: Iterable[str] = ()) -> list[str]:
    """Existing paths that runs may read: the system's programs and libraries, the running interpreter's prefix, others.

    Args:
        extra: Absolute paths beside these, such as what a toolchain keeps outside of /usr; a link brings its target.
            What does not exist, is the root or a folder that much else lies in, is left out.
    """
    paths = [path for path in _SYSTEM if os.path.lexists(path)]
    for path in (sys.base_prefix, sys.base_exec_prefix, *extra):
        for name in (os.path.normpath(path), os.path.realpath(path)):
            if name not in _TOO_WIDE and os.path.lexists(name) and not any(_inside(name, other) for other in paths):
                paths = [other for other in paths if not _inside(other, name)] + [name]
    return paths


def _inside(path: str, other: str) -> bool:
    return path == other or path.startswith(other + "/")


def build(paths: list[str], processes: int | None) -> None:
    """Replaces the root of the calling process, which must have a mount namespace of its own.

    Args:
        paths: What runs may read, see `exposed`.
        processes: A mount of the process file system that runs find at PROCESSES, if any, see `procfs.mounted`.

    Raises:
        OSError: The kernel refuses; the old root is still in place.
    """
    libc.mount("none", "/", "", libc.MS_REC | libc.MS_PRIVATE)
    stage = next(s for s in _STAGES if os.path.isdir(s) and not any(p.startswith(s + "/") or p == s for p in paths))
    libc.mount("tmpfs", stage, "tmpfs", libc.MS_NOSUID | libc.MS_NODEV, "size=256k,nr_inodes=512,mode=755")
    for path in paths:
        _expose(path, stage + path)
    for device in DEVICES:
        # They can be written to on a read-only mount; their modes and times, which are the host's, stay.
        _bind(device, stage + device, libc.MOUNT_ATTR_RDONLY | libc.MOUNT_ATTR_NOSUID | libc.MOUNT_ATTR_NOEXEC)
    if processes is not None:
        os.mkdir(stage + PROCESSES)
        procfs.show(processes, stage + PROCESSES)
        for name, target in _STREAMS.items():
            os.symlink(f"{PROCESSES}/self/fd/{target}".rstrip("/"), f"{stage}/dev/{name}")
    os.makedirs(stage + SCRATCH, mode=0o755)
    os.makedirs(stage + SHARED_MEMORY, mode=0o755)
    os.symlink(SCRATCH, stage + "/tmp")
    os.symlink(SHARED_MEMORY, stage + "/dev/shm")
    os.chdir(stage)
    libc.set_mount_attributes(stage, libc.MOUNT_ATTR_RDONLY, recursive=False)
    libc.pivot_root_here()
    mount_scratch(1 << 20, os.getuid(), os.getgid())
    unmount_scratch()


def _expose(source: str, target: str) -> None:
    if os.path.islink(source):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.symlink(os.readlink(source), target)
        return
    _bind(source, target, libc.MOUNT_ATTR_RDONLY | libc.MOUNT_ATTR_NOSUID | libc.MOUNT_ATTR_NODEV)


def _bind(source: str, target: str, attributes: int) -> None:
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o444))
    libc.mount(source, target, "", libc.MS_BIND | libc.MS_REC)
    libc.set_mount_attributes(target, attributes, recursive=True)


def mount_scratch(size: int, uid: int, gid: int) -> None:
    """Mounts an empty scratch folder of `size` bytes, owned by uid. Raises OSError."""
    options = f"size={size},nr_inodes={_SCRATCH_INODES},mode=700,uid={uid},gid={gid}"
    libc.mount("tmpfs", SCRATCH, "tmpfs", libc.MS_NOSUID | libc.MS_NODEV, options)


def mount_shared_memory(size: int, uid: int, gid: int) -> None:
    """Mounts an empty folder of `size` bytes where the C library keeps semaphores between processes. Raises OSError."""
    options = f"size={size},nr_inodes={_SCRATCH_INODES},mode=700,uid={uid},gid={gid}"
    libc.mount("tmpfs", SHARED_MEMORY, "tmpfs", libc.MS_NOSUID | libc.MS_NODEV | libc.MS_NOEXEC, options)


def unmount_shared_memory() -> None:
    """Drops it with everything in it. Raises OSError."""
    libc.umount_lazily(SHARED_MEMORY)


def unmount_scratch() -> None:
    """Drops the scratch folder with everything in it, however deep. Raises OSError."""
    libc.umount_lazily(SCRATCH)
