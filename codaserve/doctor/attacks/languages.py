"""What a language other than Python has for an escape: raw system calls, child processes, files, bombs."""

# One attack a line, however long.
# ruff: noqa: E501
from codaserve.doctor.attack import CRASH, FORBIDDEN, MEMORY, OUTPUT, SHORT, TIME, Attack, Reasons
from codaserve.doctor.attack import WRONG as ALL_WRONG
from codaserve.v1 import scorer_pb2 as pb

GROUP = "languages"
WRONG = ALL_WRONG - {pb.REASON_COMPILE_ERROR}  # an attack that is no program is none
C = """\
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
static int refused(const char *what, long got) {
    if (got >= 0) { printf("BREACH %s\\n", what); fflush(stdout); _exit(0); }
    if (errno != EPERM && errno != EACCES && errno != ENOSYS && errno != ESRCH && errno != ENOENT && errno != EROFS) {
        printf("BREACH %s was let through to its arguments: %s\\n", what, strerror(errno)); fflush(stdout); _exit(0);
    }
    return errno;
}
#define HELD(number) do { printf("HELD %s\\n", strerror(number)); return 0; } while (0)
"""
JS = "const held = w => { process.stdout.write('HELD ' + w + '\\n', () => process.exit(0)); }, breach = w => { process.stdout.write('BREACH ' + w + '\\n', () => process.exit(0)); };\n"
LAYERS = ("seccomp", "mount_namespace", "landlock", "rlimits")
FORK = "long p = fork(); if (p == 0) _exit(0); "


def _native(
    name: str, tries: str, body: str, ends: Reasons = FORBIDDEN, *, limits: pb.RunLimits | None = None
) -> Attack:
    source = C + "int main(void) {\n" + body + "\n}\n"
    return Attack(GROUP, f"c: {name}", tries, source, "c", ends, LAYERS, limits=limits or pb.RunLimits())


def _program(
    language: str, name: str, tries: str, source: str, ends: Reasons = CRASH, *, limits: pb.RunLimits | None = None
) -> Attack:
    return Attack(GROUP, f"{language}: {name}", tries, source, language, ends, LAYERS, limits=limits or pb.RunLimits())


def _java(body: str) -> str:
    return (
        "import java.io.*;\nimport java.net.*;\nimport java.nio.file.*;\npublic class Main {\n public static void main(String[] a) throws Exception {\n  try {\n"
        + body
        + '\n  } catch (Throwable e) { System.out.println("HELD " + e.getClass().getSimpleName()); }\n }\n}\n'
    )


def _go(imports: str, body: str) -> str:
    return (
        'package main\n\nimport (\n\t"fmt"\n'
        + "".join(f'\t"{name}"\n' for name in imports.split())
        + ")\n\nfunc main() {\n"
        + body
        + "\n}\n"
    )


def _rust(body: str) -> str:
    return (
        "use std::io;\nfn attempt() -> io::Result<String> {\n"
        + body
        + '\n}\nfn main() { match attempt() { Ok(s) => println!("BREACH {}", s), Err(e) => println!("HELD {:?}", e.kind()) } }\n'
    )


