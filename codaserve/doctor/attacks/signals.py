"""Programs that signal others or dodge the signals that end them. Nothing but signal 0 is sent to others."""

# One attack a line, however long.
# ruff: noqa: E501
from codaserve.doctor.attack import BRIEF, CRASH, SHORT, TIME, Attack
from codaserve.doctor.prelude import CALL, REPORT, SCAN
from codaserve.v1 import scorer_pb2 as pb

GROUP = "signals"
OTHERS = ("seccomp", "landlock", "pid_namespace", "dropped_privileges")
EVERYONE = (
    REPORT
    + SCAN
    + "met = {}\nfor pid in pids():\n    try: os.kill(pid, 0)\n    except OSError as error: met[code(error.errno)] = met.get(code(error.errno), 0) + 1\n    else: breach(f'may signal process {pid}')\nheld(', '.join(sorted(met)))"
)
FEW = pb.RunLimits(cpu_seconds=2, wall_seconds=5, processes=4)

ATTACKS = (
    Attack(GROUP, "parent", "signal the parent", REPORT + "attempt(lambda: os.kill(os.getppid() or 1, 0))", layers=OTHERS),
    Attack(GROUP, "first process", "signal process 1", REPORT + "attempt(lambda: os.kill(1, 0))", layers=OTHERS),
    Attack(GROUP, "everything at once", "signal every process that may be reached", REPORT + "attempt(lambda: os.kill(-1, 0))", layers=OTHERS),
    Attack(GROUP, "every process one by one", "signal each process that may exist", EVERYONE, layers=OTHERS),
    Attack(GROUP, "group", "signal the group of the parent", REPORT + "own = os.getpgrp()\ntry: group = os.getpgid(os.getppid() or 1)\nexcept OSError as error: held(code(error.errno))\nif group in (0, own): held('no other group')\nattempt(lambda: os.killpg(group, 0))", layers=OTHERS),
    Attack(GROUP, "by thread", "signal the parent by tkill", CALL + "refused(syscall(200, 130, os.getppid() or 1, 0), errno.ESRCH)", layers=OTHERS),
    Attack(GROUP, "by queue", "signal the parent by rt_sigqueueinfo", CALL + "info = ctypes.create_string_buffer(128)\ninfo[8:12] = (-1).to_bytes(4, 'little', signed=True)\nrefused(syscall(129, 138, os.getppid() or 1, 0, info), errno.ESRCH)", layers=OTHERS),
    Attack(GROUP, "by descriptor", "open the parent as a descriptor and signal it", CALL + "got, number = syscall(434, 434, os.getppid() or 1, 0)\nif got == -1: refused((got, number), errno.ESRCH, errno.EINVAL)\nrefused(syscall(424, 424, got, 0, 0, 0), errno.ESRCH)", layers=OTHERS),
    Attack(GROUP, "by input and output", "have the kernel signal the parent when a descriptor is ready", REPORT + "import fcntl\nr, w = os.pipe()\ntry: fcntl.fcntl(r, fcntl.F_SETOWN, os.getppid() or 1)\nexcept OSError as error: held(code(error.errno))\nif fcntl.fcntl(r, fcntl.F_GETOWN) not in (0,) : breach('chose who is signalled')\nheld('nobody is there')", layers=OTHERS),
    Attack(GROUP, "by the end of its parent", "ask to be told of the end of its parent", CALL + "refused(syscall(157, 167, 1, 10, 0, 0, 0))", layers=("seccomp",)),
    Attack(GROUP, "stopping itself", "stop so that it never ends", "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", ends=TIME | CRASH, limits=BRIEF, layers=("supervision",)),
    Attack(GROUP, "ignoring", "ignore every signal", "import signal\nfor s in range(1, 65):\n    try: signal.signal(s, signal.SIG_IGN)\n    except (OSError, ValueError): pass\nwhile True: pass", ends=TIME, limits=SHORT, layers=("supervision",)),
    Attack(GROUP, "blocking", "block every signal", "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\nwhile True: pass", ends=TIME, limits=SHORT, layers=("supervision",)),
    Attack(GROUP, "handler that goes on", "handle the signals of the limits and go on", "import signal\nfor s in (signal.SIGXCPU, signal.SIGTERM, signal.SIGALRM, signal.SIGXFSZ): signal.signal(s, lambda *a: None)\nwhile True: pass", ends=TIME, limits=SHORT, layers=("supervision", "rlimits")),
    Attack(GROUP, "storm", "signal itself without end", "import signal\nsignal.signal(signal.SIGALRM, lambda *a: None)\nsignal.setitimer(signal.ITIMER_REAL, 1e-6, 1e-6)\nwhile True: pass", ends=TIME | CRASH, limits=SHORT, layers=("supervision", "rlimits")),
    Attack(GROUP, "tree: everything at once", "with processes: signal every process that may be reached and is not its own", EVERYONE, layers=OTHERS[1:], profile=pb.PROFILE_PROC, limits=FEW),
)  # fmt: skip
