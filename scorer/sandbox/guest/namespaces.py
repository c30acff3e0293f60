"""Entering namespaces (namespaces(7)), each tried alone so that one that is refused costs only itself."""

import os
from collections.abc import Collection

from scorer.kernel import libc
from scorer.kernel.layers import Layer
from scorer.kernel.probe import fails_in_a_child

_NEW_USER = 0x10000000
_OTHERS = {
    "mount_namespace": 0x00020000,
    "pid_namespace": 0x20000000,
    "network_namespace": 0x40000000,
    "ipc_namespace": 0x08000000,
    "uts_namespace": 0x04000000,
}


def enter(without: Collection[str]) -> dict[str, Layer]:
    """Moves the calling process into namespaces of its own; its next child is pid 1 of the new pid namespace.

    A user namespace is made only where the others need one. Layers named in `without` are left out.
    """
    layers = {"user_namespace": _enter_user(without)}
    for name, flag in _OTHERS.items():
        layers[name] = _enter(name, flag, without)
    return layers


def _enter(name: str, flag: int, without: Collection[str]) -> Layer:
    if name in without:
        return Layer(name, False, "switched off by the configuration")
    try:
        libc.unshare(flag)
    except OSError as error:
        return Layer(name, False, str(error))
    return Layer(name, True, "a namespace of the slot's own")


def _enter_user(without: Collection[str]) -> Layer:
    if "user_namespace" in without:
        return Layer("user_namespace", False, "switched off by the configuration")
    if fails_in_a_child(lambda: libc.unshare(_OTHERS["mount_namespace"])) is None:
        return Layer("user_namespace", False, "not needed: the service may make the other namespaces itself")
    reason = fails_in_a_child(_make_user_namespace)
    if reason is not None:
        return Layer("user_namespace", False, reason)
    _make_user_namespace()
    return Layer("user_namespace", True, f"uid {os.getuid()} only")


def _make_user_namespace() -> None:
    uid, gid = os.getuid(), os.getgid()
    libc.unshare(_NEW_USER)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        descriptor = os.open(f"/proc/self/{name}", os.O_WRONLY)
        try:
            os.write(descriptor, text.encode())
        finally:
            os.close(descriptor)
    if fails_in_a_child(lambda: libc.unshare(_OTHERS["mount_namespace"])) is not None:
        raise PermissionError("a user namespace gives no right to make other namespaces here")
