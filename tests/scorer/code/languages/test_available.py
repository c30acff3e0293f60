"""What becomes of languages that the machine lacks, that the walls do not let work, or that nobody wants."""

import asyncio
import dataclasses

import pytest

from codaserve.v1 import scorer_pb2 as pb
from scorer.code.judge import CodeJudge
from scorer.code.languages import LANGUAGES, available, versions
from scorer.code.languages.available import Languages, obstacle
from scorer.code.languages.toolchain import Toolchain
from scorer.code.runner import Runner
from scorer.code.settings import CodeSettings
from scorer.errors import TaskError
from scorer.kernel.layers import NAMES, Layer
from scorer.sandbox.errors import SandboxError
from scorer.sandbox.pool import SlotPool
from scorer.sandbox.settings import IsolationSettings, SandboxSettings
from tests.scorer.code.conftest import NAMESPACES


def task(language: str) -> pb.CodeTask:
    return pb.CodeTask(language=language, source="x", stdio=pb.StdioTests(cases=[pb.StdioCase()]))


async def refusal(judge: CodeJudge, language: str) -> TaskError:
    with pytest.raises(TaskError) as caught:
        await judge.judge(task(language), deadline=asyncio.get_running_loop().time() + 60)
    assert (caught.value.code, caught.value.field) == (pb.FAILURE_UNSUPPORTED_LANGUAGE, "code.language")
    return caught.value


async def test_without_writable_files_only_python_is_there_and_the_remedy_is_named() -> None:
    isolation = IsolationSettings(without=NAMESPACES)
    judge = CodeJudge(CodeSettings(sandbox=SandboxSettings(slots=1, isolation=isolation)))
    await judge.start()
    try:
        await asyncio.wait_for(judge.settled(), 60)
        assert [language.name for language in judge.languages] == ["python"]
        assert {language.name for language in judge.missing_languages} == LANGUAGES.keys() - {"python"}
        assert "code.sandbox.scratch" in (await refusal(judge, "bash")).message
    finally:
        await judge.close()


async def test_languages_that_are_switched_off_are_missing_and_closing_ends_what_is_being_tried() -> None:
    judge = CodeJudge(CodeSettings(languages=("c",), sandbox=SandboxSettings(slots=1)))
    await judge.start()
    try:
        assert [language.name for language in judge.languages] == ["python"]
        missing = {language.name: language.detail for language in judge.missing_languages}
        assert "code.languages" in missing["rust"]
        assert "code.languages" in (await refusal(judge, "rust")).message
    finally:
        await asyncio.wait_for(judge.close(), 30)


async def test_a_task_waits_for_its_language_to_be_tried() -> None:
    judge = CodeJudge(CodeSettings(languages=("bash",), sandbox=SandboxSettings(slots=1)))
    await judge.start()
    try:
        verdict = await judge.judge(task("bash"), deadline=asyncio.get_running_loop().time() + 60)
        assert verdict.verifier_version.split("bash ")[1][0].isdigit()
    finally:
        await judge.close()


async def test_a_language_that_only_the_machine_kept_from_working_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(available, "_FIRST_PAUSE", 0.01)
    work = versions.version_of
    faults: list[BaseException] = [SandboxError("no slot"), TimeoutError()]

    async def version_of(toolchain: Toolchain, runner: Runner) -> str | None:
        if faults:
            raise faults.pop()
        return await work(toolchain, runner)

    monkeypatch.setattr(available, "version_of", version_of)
    judge = CodeJudge(CodeSettings(languages=("bash",), sandbox=SandboxSettings(slots=1)))
    await judge.start()
    try:
        assert "it will be tried again" in (await refusal(judge, "bash")).message
        async with asyncio.timeout(60):
            while "bash" not in [language.name for language in judge.languages]:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        assert "bash" not in [language.name for language in judge.missing_languages]
    finally:
        await judge.close()


async def test_a_sample_that_does_not_work_makes_its_language_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = dataclasses.replace(LANGUAGES["bash"], sample="echo wrong")
    failing = dataclasses.replace(LANGUAGES["javascript"], sample="throw new Error('broken')")
    found = Languages([Toolchain.find(broken, None), Toolchain.find(failing, None)])
    pool = SlotPool(SandboxSettings(slots=1), found.exposed)
    await pool.start()
    try:
        runner = Runner(pool, pb.RunLimits(**CodeSettings().compile.model_dump()), 1 << 16, True)
        found.start("3", None, runner, runner)
        await asyncio.wait_for(found.settled(), 90)
        missing = {language.name: language.detail for language in found.missing}
        assert "does not write what it should" in missing["bash"]
        if not Toolchain.find(failing, None).lacking:
            assert "Error: broken" in missing["javascript"]
    finally:
        await found.close()
        await pool.close()


def test_unknown_languages_cannot_be_configured() -> None:
    with pytest.raises(ValueError, match="no such language: cobol"):
        CodeSettings(languages=("cobol",))
    assert CodeSettings(languages=("go", "c")).languages == ("python", "c", "go")


def test_a_missing_tool_is_named() -> None:
    entry = dataclasses.replace(LANGUAGES["c"], tools=("gcc", "no-such-compiler"))
    found = Toolchain.find(entry, None)
    assert found.lacking[-1] == "no-such-compiler" and found.exposed == []


def test_values_are_put_into_commands() -> None:
    tools = {"go": "/usr/lib/go/bin/go", "go_home": "/usr/lib/go"}
    toolchain = Toolchain(LANGUAGES["go"], tools, ())
    assert toolchain.environment({}, 64 << 20)["GOMEMLIMIT"] == "64MiB"
    assert toolchain.environment({}, 0)["GOROOT"] == "/usr/lib/go"
    command = toolchain.command(("{go}", "{source}", "{unknown}", "{}"), {"source": "main.go"}, 0)
    assert command == ["/usr/lib/go/bin/go", "main.go", "{unknown}", "{}"]


@pytest.mark.parametrize(
    ("lacking", "several", "scratch", "named"),
    [
        ((), True, False, None),
        (("mount_namespace",), True, False, "code.sandbox.scratch"),
        (("mount_namespace",), True, True, None),
        (("mount_namespace", "landlock"), True, True, "code.sandbox.scratch"),
        ((), False, False, "Landlock ABI 6"),
    ],
)
def test_what_keeps_a_sandbox_from_executing(
    lacking: tuple[str, ...], several: bool, scratch: bool, named: str | None
) -> None:
    layers = [Layer(name, name not in lacking, "") for name in NAMES]
    found = obstacle(layers, several, scratch)
    assert found is None if named is None else found is not None and named in found


@pytest.mark.parametrize("entry", [entry for entry in LANGUAGES.values() if entry.tools])
def test_entries_are_complete(entry: object) -> None:
    assert isinstance(entry, type(LANGUAGES["c"]))
    names = entry.names(entry.sample)
    assert names["source"] and names["artifact"]
    assert entry.version and entry.packages and entry.sample
    assert entry.name in entry.fences or entry.name == "cpp"
    for language in LANGUAGES.values():
        assert language is entry or not language.fences & entry.fences
