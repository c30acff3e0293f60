"""`codaserve score` on items that attack the scorer: every line answered, nothing left, the server still there."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from codaserve import ScorerClient
from codaserve.embedded import EmbeddedService
from codaserve.v1 import scorer_pb2 as pb
from tests.end_to_end import hostile


def descendants(pid: int) -> set[int]:
    """Process ids below `pid`."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue  # ended while we looked
    found: set[int] = set()
    todo = [pid]
    while todo:
        children = {child for child, parent in parents.items() if parent == todo[-1]} - found
        todo.pop()
        found |= children
        todo += children
    return found


@pytest.fixture(scope="module")
def results(scorer: EmbeddedService, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("hostile")
    tasks, output = folder / "tasks.jsonl", folder / "results.jsonl"
    lines = list(hostile.lines(scorer.address))
    tasks.write_text("\n".join(lines) + "\n")
    command = [sys.executable, "-m", "codaserve.cli.main", "score", tasks, "-o", output, "--address", scorer.address]
    run = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=300)
    assert run.returncode == 1, run.stderr  # the invalid lines have no verdict
    answers = [json.loads(line) for line in output.read_text().splitlines()]
    assert len(answers) == len(lines)
    return {answer["id"]: answer for answer in answers}


@pytest.mark.parametrize("name", [*hostile.SCRIPTS, "connect"])
def test_hostile_programs_are_judged_wrong(results: dict[str, dict[str, Any]], name: str) -> None:
    assert results[name]["verdict"]["correct"] is False, results[name]


@pytest.mark.parametrize(
    ("name", "reasons"),
    [
        ("endless-loop", {"REASON_TIME_LIMIT"}),
        ("endless-sleep", {"REASON_TIME_LIMIT"}),
        ("huge-allocation", {"REASON_MEMORY_LIMIT"}),
        ("huge-output", {"REASON_OUTPUT_LIMIT"}),
        ("syntax-error", {"REASON_COMPILE_ERROR"}),
        ("early-exit", {"REASON_WRONG_ANSWER"}),
        ("connect", {"REASON_FORBIDDEN_OPERATION", "REASON_RUNTIME_ERROR"}),
    ],
)
def test_verdicts_say_why(results: dict[str, dict[str, Any]], name: str, reasons: set[str]) -> None:
    assert results[name]["verdict"]["reason"] in reasons, results[name]


@pytest.mark.parametrize("name", hostile.MATH)
def test_hostile_answers_are_never_correct(results: dict[str, dict[str, Any]], name: str) -> None:
    verdict = results[name]["verdict"]
    assert verdict.get("correct") is not True
    undecided = verdict["reason"].startswith("REASON_UNDECIDED")
    assert undecided == ("correct" not in verdict) == ("score" not in verdict)


@pytest.mark.parametrize("name", hostile.INVALID)
def test_invalid_lines_fail_alone_with_the_field(results: dict[str, dict[str, Any]], name: str) -> None:
    failure = results[name]["failure"]
    assert failure["code"] == hostile.INVALID[name][1]
    assert failure["retryable"] is False
    assert failure["message"]


def test_nothing_is_left_and_the_server_still_answers(
    scorer: EmbeddedService, results: dict[str, dict[str, Any]]
) -> None:
    with ScorerClient(scorer.address) as client:
        task = pb.MathTask(gold=["4"], response="so it is \\boxed{4}")
        code = pb.CodeTask(
            language="python", source="print(2 + 2)", stdio=pb.StdioTests(cases=[pb.StdioCase(output="4")])
        )
        answers = client.score([pb.ScoreItem(math=task), pb.ScoreItem(code=code)] * 8)
        assert [answer.verdict.correct for answer in answers] == [True] * 16
        # What is left below the server is its own: slots, math workers and their starters, none of them a candidate's.
        for pid in descendants(scorer.process.pid):
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            assert state != "Z", (pid, command)
        assert len(descendants(scorer.process.pid)) <= 4 * (os.cpu_count() or 1) + 6
