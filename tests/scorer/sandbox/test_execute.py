"""Programs of other languages: compiled files from memory, tools on files in the scratch folder."""

import dataclasses
import json
import os
import shutil
import signal
from pathlib import Path

import pytest

from scorer.sandbox.artifact import Artifact
from scorer.sandbox.errors import SandboxError
from scorer.sandbox.files import Files
from scorer.sandbox.guest.execute import NOT_EXECUTABLE
from scorer.sandbox.guest.limits import Limits
from scorer.sandbox.pool import SlotPool
from scorer.sandbox.run import Request

LIMITS = Limits(
    cpu_seconds=20, wall_seconds=30, memory_bytes=1 << 30, processes=8, file_bytes=16 << 20, output_bytes=1 << 20,
    channel_bytes=1 << 16, reserve=False,
)  # fmt: skip
TREE = dataclasses.replace(LIMITS, several=True, processes=32)
CAT, SH, LS = (shutil.which(name) or "" for name in ("cat", "sh", "ls"))


def executes(
    *argv: str,
    file: str | None = None,
    artifact: Artifact | None = None,
    collect: str | None = None,
    limits: Limits = LIMITS,
    stdin: bytes | None = None,
    environment: dict[str, str] | None = None,
    files: Files | None = None,
) -> Request:
    layout = [] if files is None else files.layout
    payload = {
        "kind": "execute", "argv": list(argv), "environment": environment or {}, "file": file, "files": layout
    }  # fmt: skip
    encoded = json.dumps(payload).encode()
    return Request(encoded, stdin, limits, executes=True, artifact=artifact, collect=collect, files=files)


async def compiled(pool: SlotPool, source: str) -> Artifact:
    gcc = shutil.which("gcc")
    if gcc is None:
        pytest.skip("no C compiler")
    if not has_scratch(pool):
        pytest.skip("nothing can be compiled without a scratch folder")
    with Artifact.of(source.encode()) as text:
        path = {"PATH": "/usr/bin:/bin", "TMPDIR": "/scratch/run"}
        request = executes(gcc, "-O1", "-o", "out", "main.c", file="main.c", artifact=text, collect="out", limits=TREE,
                           environment=path)  # fmt: skip
        result = await pool.run(request)
    assert result.exit == 0, result
    assert result.artifact is not None
    return result.artifact


def has_scratch(pool: SlotPool) -> bool:
    return next(layer for layer in pool.layers if layer.name == "mount_namespace").active


async def test_a_tool_is_executed_with_its_arguments_its_environment_and_nothing_else(pool: SlotPool) -> None:
    result = await pool.run(executes(CAT, stdin=b"in"))
    assert (result.exit, result.limit, result.stdout, result.stderr) == (0, None, b"in", b"")
    result = await pool.run(executes(shutil.which("env") or "", environment={"A": "b c", "D": ""}))
    assert result.stdout == b"A=b c\nD=\n"


async def test_an_executed_program_has_three_descriptors_and_no_ignored_signals(pool: SlotPool) -> None:
    script = "for d in 0 1 2 3 4 5 6 7 8 9; do (: <&$d) 2>/dev/null && printf $d; done; kill -PIPE $$; echo here"
    result = await pool.run(executes(SH, "-c", script, limits=TREE))
    assert result.stdout == b"012"
    assert result.exit == -signal.SIGPIPE


async def test_a_program_from_memory_is_executed_also_where_no_file_may_be(pool: SlotPool) -> None:
    with Artifact.of(Path(CAT).read_bytes()) as program:
        for _ in range(3):
            result = await pool.run(executes("a name", artifact=program, stdin=b"text"))
            assert (result.exit, result.stdout, result.stderr) == (0, b"text", b"")


async def test_the_filter_opens_once(pool: SlotPool) -> None:
    """A shell that may not fork can still try to execute another program in its own place."""
    result = await pool.run(executes(SH, "-c", f"echo first; exec {CAT} /dev/null"))
    assert result.stdout == b"first\n"
    assert result.exit != 0
    assert b"not permitted" in result.stderr.lower()
    result = await pool.run(executes(SH, "-c", f"{CAT} /dev/null; echo $?", limits=TREE))
    assert (result.stdout, result.stderr) == (b"0\n", b"")


async def test_a_file_is_put_into_the_scratch_folder_and_another_collected(pool: SlotPool) -> None:
    if not has_scratch(pool):
        pytest.skip("no scratch folder")
    with Artifact.of(b"hello") as source:
        request = executes(SH, "-c", "cat in; cat in in > out", file="in", artifact=source, collect="out", limits=TREE)
        result = await pool.run(request)
    assert (result.exit, result.stdout) == (0, b"hello")
    assert result.artifact is not None
    with result.artifact as artifact:
        assert os.pread(artifact.fileno(), 99, 0) == b"hellohello"
        assert artifact.size == 10
        with pytest.raises(OSError, match="not permitted"):
            os.write(artifact.fileno(), b"x")
    with pytest.raises(ValueError, match="closed"):
        artifact.fileno()


