"""What runs see of files: programs and libraries read-only, a few devices, one scratch folder of limited size."""

# pathlib would cost the template memory, and with it every run time.
# ruff: noqa: PTH103, PTH112, PTH114, PTH115, PTH120, PTH211
import os
import sys

from scorer.kernel import libc

# The mount point's parent is what Landlock rules name: a rule on a mount point itself would lie under the mount.
SCRATCH_PARENT = "/scratch"
SCRATCH = "/scratch/run"
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_SYSTEM = ("/usr", "/bin", "/lib", "/lib32", "/lib64", "/libx32", "/etc/ld.so.cache")
_STAGES = ("/mnt", "/opt", "/srv", "/media", "/var", "/sys", "/tmp")  # where the new root may be put together
_SCRATCH_INODES = 4096


def exposed() -> list[str]:
    """Existing paths that runs may read: the system's programs and libraries, and the running interpreter's prefix."""
    prefixes = {sys.base_prefix, sys.base_exec_prefix}
    prefixes |= {os.path.realpath(prefix) for prefix in prefixes}
    paths = [path for path in _SYSTEM if os.path.lexists(path)]
    for prefix in sorted(prefixes - {"/"}):
        if not any(prefix == path or prefix.startswith(path + "/") for path in paths):
            paths.append(prefix)
    return paths


def build(paths: list[str]) -> None:
    """Replaces the root of the calling process, which must have a mount namespace of its own.

    Raises:
        OSError: The kernel refuses; the old root is still in place.
    """
    libc.mount("none", "/", "", libc.MS_REC | libc.MS_PRIVATE)
    stage = next(s for s in _STAGES if os.path.isdir(s) and not any(p.startswith(s + "/") or p == s for p in paths))
    libc.mount("tmpfs", stage, "tmpfs", libc.MS_NOSUID | libc.MS_NODEV, "size=256k,nr_inodes=512,mode=755")
    for path in paths:
        _expose(path, stage + path)
    for device in DEVICES:
        _bind(device, stage + device, libc.MOUNT_ATTR_NOSUID | libc.MOUNT_ATTR_NOEXEC)
    os.makedirs(stage + SCRATCH, mode=0o755)
    os.symlink(SCRATCH, stage + "/tmp")
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


def unmount_scratch() -> None:
    """Drops the scratch folder with everything in it, however deep. Raises OSError."""
    libc.umount_lazily(SCRATCH)
