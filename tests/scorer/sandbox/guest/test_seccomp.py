"""The filter, run by a small interpreter of classic BPF, so that every decision can be seen without making the call."""

import errno
import struct

import pytest

from scorer.kernel import seccomp, syscalls
from scorer.sandbox.guest.seccomp import Policy

PID = 4242
ARCHITECTURE, NUMBERS = syscalls.of_this_machine()
DENY, UNKNOWN = seccomp.errno_action(errno.EPERM), seccomp.errno_action(errno.ENOSYS)
# Numbers that are the same on x86_64 and aarch64 or that are named for both, of calls that must never get through.
FORBIDDEN = {
    "x86_64": {
        "socket": 41, "connect": 42, "sendmsg": 46, "bind": 49, "shmget": 29, "msgget": 68, "ptrace": 101,
        "setuid": 105, "setresuid": 117, "personality": 135, "pivot_root": 155, "chroot": 161, "mount": 165,
        "umount2": 166, "reboot": 169, "init_module": 175, "tkill": 200, "clock_settime": 227,
        "mq_open": 240, "add_key": 248,
        "keyctl": 250, "unshare": 272, "perf_event_open": 298, "name_to_handle_at": 303, "open_by_handle_at": 304,
        "setns": 308, "process_vm_readv": 310, "process_vm_writev": 311, "seccomp": 317, "memfd_create": 319,
        "bpf": 321, "execveat": 322, "userfaultfd": 323, "rt_sigqueueinfo": 129,
    },
    "aarch64": {
        "umount2": 39, "mount": 40, "pivot_root": 41, "chroot": 51, "unshare": 97, "init_module": 105, "ptrace": 117,
        "tkill": 130, "reboot": 142, "setuid": 146, "setresuid": 147, "mq_open": 180, "msgget": 186, "shmget": 194,
        "socket": 198, "bind": 200, "connect": 203, "sendmsg": 211, "add_key": 217, "keyctl": 219,
        "perf_event_open": 241, "open_by_handle_at": 265, "setns": 268, "process_vm_readv": 270, "seccomp": 277,
        "memfd_create": 279, "bpf": 280, "execveat": 281, "userfaultfd": 282,
    },
}["x86_64" if ARCHITECTURE == 0xC000003E else "aarch64"]  # fmt: skip
COMMON = {"pidfd_send_signal": 424, "io_uring_setup": 425, "fsopen": 430, "pidfd_open": 434, "pidfd_getfd": 438}


def decide(program: bytes, number: int, *arguments: int, architecture: int = ARCHITECTURE) -> int:
    """What the kernel would do with a call."""
    padded = (*arguments, *[0] * (6 - len(arguments)))
    data = struct.pack("=IIQ6Q", number, architecture, 0, *(value % 2**64 for value in padded))
    code = list(struct.iter_unpack("=HBBI", program))
    accumulator = at = 0
    while True:
        operation, then, otherwise, value = code[at]
        at += 1
        if operation == 0x20:
            accumulator = struct.unpack_from("=I", data, value)[0]
        elif operation == 0x05:
            at += value
        elif operation == 0x06:
            return int(value)
        else:
            holds = {0x15: accumulator == value, 0x35: accumulator >= value, 0x45: accumulator & value != 0}[operation]
            at += then if holds else otherwise


@pytest.fixture(params=[False, True], ids=["strict", "wide"])
def program(request: pytest.FixtureRequest) -> bytes:
    return Policy(processes=request.param, private_files=True).program(PID)


STRICT = Policy(processes=False, private_files=True).program(PID)
WIDE = Policy(processes=True, private_files=True).program(PID)


def test_what_programs_need_is_allowed(program: bytes) -> None:
    for name in (
        "read",
        "write",
        "openat",
        "mmap",
        "futex",
        "getrandom",
        "exit_group",
        "epoll_create1",
        "rt_sigreturn",
    ):
        assert decide(program, NUMBERS[name]) == seccomp.ALLOW, name


@pytest.mark.parametrize("name", [*FORBIDDEN, *COMMON])
def test_what_leads_out_is_denied(program: bytes, name: str) -> None:
    assert decide(program, (FORBIDDEN | COMMON)[name]) == DENY


def test_calls_of_the_future_and_of_other_architectures_are_refused(program: bytes) -> None:
    assert decide(program, 2000) == DENY
    assert decide(program, NUMBERS["read"] | 0x40000000) == DENY  # x32
    assert decide(program, NUMBERS["read"], architecture=0x40000003) == seccomp.KILL  # i386


def test_new_processes_only_where_they_are_allowed_and_never_with_namespaces() -> None:
    assert decide(STRICT, NUMBERS["clone"], 0x11) == DENY
    assert decide(STRICT, NUMBERS["clone"], 0x3D0F00) == seccomp.ALLOW  # a thread
    assert decide(STRICT, NUMBERS["clone"], 0x3D0F00 & ~0x10000) == DENY  # a process with the same memory
    assert decide(STRICT, NUMBERS["clone"], 0x4111) == DENY  # as vfork does
    for name in ("execve", "fork", "vfork", "setsid", "setpgid"):
        assert decide(STRICT, NUMBERS[name]) == DENY if name in NUMBERS else True
    assert decide(WIDE, NUMBERS["clone"], 0x8011) == DENY  # a child of whoever forked the run
    assert decide(WIDE, NUMBERS["clone"], 0x11) == seccomp.ALLOW
    assert decide(WIDE, NUMBERS["clone"], 0x3D0F00) == seccomp.ALLOW
    for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
        assert decide(STRICT, NUMBERS["clone"], flag | 0x3D0F00) == DENY
        assert decide(WIDE, NUMBERS["clone"], flag | 0x11) == DENY


