"""What begins the Python programs: how they tell what they met."""

REPORT = """\
import errno, os, sys
def say(word, what):
    os.write(1, f"{word} {what}\\n".encode("ascii", "replace")[:600])
    os._exit(0)
def held(what): say("HELD", what)
def breach(what): say("BREACH", what)
def code(number): return errno.errorcode.get(number, "refused" if number is None else str(number))
def attempt(*actions):
    met = set()
    for action in actions:
        try: got = action()
        except OSError as error: met.add(code(error.errno))
        except (ImportError, AttributeError) as error: met.add(type(error).__name__)
        else: breach(f"succeeded: {str(got)[:80]}" if got is not None else "succeeded")
    held(", ".join(sorted(met)) or "nothing to try")
"""
"""`attempt` holds when each of its actions raises; an action that is no attack when it succeeds calls `held`."""

CALL = (
    REPORT
    + """\
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
def syscall(x86_64, aarch64, *arguments):
    number = {"x86_64": x86_64, "aarch64": aarch64}.get(os.uname().machine)
    if number is None: held("no such call on this machine")
    ctypes.set_errno(0)
    got = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
    return got, ctypes.get_errno()
def refused(result, *also):
    got, number = result
    if got == -1 and number in (errno.EPERM, errno.EACCES, errno.ENOSYS, *also): held(code(number))
    breach(f"returned {got}" if got != -1 else f"was let through to its arguments: {code(number)}")
"""
)
"""Makes system calls by number: `refused` holds when the kernel turned one away before it looked at its arguments."""

SCAN = """\
def pids():
    own = os.getpid()
    near = {os.getppid(), 1, *range(2, 64), *range(max(2, own - 64), own + 64)}
    try: near |= {int(name) for name in os.listdir("/proc") if name.isdigit()}
    except OSError: pass
    return sorted(near - {own, 0})
"""
"""Processes that may be there: those that /proc shows and those whose numbers are near."""
