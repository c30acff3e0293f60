"""Judges code tasks: finds the program, runs it by the kind of its tests, sums up."""

import asyncio

import codaserve
from codaserve.v1 import scorer_pb2 as pb
from scorer.code import executed_checker, python_checker, validate
from scorer.code.asserts import judge_asserts
from scorer.code.calls import judge_calls
from scorer.code.checker import Checker
from scorer.code.compile import compile_program
from scorer.code.compiled import CompiledPrograms
from scorer.code.executed_checker import ExecutedChecker
from scorer.code.execution import Executed, Execution, run_once
from scorer.code.extract import Program, extract_program
from scorer.code.languages import LANGUAGES, LanguageEntry
from scorer.code.languages.available import Languages, obstacle
from scorer.code.languages.program import Program as ReadyProgram
from scorer.code.languages.program import PythonProgram
from scorer.code.languages.toolchain import Toolchain
from scorer.code.python_checker import PythonChecker
from scorer.code.runner import Account, Runner, Together, off_the_loop
from scorer.code.settings import CodeSettings
from scorer.code.stdio import judge_stdio
from scorer.code.tally import Tally
from scorer.code.wanted import wanted_names
from scorer.errors import DeadlineExceeded
from scorer.sandbox.pool import SlotPool

_STDIO_CHANNEL_BYTES = 64 << 10
_BYTE_ORDER_MARK = "\ufeff"