@pytest.mark.parametrize(
    "script",
    ["ln -s /etc/ld.so.cache out", "mkdir out", "true", "echo > out; exit 3", "ln -s in out; echo > in"],
)
async def test_only_plain_files_of_successful_runs_are_collected(pool: SlotPool, script: str) -> None:
    assert (await pool.run(executes(SH, "-c", script, collect="out", limits=TREE))).artifact is None


async def test_further_files_are_put_there_byte_for_byte_and_take_nothing_from_the_scratch_space(
    pool: SlotPool,
) -> None:
    if not has_scratch(pool):
        pytest.skip("no scratch folder")
    contents = {"a": os.urandom(LIMITS.file_bytes + 1), "empty": b"", "b": b"\0/etc/passwd\n\xff"}
    own = f"head -c {LIMITS.file_bytes} /dev/zero > own && cat a empty b"
    limits = dataclasses.replace(TREE, output_bytes=2 * LIMITS.file_bytes)
    with Files(contents) as files:
        for script in (own, f"{own}; echo more > more"):
            request = executes(SH, "-c", script, limits=limits, files=files)
            result = await pool.run(request)
            assert result.stdout == b"".join(contents.values())
            assert (result.exit == 0) == (script == own)
    assert (await pool.run(executes(LS, "-a"))).stdout == b".\n..\n"


async def test_an_artifact_takes_nothing_from_the_scratch_space(pool: SlotPool) -> None:
    if not has_scratch(pool):
        pytest.skip("no scratch folder")
    content = os.urandom(LIMITS.file_bytes + (1 << 20))
    with Artifact.of(content) as source:
        script = "head -c 1000000 in > copy && cat in | tail -c 5 > out"
        result = await pool.run(executes(SH, "-c", script, file="in", artifact=source, collect="out", limits=TREE))
    assert (result.exit, result.stderr) == (0, b"")
    assert result.artifact is not None
    with result.artifact as artifact:
        assert os.pread(artifact.fileno(), 99, 0) == content[-5:]


async def test_what_was_compiled_runs_any_number_of_times(pool: SlotPool) -> None:
    source = '#include <stdio.h>\nint main(void) { int n; scanf("%d", &n); printf("%d\\n", n * n); return n % 7; }'
    with await compiled(pool, source) as program:
        for n in (3, 4, 5):
            result = await pool.run(executes("main", artifact=program, stdin=str(n).encode()))
            assert (result.exit, result.stdout) == (n % 7, f"{n * n}\n".encode())


async def test_what_cannot_be_executed_is_the_fault_of_who_made_it(pool: SlotPool) -> None:
    broken = Path(CAT).read_bytes()[:100]
    for content in (b"", b"no program", b"#!/bin/sh\necho 1\n", broken):
        with Artifact.of(content) as program:
            result = await pool.run(executes("main", artifact=program))
        assert result.exit == NOT_EXECUTABLE, content
        assert b"cannot be executed" in result.stderr


async def test_a_tool_that_cannot_be_executed_is_a_failure_of_the_service(pool: SlotPool) -> None:
    with pytest.raises(SandboxError, match="No such file"):
        await pool.run(executes("/usr/bin/no-such-tool"))
    assert (await pool.run(executes(CAT, stdin=b"x"))).stdout == b"x"


async def test_memory_counts_as_it_is_written_where_reserving_is_free(pool: SlotPool) -> None:
    source = """
        #include <stdio.h>
        #include <stdlib.h>
        #include <sys/mman.h>
        int main(void) {
            void *far = mmap(0, 1L << 36, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
            void *near = mmap(0, 2L << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            printf("%d %d\\n", far != MAP_FAILED, near != MAP_FAILED);
        }"""
    with await compiled(pool, source) as program:
        assert (await pool.run(executes("main", artifact=program))).stdout == b"1 0\n"
        reserved = dataclasses.replace(LIMITS, reserve=True)
        assert (await pool.run(executes("main", artifact=program, limits=reserved))).stdout == b"0 0\n"


@pytest.mark.parametrize("tool", ["touch -c -d @1 /proc/self/exe", "chmod 711 /proc/self/exe"])
async def test_a_program_leaves_no_marks_on_its_own_file(pool_of_one_user: SlotPool, tool: str) -> None:
    name, *arguments = tool.split()
    with Artifact.of(Path(shutil.which(name) or "").read_bytes()) as program:
        before = os.fstat(program.fileno())
        await pool_of_one_user.run(executes(name, *arguments, artifact=program))
        after = os.fstat(program.fileno())
    assert (after.st_mode, after.st_mtime_ns, after.st_ctime_ns) == (
        before.st_mode, before.st_mtime_ns, before.st_ctime_ns
    )  # fmt: skip
