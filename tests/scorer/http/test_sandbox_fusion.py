"""SandboxFusion's `/run_code`, with real runs."""

import asyncio
from typing import Any

import pytest

from codaserve.serving.refusal import Refused
from codaserve.v1 import scorer_pb2 as pb
from scorer.code.execution import Executed
from scorer.code.reasons import Finding
from scorer.http import sandbox_fusion
from scorer.http.sandbox_fusion import reply_to
from scorer.sandbox.run import Limit, Result
from tests.codaserve.serving.http.asking import LONG, request
from tests.scorer.http.conftest import Scorer

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def run(scorer: Scorer, code: str, language: str = "python", **more: Any) -> Any:
    body = {"code": code, "language": language, "compile_timeout": 20, "run_timeout": 20, **more}
    heard = await scorer.server.post("/run_code", body)
    assert heard.status == 200, heard
    return heard.value


async def test_ping(scorer: Scorer) -> None:
    heard = await scorer.server.get("/v1/ping")
    assert (heard.status, heard.value) == (200, "pong")


async def test_a_python_program_runs_as_it_is(scorer: Scorer) -> None:
    code = "import sys\nprint(input() + 'ß')\nprint('e', file=sys.stderr)"
    answer = await run(scorer, code, stdin="hé\n", files={}, fetch_files=[])
    took = answer["run_result"].pop("execution_time"), answer["run_result"].pop("cpu_time")
    assert all(seconds > 0 for seconds in took)
    assert answer == {
        "status": "Success",
        "message": "",
        "compile_result": None,
        "run_result": {"status": "Finished", "return_code": 0, "stdout": "héß\n", "stderr": "e\n"},
        "executor_pod_name": None,
        "files": {},
    }


@pytest.mark.parametrize(
    ("code", "return_code", "stderr"),
    [
        ("print(1); raise KeyError('k')", 1, "KeyError: 'k'"),
        ("print(1); import sys; sys.exit(3)", 3, ""),
        ("print(1); def", 1, "SyntaxError"),
        ("print(1, flush=True); import os; os.abort()", -6, "SIGABRT"),
        ("print(1); import os; os.fork()", 1, "PermissionError"),
        ("print(1); x = bytearray(10**12)", 1, "MemoryError"),
    ],
)
async def test_how_programs_fail(scorer: Scorer, code: str, return_code: int, stderr: str) -> None:
    answer = await run(scorer, code)
    assert (answer["status"], answer["message"]) == ("Failed", "")
    assert answer["run_result"]["status"] == "Finished"
    assert answer["run_result"]["return_code"] == return_code
    assert stderr in answer["run_result"]["stderr"]
    assert answer["run_result"]["stdout"] == ("" if "SyntaxError" in stderr else "1\n")


async def test_a_program_that_takes_too_long_keeps_what_it_wrote(scorer: Scorer) -> None:
    # It sleeps: a busy machine cannot be to blame.
    code = "print('so far', flush=True)\nimport time; time.sleep(100)"
    answer = await run(scorer, code, run_timeout=3)
    assert answer["status"] == "Failed"
    result = answer["run_result"]
    assert (result["status"], result["return_code"], result["stdout"]) == ("TimeLimitExceeded", None, "so far\n")


async def test_a_program_that_writes_too_much_has_failed(scorer: Scorer) -> None:
    answer = await run(scorer, "while True: print('x' * 1000)")
    assert (answer["status"], answer["run_result"]["status"]) == ("Failed", "Finished")
    assert answer["run_result"]["return_code"] != 0
    assert "bytes of output" in answer["run_result"]["stderr"]


async def test_bytes_that_are_no_text_are_shown_as_well_as_can_be(scorer: Scorer) -> None:
    answer = await run(scorer, "import sys; sys.stdout.buffer.write(b'a\\xffb\\x00')")
    assert answer["run_result"]["stdout"] == "a\ufffdb\x00"


async def test_compiled_languages_say_how_compiling_ended(scorer: Scorer) -> None:
    good = await run(
        scorer, "#include <iostream>\nint main() { int a; std::cin >> a; std::cout << 2 * a; }", "cpp", stdin="21"
    )
    assert (good["status"], good["run_result"]["stdout"]) == ("Success", "42")
    assert (good["compile_result"]["status"], good["compile_result"]["return_code"]) == ("Finished", 0)
    broken = await run(scorer, "int main() { return x; }", "cpp")
    assert (broken["status"], broken["run_result"]) == ("Failed", None)
    assert broken["compile_result"]["return_code"] == 1
    assert "not declared" in broken["compile_result"]["stderr"]


async def test_time_limits_are_told_of_compilers_and_programs_alike() -> None:
    result = Result(-9, Limit.CPU, b"a", b"", b"", 1.0, 2.0, 3)
    ran = reply_to("cpp", Executed(False, result, Finding(pb.REASON_TIME_LIMIT, "not done"), 0.5))
    assert (ran.status, ran.run_result and ran.run_result.status) == ("Failed", "TimeLimitExceeded")
    assert ran.compile_result is not None
    assert (ran.compile_result.status, ran.compile_result.execution_time) == ("Finished", 0.5)
    compiled = reply_to("cpp", Executed(True, result, Finding(pb.REASON_COMPILE_ERROR, "not done"), 0.5))
    assert (compiled.status, compiled.run_result, compiled.compile_result) == ("Failed", None, ran.run_result)