ATTACKS = (
    _native("fork", "start a process", FORK + 'int number = refused("fork", p); HELD(number);'),
    _native("fork bomb", "start processes until it is refused, 200 at most", 'for (int i = 0; i < 200; i++) { long p = fork(); if (p == 0) { sleep(15); _exit(0); } if (p < 0) HELD(errno); }\nprintf("BREACH has 200 processes\\n"); return 0;', limits=SHORT),
    _native("raw clone", "start a process by the bare system call", 'long p = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); if (p == 0) _exit(0); int number = refused("clone", p); HELD(number);'),
    _native("socket", "open sockets", 'int kinds[] = {AF_INET, AF_INET6, AF_UNIX, AF_NETLINK, AF_PACKET, AF_VSOCK}; int number = 0; for (int i = 0; i < 6; i++) number = refused("socket", socket(kinds[i], SOCK_DGRAM, 0)); HELD(number);'),
    _native("files of the host", "read files of the host", 'const char *paths[] = {"/etc/passwd", "/etc/shadow", "/proc/1/environ", "/root/.bashrc"}; int number = 0; for (int i = 0; i < 4; i++) number = refused(paths[i], open(paths[i], O_RDONLY)); HELD(number);'),
    _native("signals", "signal others", 'int number = refused("kill(-1)", kill(-1, 0)); refused("kill(parent)", kill(getppid() ? getppid() : 1, 0)); HELD(number);'),
    _native("tracing", "trace the parent", 'int number = refused("ptrace", syscall(SYS_ptrace, 0x4206, (long)(getppid() ? getppid() : 1), 0, 0)); HELD(number);'),
    _native("privileges", "become root and leave the namespaces", 'int number = refused("setuid", syscall(SYS_setuid, 0)); refused("unshare", syscall(SYS_unshare, 0x10000000)); refused("chroot", syscall(SYS_chroot, "/")); HELD(number);'),
    _native("executing others", "become another program", 'char *args[] = {"echo", "BREACH", "became", "another", "program", 0}; char *none[] = {0}; execve("/bin/echo", args, none); HELD(errno);'),
    _native("executing the compiler", "become the compiler", 'char *args[] = {"cc", "--version", 0}; char *none[] = {"PATH=/usr/bin:/bin", 0}; freopen("/dev/null", "w", stderr); execve("/usr/bin/cc", args, none); HELD(errno);'),
    _native("io_uring and friends", "use calls that no filter sees", 'char zero[256] = {0}; int number = refused("io_uring_setup", syscall(425, 1, zero)); refused("bpf", syscall(SYS_bpf, 0, zero, 72)); refused("userfaultfd", syscall(SYS_userfaultfd, 1)); HELD(number);'),
    _native("endless loop", "compute for ever", "for (volatile long i = 0;; i++);", TIME, limits=SHORT),
    _native("memory", "allocate and touch until it is refused", 'for (long i = 0; i < 1 << 14; i++) { char *p = malloc(1 << 20); if (!p) return 3; memset(p, 1, 1 << 20); }\nprintf("BREACH holds 16 gigabytes\\n"); return 0;', MEMORY | CRASH, limits=pb.RunLimits(cpu_seconds=10, wall_seconds=20)),
    _native("stack", "recurse for ever", 'volatile char here[1 << 16]; here[0] = 1; main(); return here[0];', CRASH | MEMORY, limits=SHORT),
    _native("output", "write without end", 'static char line[65536]; for (;;) if (write(1, line, sizeof line) < 0 && errno != EINTR) return 3;', OUTPUT | CRASH, limits=SHORT),
    _native("writing code", "jump to code that it wrote, which calls by the 32-bit table", '#ifdef __x86_64__\nunsigned char code[] = {0xb8, 20, 0, 0, 0, 0xcd, 0x80, 0xc3}; void *page = mmap(0, 4096, 7, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); if (page == MAP_FAILED) HELD(errno); memcpy(page, code, sizeof code); int got = ((int (*)(void))page)(); if (got > 0) printf("BREACH call of the 32-bit table\\n"); else HELD(-got); return 0;\n#else\nHELD(ENOSYS);\n#endif', CRASH),
    _program("cpp", "shell", "start a shell", '#include <cstdio>\n#include <cstdlib>\n#include <sys/wait.h>\nint main() { int s = std::system("exit 42"); if (s != -1 && WIFEXITED(s) && WEXITSTATUS(s) == 42) puts("BREACH a shell ran"); else puts("HELD no shell"); }\n'),
    _program("cpp", "threads", "start threads until it is refused, 500 at most", '#include <cstdio>\n#include <thread>\n#include <chrono>\n#include <system_error>\nint main() { int i = 0; try { for (; i < 500; i++) std::thread([] { std::this_thread::sleep_for(std::chrono::seconds(2)); }).detach(); } catch (const std::system_error &) { printf("HELD after %d\\n", i); fflush(stdout); std::_Exit(0); } puts("BREACH has 500 threads"); fflush(stdout); std::_Exit(0); }\n', FORBIDDEN | MEMORY | CRASH),
    _program("bash", "fork bomb", "start processes until it is refused, 200 at most", 'for i in $(seq 200); do sleep 15 & done 2>/dev/null || { echo HELD; exit 0; }\n[ "$(jobs -p | wc -l)" -ge 200 ] && echo "BREACH has 200 processes" || echo HELD\nexit 0\n', WRONG, limits=SHORT),
    _program("bash", "network", "connect by /dev/tcp", "if (exec 3<>/dev/tcp/@HOST@/@PORT@) 2>/dev/null; then echo BREACH connected; else echo HELD no connection; fi\n", WRONG),
    _program("bash", "files of the host", "read files of the host", "for f in /etc/passwd /etc/shadow /proc/1/environ /root/.bashrc; do if { read -r line <$f; } 2>/dev/null; then echo BREACH read $f; exit 0; fi; done\necho HELD\n", WRONG),
    _program("bash", "signals", "signal everybody", "if kill -0 -- -1 2>/dev/null; then echo BREACH may signal everybody; else echo HELD; fi\n", WRONG),
    _program("bash", "endless loop", "compute for ever", "while :; do :; done\n", TIME, limits=SHORT),
    _program("bash", "endless text", "grow a variable for ever", "x=aaaaaaaa; while :; do x=$x$x; done\n", WRONG, limits=SHORT),
    _program("javascript", "child_process", "start a shell", JS + "try { const r = require('child_process').spawnSync('/bin/sh', ['-c', 'exit 42']); r.status === 42 ? breach('a shell ran') : held(r.error ? r.error.code : String(r.signal)); } catch (e) { held(e.code || e.name); }\n", WRONG),
    _program("javascript", "files of the host", "read files of the host", JS + "const fs = require('fs'); let done = false; for (const f of ['/etc/passwd', '/etc/shadow', '/proc/1/environ', '/root/.bashrc']) { try { fs.readFileSync(f); done = f; } catch (e) {} } done ? breach(done) : held('no file');\n", WRONG),
    _program("javascript", "network", "connect to the scorer", JS + "try { const s = require('net').connect(@PORT@, '@HOST@'); s.on('connect', () => breach('connected')); s.on('error', e => e.code === 'ECONNREFUSED' ? breach('the port was asked') : held(e.code)); } catch (e) { held(e.code || e.name); }\n", WRONG),
    _program("javascript", "bindings of the runtime", "reach the runtime's inner functions", JS + "try { const b = process.binding('spawn_sync'); const r = b.spawn({file: '/bin/sh', args: ['sh', '-c', 'exit 42'], envPairs: [], stdio: []}); r.status === 42 ? breach('a shell ran') : held(String(r.error)); } catch (e) { held(e.code || e.name); }\n", WRONG),
    _program("javascript", "signals", "signal others", JS + "try { process.kill(process.ppid || 1, 0); breach('may signal the parent'); } catch (e) { held(e.code || e.name); }\n", WRONG),
    _program("javascript", "memory", "allocate until it is refused", "const x = []; for (let i = 0; i < 300; i++) x.push(Buffer.alloc(1 << 26, 1)); process.stdout.write('BREACH holds 18 gigabytes');\n", MEMORY | CRASH | TIME, limits=pb.RunLimits(cpu_seconds=10, wall_seconds=20)),
    _program("javascript", "endless loop", "compute for ever", "for (;;);\n", TIME, limits=pb.RunLimits(cpu_seconds=2, wall_seconds=6)),
    _program("javascript", "promises without end", "never come back to the event loop", "const f = () => Promise.resolve().then(f); f();\n", TIME | MEMORY | CRASH, limits=pb.RunLimits(cpu_seconds=2, wall_seconds=6)),
    _program("typescript", "child_process", "start a shell", "declare const require: any;\nconst r: any = require('child_process').spawnSync('/bin/sh', ['-c', 'exit 42']);\nconsole.log(r.status === 42 ? 'BREACH a shell ran' : 'HELD no shell');\n", WRONG),
    _program("typescript", "files of the host", "read files of the host", "declare const require: any;\ntry { require('fs').readFileSync('/etc/passwd'); console.log('BREACH read'); } catch (e: any) { console.log('HELD ' + e.code); }\n", WRONG),
    _program("java", "Runtime.exec", "start a shell", _java('   int s = Runtime.getRuntime().exec(new String[]{"/bin/sh", "-c", "exit 42"}).waitFor(); System.out.println(s == 42 ? "BREACH a shell ran" : "HELD no shell");'), WRONG),
    _program("java", "files of the host", "read files of the host", _java('   System.out.println("BREACH " + new String(Files.readAllBytes(Paths.get("/etc/passwd"))).substring(0, 20));'), WRONG),
    _program("java", "network", "connect to the scorer", _java('   try { new Socket("@HOST@", @PORT@); System.out.println("BREACH connected"); } catch (ConnectException e) { System.out.println(String.valueOf(e.getMessage()).contains("refused") ? "BREACH the port was asked" : "HELD " + e.getMessage()); }'), WRONG),
    _program("java", "Unsafe", "write to memory that is not its own", _java('   java.lang.reflect.Field f = sun.misc.Unsafe.class.getDeclaredField("theUnsafe"); f.setAccessible(true); sun.misc.Unsafe u = (sun.misc.Unsafe) f.get(null); u.putLong(8L, 1L); System.out.println("BREACH wrote to address 8");'), WRONG),
    _program("java", "threads", "start threads until it is refused, 2,000 at most", _java('   for (int i = 0; i < 2000; i++) { Thread t = new Thread(() -> { try { Thread.sleep(3000); } catch (InterruptedException e) {} }); t.setDaemon(true); t.start(); } System.out.println("BREACH has 2000 threads"); System.out.flush(); Runtime.getRuntime().halt(0);'), WRONG),
    _program("java", "memory", "allocate until it is refused", _java('   java.util.List<byte[]> x = new java.util.ArrayList<>(); for (int i = 0; i < 1 << 14; i++) x.add(new byte[1 << 20]); System.out.println("BREACH holds 16 gigabytes");'), WRONG, limits=pb.RunLimits(cpu_seconds=10, wall_seconds=20)),
    _program("java", "loading a library", "load a native library of the host and start a shell with it", _java('   System.load("/lib/x86_64-linux-gnu/libc.so.6"); Process p = new ProcessBuilder("/bin/echo").start(); System.out.println("BREACH a process was started");'), WRONG),
    _program("go", "os/exec", "start a shell", _go("os/exec", '\terr := exec.Command("/bin/sh", "-c", "exit 42").Run()\n\tif e, ok := err.(*exec.ExitError); ok && e.ExitCode() == 42 {\n\t\tfmt.Println("BREACH a shell ran")\n\t} else {\n\t\tfmt.Println("HELD", err)\n\t}'), WRONG),
    _program("go", "raw system calls", "make system calls past the standard library", _go("syscall", '\t_, _, e := syscall.RawSyscall(syscall.SYS_SOCKET, 2, 1, 0)\n\tif e == 0 {\n\t\tfmt.Println("BREACH a socket")\n\t\treturn\n\t}\n\tif g := syscall.Kill(-1, 0); g == nil {\n\t\tfmt.Println("BREACH may signal everybody")\n\t\treturn\n\t}\n\tfmt.Println("HELD", e)'), WRONG),
    _program("go", "files of the host", "read files of the host", _go("os", '\tfor _, f := range []string{"/etc/passwd", "/etc/shadow", "/proc/1/environ"} {\n\t\tif _, err := os.ReadFile(f); err == nil {\n\t\t\tfmt.Println("BREACH read", f)\n\t\t\treturn\n\t\t}\n\t}\n\tfmt.Println("HELD")'), WRONG),
    _program("go", "goroutines", "start routines that never end", _go("time", '\tfor i := 0; i < 100000000; i++ {\n\t\tgo func() { time.Sleep(time.Hour) }()\n\t}\n\tfmt.Println("BREACH has 100 million routines")'), WRONG, limits=pb.RunLimits(cpu_seconds=2, wall_seconds=6)),
    _program("rust", "Command", "start a shell", _rust('    let s = std::process::Command::new("/bin/sh").args(["-c", "exit 42"]).status()?;\n    if s.code() == Some(42) { Ok("a shell ran".into()) } else { Err(io::Error::new(io::ErrorKind::Other, "no shell")) }'), WRONG),
    _program("rust", "files of the host", "read files of the host", _rust('    std::fs::read_to_string("/etc/passwd")'), WRONG),
    _program("rust", "network", "connect to the scorer", _rust('    match std::net::TcpStream::connect("@HOST@:@PORT@") { Ok(_) => Ok("connected".into()), Err(e) if e.kind() == io::ErrorKind::ConnectionRefused => Ok("the port was asked".into()), Err(e) => Err(e) }'), WRONG),
    _program("rust", "unsafe code", "write to memory that is not its own", "fn main() { unsafe { std::ptr::write_volatile(8 as *mut u64, 1); } println!(\"BREACH wrote to address 8\"); }\n", WRONG),
)  # fmt: skip
