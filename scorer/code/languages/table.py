"""The table of languages. A new one is an entry here, a test file and nothing else; docs/languages.md says how."""

import re

from scorer.code.languages import golang, java, javascript
from scorer.code.languages.entry import LanguageEntry, fixed

_MEBIBYTE = 1 << 20

_PYTHON = LanguageEntry(name="python", fences=frozenset({"python", "python3", "py", "py3"}))

_C = LanguageEntry(
    name="c",
    fences=frozenset({"c"}),
    tools=("gcc",),
    packages="gcc libc6-dev",
    version=("{gcc}", "-dumpfullversion"),
    names=fixed("main.c", "program"),
    compile=("{gcc}", "-O2", "-std=c17", "-D_GNU_SOURCE", "-pipe", "-w", "-o", "{artifact}", "{source}", "-lm"),
    sample='#include <stdio.h>\n#include <math.h>\nint main(int n, char **v) { puts(sqrt(n) ? "ok" : ""); }\n',
)

_CPP = LanguageEntry(
    name="cpp",
    fences=frozenset({"cpp", "c++", "cc", "cxx"}),
    tools=("g++",),
    packages="g++",
    version=("{g++}", "-dumpfullversion"),
    names=fixed("main.cpp", "program"),
    compile=("{g++}", "-O2", "-std=c++20", "-pipe", "-w", "-o", "{artifact}", "{source}"),
    out_of_memory=("std::bad_alloc",),
    refused=("std::system_error", "Operation not permitted"),
    complaint=re.compile(r"what\(\):|Assertion"),
    sample='#include <iostream>\nint main() { std::cout << "ok" << std::endl; }\n',
)