@pytest.mark.parametrize("processes", [False, True])
def test_one_execution_is_let_through_for_who_knows_the_number(processes: bool) -> None:
    secret = 0x123456789ABCDEF0
    program = Policy(processes=processes, private_files=True).program(PID, secret)
    assert decide(program, NUMBERS["execveat"], -100, 1, 2, 3, 0, secret) == seccomp.ALLOW
    for guess in (0, secret + 1, secret + (1 << 32), secret & 0xFFFFFFFF, secret >> 32, secret ^ (1 << 63)):
        assert decide(program, NUMBERS["execveat"], -100, 1, 2, 3, 0, guess) == DENY
    assert decide(program, NUMBERS["kill"], PID, 9) == seccomp.ALLOW


def test_clone3_does_not_exist(program: bytes) -> None:
    assert decide(program, NUMBERS["clone3"]) == UNKNOWN


def test_a_lone_process_signals_only_itself() -> None:
    for name in ("kill", "tgkill"):
        assert decide(STRICT, NUMBERS[name], PID, 9) == seccomp.ALLOW
        for target in (-1, 0, 1, PID + 1, -PID):
            assert decide(STRICT, NUMBERS[name], target, 9) == DENY


def test_limits_of_other_processes_are_out_of_reach(program: bytes) -> None:
    assert decide(program, NUMBERS["prlimit64"], 0) == seccomp.ALLOW
    assert decide(program, NUMBERS["prlimit64"], PID) == seccomp.ALLOW
    assert decide(program, NUMBERS["prlimit64"], 1) == DENY


def test_the_only_socket_is_a_connected_local_stream(program: bytes) -> None:
    assert decide(program, NUMBERS["socketpair"], 1, 1 | 0o2004000) == seccomp.ALLOW
    assert decide(program, NUMBERS["socketpair"], 1, 2) == DENY
    assert decide(program, NUMBERS["socketpair"], 2, 1) == DENY


def test_descriptors_cannot_be_made_to_send_signals(program: bytes) -> None:
    for command, action in ((1, seccomp.ALLOW), (1030, seccomp.ALLOW), (8, DENY), (10, DENY), (15, DENY)):
        assert decide(program, NUMBERS["fcntl"], 3, command) == action


def test_shared_files_tell_no_run_of_another(program: bytes) -> None:
    for command in (1024, 1025, 1026, 1029, 1035, 36, 37):  # F_SETLEASE, F_GETLEASE, F_NOTIFY, F_CANCELLK, ...
        assert decide(program, NUMBERS["fcntl"], 3, command) == DENY
    for command in (5, 1030, 1031, 1032, 1033, 1034):
        assert decide(program, NUMBERS["fcntl"], 3, command) == seccomp.ALLOW
    done = seccomp.errno_action(0)
    for command in (6, 7):  # F_SETLK, F_SETLKW
        assert decide(STRICT, NUMBERS["fcntl"], 3, command) == done
        assert decide(WIDE, NUMBERS["fcntl"], 3, command) == seccomp.ALLOW
    assert decide(STRICT, NUMBERS["flock"], 3, 2) == done
    assert decide(WIDE, NUMBERS["flock"], 3, 2) == seccomp.ALLOW


@pytest.mark.parametrize("name", ["clock_gettime", "clock_getres", "clock_nanosleep"])
def test_clocks_of_other_processes_cannot_be_read(program: bytes, name: str) -> None:
    def clock(pid: int, kind: int = 2) -> int:
        return ~pid << 3 | kind

    for clock_id in (0, 1, 2, 3, 7, clock(0), clock(PID), clock(PID, 6), clock(1, 6)):
        assert decide(program, NUMBERS[name], clock_id) == seccomp.ALLOW, clock_id
    for clock_id in (clock(1), clock(PID + 1), clock(1, 0), clock(1, 1), clock(1, 3)):
        assert decide(program, NUMBERS[name], clock_id) == DENY, clock_id


def test_nothing_tells_whether_another_process_is_there(program: bytes) -> None:
    for name in ("getsid", "getpgid"):
        assert decide(program, NUMBERS[name], 0) == decide(program, NUMBERS[name], PID) == seccomp.ALLOW
        assert decide(program, NUMBERS[name], 1) == decide(program, NUMBERS[name], PID + 1) == DENY


def test_timers_that_count_for_all_processes_of_a_user_do_not_exist(program: bytes) -> None:
    assert decide(program, NUMBERS["timer_create"]) == UNKNOWN


def test_terminal_input_cannot_be_forged_and_death_signals_stay(program: bytes) -> None:
    assert decide(program, NUMBERS["ioctl"], 0, 0x5412) == DENY  # TIOCSTI
    assert decide(program, NUMBERS["ioctl"], 0, 0x5401) == seccomp.ALLOW
    assert decide(program, NUMBERS["prctl"], 1) == DENY  # PR_SET_PDEATHSIG
    assert decide(program, NUMBERS["prctl"], 15) == seccomp.ALLOW


def test_modes_and_times_of_files_are_for_private_files_only() -> None:
    shared = Policy(processes=False, private_files=False).program(PID)
    for name in ("fchmod", "fchmodat", "utimensat"):
        assert decide(shared, NUMBERS[name]) == DENY
        assert decide(STRICT, NUMBERS[name]) == seccomp.ALLOW


def test_no_two_calls_share_a_number() -> None:
    for table in (syscalls.X86_64, syscalls.AARCH64):
        assert len(set(table.values())) == len(table)
