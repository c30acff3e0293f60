"""What a program of each language costs: `python -m bench.languages [times]` writes a table for docs/languages.md.

The programs are those with which the service tries its languages, which do next to nothing: what remains is the
compiler's and the runtime's own.
"""

import asyncio
import statistics
import sys

from codaserve.v1 import scorer_pb2 as pb
from scorer.code.judge import CodeJudge
from scorer.code.languages import LANGUAGES
from scorer.code.settings import CodeSettings
from scorer.sandbox.settings import IsolationSettings, SandboxSettings

_BITS = '#include <bits/stdc++.h>\nint main() { std::cout << "ok" << std::endl; }\n'


async def _measure(judge: CodeJudge, name: str, language: str, source: str, times: int) -> str:
    tests = pb.StdioTests(cases=[pb.StdioCase(output="ok")])
    task = pb.CodeTask(language=language, source=source, stdio=tests)
    compiling: list[tuple[float, float]] = []
    running: list[tuple[float, float]] = []
    for _ in range(times):
        verdict = await judge.judge(task, deadline=asyncio.get_running_loop().time() + 60)
        if not verdict.correct:
            raise SystemExit(f"{name}: {verdict}")
        (case,) = verdict.cases
        running.append((case.wall_seconds, case.cpu_seconds))
        compiling.append((verdict.wall_seconds - case.wall_seconds, verdict.cpu_seconds - case.cpu_seconds))
    columns = [statistics.median(column) * 1000 for both in (compiling, running) for column in zip(*both, strict=True)]
    return f"| {name} | " + " | ".join(f"{value:.0f}" if value >= 0.5 else "-" for value in columns) + " |"


async def _main(times: int) -> None:
    judge = CodeJudge(CodeSettings(sandbox=SandboxSettings(slots=1, isolation=IsolationSettings(first_uid=63000))))
    await judge.start()
    try:
        await judge.settled()
        print("| language | compile, ms | of it CPU | run, ms | of it CPU |\n|---|---|---|---|---|")
        for language in judge.languages:
            source = LANGUAGES[language.name].sample or "print('ok')"
            print(await _measure(judge, f"{language.name} {language.version}", language.name, source, times))
            if language.name == "cpp":
                print(await _measure(judge, "cpp with bits/stdc++.h", "cpp", _BITS, times))
    finally:
        await judge.close()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]) if len(sys.argv) > 1 else 15))