async def test_scripts_start_programs_and_are_only_checked_before(scorer: Scorer) -> None:
    good = await run(scorer, "read line; echo $line | tr a-z A-Z; exit 4", "bash", stdin="abc\n")
    assert (good["status"], good["compile_result"]) == ("Failed", None)
    assert (good["run_result"]["return_code"], good["run_result"]["stdout"]) == (4, "ABC\n")
    broken = await run(scorer, "if true; then", "bash")
    assert (broken["status"], broken["compile_result"]) == ("Failed", None)
    assert broken["run_result"]["return_code"] != 0
    assert "syntax error" in broken["run_result"]["stderr"]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"language": "cobol"}, "language"),
        ({"language": "php"}, "language"),
        ({"language": 1}, "language"),
        ({"code": None}, "code"),
        ({"run_timeout": 0}, "run_timeout"),
        ({"run_timeout": 1000}, "run_timeout"),
        ({"run_timeout": "NaN"}, "run_timeout"),
        ({"language": "cpp", "compile_timeout": 1000}, "compile_timeout"),
        ({"memory_limit_MB": 10**6}, "memory_limit_MB"),
        ({"files": {"a": "YQ=="}}, "files"),
        ({"fetch_files": ["a"]}, "fetch_files"),
        ({"stdin": 1}, "stdin"),
    ],
)
async def test_requests_that_cannot_be_met_are_told_as_fastapi_tells_them(
    scorer: Scorer, more: dict[str, Any], field: str
) -> None:
    heard = await scorer.server.post("/run_code", {"code": "pass", "language": "python", **more})
    assert heard.status == 422
    assert heard.value["detail"][0]["loc"] == ["body", field]


async def test_a_memory_limit_is_kept(scorer: Scorer) -> None:
    code = "x = bytearray(400 << 20)"
    assert (await run(scorer, code, memory_limit_MB=1024))["status"] == "Success"
    assert "MemoryError" in (await run(scorer, code, memory_limit_MB=256))["run_result"]["stderr"]
    assert (await run(scorer, "pass", memory_limit_MB=8))["status"] == "Success"


async def test_what_can_pass_is_a_sandbox_error_that_verl_sends_again(
    scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox_fusion, "PATIENCE_SECONDS", 0.2)
    body = {"code": "pass", "language": "python", "run_timeout": 60}
    assert scorer.engine.room.items.try_admit(40)
    try:
        full = await scorer.server.post("/run_code", body)
    finally:
        scorer.engine.room.items.withdraw(40)
    scorer.engine.draining = True
    try:
        stopping = await scorer.server.post("/run_code", body)
        assert (await scorer.server.get("/v1/ping")).status == 504
    finally:
        scorer.engine.draining = False
    for heard in (full, stopping):
        assert (heard.status, heard.value["status"]) == (504, "SandboxError")
        assert heard.value["message"]
        assert heard.value["run_result"] is None


async def test_a_run_waits_for_room_in_a_full_queue(scorer: Scorer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox_fusion, "PATIENCE_SECONDS", LONG)
    found_full = asyncio.Event()
    admit = scorer.engine.admit

    def watched(*arguments: Any, **keywords: Any) -> list[int]:
        try:
            return admit(*arguments, **keywords)
        except Refused:
            found_full.set()
            raise

    monkeypatch.setattr(scorer.engine, "admit", watched)
    assert scorer.engine.room.items.try_admit(40)
    try:
        running = asyncio.create_task(run(scorer, "print(1)"))
        await asyncio.wait_for(found_full.wait(), LONG)
    finally:
        scorer.engine.room.items.withdraw(40)
    assert (await running)["run_result"]["stdout"] == "1\n"


async def test_a_language_that_is_missing_here_is_a_sandbox_error(scorer: Scorer) -> None:
    answer = await run(scorer, "fn main() {}", "rust")
    assert (answer["status"], answer["run_result"]) == ("SandboxError", None)
    assert "rust" in answer["message"]


async def test_a_client_that_leaves_ends_its_run_and_frees_the_slot(scorer: Scorer) -> None:
    body = b'{"code": "import time; time.sleep(60)", "language": "python", "run_timeout": 60}'
    lines = [await scorer.server.call() for _ in range(6)]  # more than there are slots
    for line in lines:
        await line.send(request("POST", "/run_code", body))
    async with asyncio.timeout(LONG):
        while scorer.engine.room.items.depth < 6:  # noqa: ASYNC110 - the engine is asked
            await asyncio.sleep(0.01)
    for line in lines:
        await line.hang_up()
    assert (await run(scorer, "print(1)"))["status"] == "Success"


async def test_many_at_once_get_each_its_own_answer(scorer: Scorer) -> None:
    answers = await asyncio.gather(*(run(scorer, f"print({number} ** 2)") for number in range(36)))
    assert [answer["run_result"]["stdout"] for answer in answers] == [f"{number**2}\n" for number in range(36)]