class CodeJudge:
    """Judges any number of tasks at once; as many runs as there are slots go on at one time."""

    def __init__(self, settings: CodeSettings) -> None:
        self._settings = settings
        self.default_run = pb.RunLimits(**settings.default_run.model_dump())
        """Limits of a run that does not ask for others."""
        self.max_run = pb.RunLimits(**settings.max_run.model_dump())
        """The most that a run may ask for."""
        self.max_compile = pb.RunLimits(**settings.compile.model_dump())
        """The most that a compiler's run may take."""
        self._languages = Languages(
            Toolchain.find(LANGUAGES[name], settings.sandbox.python) for name in settings.languages
        )
        self._pool = SlotPool(settings.sandbox, self._languages.exposed)
        self._checkers = CompiledPrograms()

    async def start(self) -> None:
        """Starts the sandbox; languages other than Python are tried in the background.

        Raises:
            SandboxError: It cannot be started; IsolationError when a required layer cannot be had.
        """
        await self._pool.start()
        running = Runner(self._pool, self.default_run, _STDIO_CHANNEL_BYTES)
        unusable = obstacle(self._pool.layers, self._pool.several, bool(self._settings.sandbox.scratch))
        self._languages.start(self._pool.python_version, unusable, self._compiling(Account()), running)

    async def close(self) -> None:
        """Ends all runs and the sandbox."""
        await self._languages.close()
        await self._pool.close()
        self._checkers.close()

    @property
    def slots(self) -> int:
        """Runs at one time."""
        return self._pool.size

    @property
    def is_warm(self) -> bool:
        """Whether there is a slot."""
        return self._pool.is_warm

    @property
    def languages(self) -> list[pb.Language]:
        """Languages that programs may be in; Python is known after `start`, the others when they were tried."""
        return self._languages.available

    @property
    def missing_languages(self) -> list[pb.Language]:
        """Languages that cannot be used here, or were not tried yet, and why."""
        return self._languages.missing

    async def settled(self) -> None:
        """Returns when every language was tried."""
        await self._languages.settled()

    @property
    def preloaded(self) -> list[str]:
        """Packages that Python programs find loaded, with their versions; known after `start`."""
        return self._pool.preloaded

    @property
    def isolation(self) -> list[pb.IsolationLayer]:
        """Layers of isolation; known after `start`."""
        return [
            pb.IsolationLayer(name=layer.name, active=layer.active, detail=layer.detail) for layer in self._pool.layers
        ]

    @property
    def profiles(self) -> list["pb.Profile"]:
        """Profiles that programs may have here; known after `start`."""
        return [pb.PROFILE_CALC, pb.PROFILE_PROC] if self._pool.several else [pb.PROFILE_CALC]

    def _compiling(self, account: Account) -> Runner:
        """Performs the runs of compilers."""
        return Runner(self._pool, self.max_compile, _STDIO_CHANNEL_BYTES, True, account, phase="compile")

    def _together(self) -> Together:
        return Together(self._settings.max_idle_seconds, self._settings.max_item_seconds)

    async def _ready(self, language: LanguageEntry, source: str, account: Account) -> ReadyProgram:
        """The program as tests on standard input and output run it, to be closed. Raises as `judge` does."""
        toolchain = await self._languages.get(language.name)
        if language.name == "python":
            return PythonProgram(source)
        return await compile_program(toolchain, source, self._compiling(account))

    async def judge(self, task: pb.CodeTask, *, deadline: float) -> pb.Verdict:
        """The verdict on a task. Cancelling the awaiting task ends its run.

        Args:
            task: What to judge.
            deadline: Seconds of the running loop's `time()`.

        Raises:
            TaskError: The task is malformed.
            DeadlineExceeded: There was no verdict by the deadline.
            SandboxError: Runs cannot be performed.
        """
        language = validate.check_language(task)
        await off_the_loop(task.ByteSize(), lambda: validate.check_task(task, self._settings.max_cases))
        validate.check_profile(task, self.profiles)
        limits = validate.resolve_limits(task.limits, self.default_run, self.max_run)
        program = await self._find(task, language)
        kind = task.WhichOneof("tests") or ""
        account = Account()
        if program is None:
            verdict = pb.Verdict(
                correct=False, score=0.0, reason=pb.REASON_NO_ANSWER, detail="there is no program in the submission"
            )
        else:
            channel_bytes = _STDIO_CHANNEL_BYTES if kind == "stdio" else self._settings.max_value_bytes
            several = task.profile == pb.PROFILE_PROC
            runner = Runner(self._pool, limits, channel_bytes, several, account, self._together())
            try:
                async with asyncio.timeout_at(deadline):
                    # The interpreter skips the mark in a file, but not in a text.
                    source = program.source.removeprefix(_BYTE_ORDER_MARK)
                    verdict = (await self._run(task, language, source, runner)).verdict()
            except TimeoutError:
                raise DeadlineExceeded("the deadline passed before all runs were done") from None
            verdict.extraction_rule = program.rule
        verdict.matched_rule = kind
        verdict.shared_process = kind == "asserts" and task.asserts.shared_process
        verdict.wall_seconds = account.wall_seconds
        verdict.cpu_seconds = account.cpu_seconds
        verdict.peak_memory_bytes = account.peak_memory_bytes
        version = self._languages.version(language.name)
        verdict.verifier_version = f"codaserve {codaserve.__version__}, {language.name} {version}"
        return verdict

    async def execute(self, execution: Execution, *, deadline: float) -> Executed:
        """Runs a program and judges nothing. Cancelling the awaiting task ends its run.

        Args:
            execution: What to run; its limits are within those of the server.
            deadline: Seconds of the running loop's `time()`.

        Raises:
            TaskError: The language cannot be used.
            DeadlineExceeded: The run was not over by the deadline.
            MachineLoaded: The machine slowed it twice.
            SandboxError: Runs cannot be performed.
        """
        account = Account()
        limits = validate.resolve_limits(execution.compiling, self.max_compile, self.max_compile)
        compiling = Runner(self._pool, limits, _STDIO_CHANNEL_BYTES, True, account)
        running = Runner(
            self._pool,
            validate.resolve_limits(execution.running, self.default_run, self.max_run),
            _STDIO_CHANNEL_BYTES,
            execution.several,
        )
        source = execution.source.removeprefix(_BYTE_ORDER_MARK)
        try:
            async with asyncio.timeout_at(deadline):
                toolchain = await self._languages.get(execution.language, "language")
                if execution.language == "python":
                    return await run_once(PythonProgram(source), execution.stdin, running, 0.0)
                ready = await compile_program(toolchain, source, compiling)
                try:
                    return await run_once(ready, execution.stdin, running, account.wall_seconds)
                finally:
                    ready.close()
        except TimeoutError:
            raise DeadlineExceeded("the deadline passed before the run was over") from None

    async def _find(self, task: pb.CodeTask, language: LanguageEntry) -> Program | None:
        if task.WhichOneof("submission") == "source":
            return Program(task.source, "given") if task.source.strip() else None
        size = len(task.response) + len(task.asserts.script)
        return await off_the_loop(size, lambda: extract_program(task.response, language, wanted_names(task)))

    async def _run(self, task: pb.CodeTask, language: LanguageEntry, source: str, runner: Runner) -> Tally:
        checker = await self._checker(task, runner.account)
        ready = await self._ready(language, source, runner.account)
        try:
            match task.WhichOneof("tests"):
                case "stdio":
                    return await judge_stdio(task, ready, runner, checker)
                case "calls":
                    return await judge_calls(task, source, runner, checker)
                case _:
                    return await judge_asserts(task, source, runner)
        finally:
            ready.close()
            if checker is not None:
                checker.close()

    async def _checker(self, task: pb.CodeTask, account: Account) -> Checker | None:
        """The checker of a task's tests, which holds nothing yet. Raises TaskError if its language is missing."""
        kind = task.WhichOneof("tests") or ""
        tests = task.calls if kind == "calls" else task.stdio
        if kind == "asserts" or not tests.HasField("checker"):
            return None
        source, field = tests.checker.source, f"code.{kind}.checker"
        toolchain = await self._languages.get(tests.checker.language, f"{field}.language")
        if tests.checker.language == "python":
            runner = Runner(
                self._pool, self.default_run, python_checker.CHANNEL_BYTES, account=account, together=self._together()
            )
            return Checker(PythonChecker(source, field, runner), field)
        runner = Runner(self._pool, self.default_run, executed_checker.CHANNEL_BYTES, True, account, self._together())
        compiling = self._compiling(account)
        return Checker(ExecutedChecker(toolchain, source, runner, compiling, self._checkers), field)