_JAVA = LanguageEntry(
    name="java",
    fences=frozenset({"java"}),
    tools=("javac", "java"),
    packages="openjdk-17-jdk-headless",
    version=("{javac}", "-version"),
    names=java.names,
    # One virtual machine for the compiler; the archive is put together by an interpreter, which starts far faster.
    compile=(
        *("/bin/sh", "-c", '"$@" && exec "$PACK_WITH" -I -S -c "$PACK"', "sh", "{javac}"),
        *("-J-XX:+UseSerialGC", "-J-XX:TieredStopAtLevel=1", "-J-XX:-UsePerfData", "-J-Xss16m", "-J-Xmx768m"),
        *("-encoding", "UTF-8", "-nowarn", "-proc:none", "-d", "classes", "{source}"),
    ),
    run=(
        *("{java}", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-XX:ReservedCodeCacheSize=64m", "-Xshare:auto"),
        *("-Xmx{memory_mb}m", "-Xss32m", "-Djava.io.tmpdir=.", "-Dfile.encoding=UTF-8", "-jar", "{artifact}"),
    ),
    # The launcher finds its library through /proc, which not every machine gives.
    environment={"LD_LIBRARY_PATH": "{java_home}/lib", "PACK_WITH": "{python}", "PACK": java.PACK},
    exposed=("/etc/java-*-openjdk",),
    threads=24,
    startup_seconds=0.3,
    overhead_bytes=768 * _MEBIBYTE,
    reserve=False,
    out_of_memory=("java.lang.OutOfMemoryError", "insufficient memory for the Java Runtime"),
    refused=("java.net.SocketException: Operation not permitted", "error=1, Operation not permitted"),
    complaint=re.compile(r"^(Exception in thread|Error: |Caused by: )"),
    sample='public class Sample { public static void main(String[] a) { System.out.println("ok"); } }\n',
)

_NODE = {
    "version": ("{node}", "--version"),
    "exposed": ("/etc/ssl/openssl.cnf",),  # it does not start where this is there but cannot be read
    "run": ("{node}", "--max-old-space-size={memory_mb}", "--stack-size=32000", "{artifact}"),
    "threads": 16,
    "startup_seconds": 0.1,
    "overhead_bytes": 512 * _MEBIBYTE,
    "reserve": False,
    "out_of_memory": ("JavaScript heap out of memory", "Array buffer allocation failed", "Out of memory"),
    "refused": ("EPERM", "EACCES"),
    "complaint": re.compile(r"^(Uncaught )?\w*(Error|Exception)\b"),
}

_JAVASCRIPT = LanguageEntry(
    name="javascript",
    fences=frozenset({"js", "javascript", "node", "nodejs", "mjs", "cjs"}),
    tools=("node",),
    packages="nodejs",
    names=javascript.script_names,
    compile=("{node}", "--check", "{source}"),
    sample="import fs from 'fs';\nfs.writeSync(1, 'ok');\n",
    **_NODE,  # type: ignore[arg-type]
)

_TYPESCRIPT = LanguageEntry(
    name="typescript",
    fences=frozenset({"ts", "typescript", "mts", "cts"}),
    tools=("esbuild", "node"),
    packages="esbuild nodejs",
    names=javascript.typed_names,
    # Types are removed and not checked: that needs the types of Node.js, which programs do not bring along.
    compile=(
        *("{esbuild}", "{source}", "--outfile={artifact}", "--format={format}", "--platform=node", "--target=node18"),
        *("--log-level=error", "--log-limit=10", "--color=false"),
    ),
    sample="import * as fs from 'fs';\nenum Word { ok = 'ok' }\nfs.writeSync(1, Word.ok as string);\n",
    **_NODE,  # type: ignore[arg-type]
)

_GO = LanguageEntry(
    name="go",
    fences=frozenset({"go", "golang"}),
    tools=("go",),
    packages="golang-go",
    version=("{go}", "version"),
    names=fixed("main.go", "program"),
    compile=("/bin/sh", "-c", golang.BUILD, "{go}", "{source}", "{artifact}"),
    environment={"GOROOT": "{go_home}", "GOTOOLCHAIN": "local", "GOMEMLIMIT": "{memory_mb}MiB"},
    threads=16,
    overhead_bytes=256 * _MEBIBYTE,
    reserve=False,
    out_of_memory=("runtime: out of memory", "cannot allocate memory"),
    refused=("operation not permitted", "permission denied"),
    complaint=re.compile(r"^(panic: |fatal error: )"),
    sample='package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("ok") }\n',
)

_RUST = LanguageEntry(
    name="rust",
    fences=frozenset({"rust", "rs"}),
    tools=("rustc", "gcc"),
    packages="rustc gcc libc6-dev",
    version=("{rustc}", "--version"),
    names=fixed("main.rs", "program"),
    compile=(
        *("{rustc}", "-O", "--edition", "2021", "--cap-lints", "allow", "-C", "linker={gcc}", "--color", "never"),
        *("-C", "strip=symbols", "-C", "codegen-units=1", "--crate-name", "main", "-o", "{artifact}", "{source}"),
    ),
    out_of_memory=("memory allocation of",),
    refused=("kind: PermissionDenied",),
    complaint=re.compile(r"^thread '.*' .*panicked at"),
    sample='fn main() { println!("ok"); }\n',
)

_BASH = LanguageEntry(
    name="bash",
    fences=frozenset({"bash", "sh", "shell"}),
    tools=("bash",),
    packages="bash",
    version=("{bash}", "-c", "echo $BASH_VERSION"),
    names=fixed("program.sh", "program.sh"),
    compile=("{bash}", "--norc", "--noprofile", "-n", "{source}"),
    run=("{bash}", "--norc", "--noprofile", "{artifact}"),
    exposed=("/etc/alternatives",),
    out_of_memory=("cannot allocate",),
    refused=("Operation not permitted", "Permission denied"),
    sample="echo ok\n",
)

LANGUAGES = {entry.name: entry for entry in (_PYTHON, _C, _CPP, _JAVA, _JAVASCRIPT, _TYPESCRIPT, _GO, _RUST, _BASH)}
