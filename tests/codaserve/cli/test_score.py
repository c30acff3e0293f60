import asyncio
import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from codaserve.cli import score
from codaserve.cli.jsonl import read_lines
from codaserve.cli.main import main
from codaserve.cli.score import EXAMPLES
from codaserve.v1 import scorer_pb2 as pb
from tests.codaserve.client.fake_scorer import FakeScorer, failure, right


async def judge(item: pb.ScoreItem, context: grpc.aio.ServicerContext) -> pb.ScoreResult:
    """Right, wrong, undecided and failed answers, by what the item says; odd ones are slow."""
    answer = item.math.answer
    if answer == "wrong":
        return pb.ScoreResult(id=item.id, verdict=pb.Verdict(correct=False, score=0, reason="REASON_WRONG_ANSWER"))
    if answer == "undecided":
        return pb.ScoreResult(id=item.id, verdict=pb.Verdict(reason="REASON_UNDECIDED_TIME"))
    if answer == "fail":
        return failure(item, "FAILURE_INTERNAL", retryable=False)
    if answer == "hang":
        await asyncio.sleep(3600)
    if answer.isdigit() and int(answer) % 2:
        await asyncio.sleep(0.01)
    return right(item)


@pytest.fixture
async def scorer() -> AsyncIterator[FakeScorer]:
    async with FakeScorer(judge, limits=pb.ScorerLimits(math_workers=8, max_message_bytes=100_000)) as server:
        yield server


def line(id_: str, answer: str) -> str:
    return json.dumps({"id": id_, "math": {"gold": ["1"], "answer": answer}})


async def codaserve_score(folder: Path, scorer: FakeScorer, lines: list[str], *more: str) -> tuple[int, list[Any]]:
    source, output = folder / "tasks.jsonl", folder / "results.jsonl"
    source.write_text("\n".join(lines) + "\n")
    status = await asyncio.to_thread(
        main, ["score", str(source), "-o", str(output), "--address", scorer.address, *more]
    )
    assert not (folder / "results.jsonl.partial").exists()
    return status, [json.loads(text) for text in output.read_text().splitlines()]


async def test_one_result_a_line_in_order(tmp_path: Path, scorer: FakeScorer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codaserve.cli.batch.WINDOW_ITEMS", 30)
    status, results = await codaserve_score(tmp_path, scorer, [line(f"i{n % 7}", str(n)) for n in range(100)])
    assert status == 0
    assert [r["id"] for r in results] == [f"i{n % 7}" for n in range(100)]
    assert [r["verdict"]["extracted"] for r in results] == [str(n) for n in range(100)]
    assert results[0]["verdict"]["correct"] is True


async def test_malformed_lines_fail_alone(
    tmp_path: Path, scorer: FakeScorer, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [line("a", "right"), "", '{"id": "b", "math": ', '{"id": "c", "what": 1}', line("d", "wrong")]
    status, results = await codaserve_score(tmp_path, scorer, [*lines, line("e", "undecided"), line("f", "fail")])
    assert status == 1
    assert [(r["id"], *(set(r) - {"id"})) for r in results] == [
        ("a", "verdict"),
        ("b", "failure"),
        ("c", "failure"),
        ("d", "verdict"),
        ("e", "verdict"),
        ("f", "failure"),
    ]
    assert results[1]["failure"]["code"] == "FAILURE_INVALID_TASK"
    assert results[1]["failure"]["message"].startswith("line 3: not JSON")
    assert results[1]["failure"]["retryable"] is False
    assert results[2]["failure"]["message"].startswith("line 4: ")
    summary = capsys.readouterr().err
    for part in ("6 items", "1 correct", "1 wrong", "1 undecided", "2 FAILURE_INVALID_TASK", "1 FAILURE_INTERNAL"):
        assert part in summary


async def test_undecided_is_a_verdict(tmp_path: Path, scorer: FakeScorer) -> None:
    status, _ = await codaserve_score(tmp_path, scorer, [line("a", "undecided"), line("b", "wrong")])
    assert status == 0


async def test_nothing_to_do(tmp_path: Path, scorer: FakeScorer) -> None:
    assert await codaserve_score(tmp_path, scorer, [""]) == (0, [])


async def test_no_item_hangs_the_command(tmp_path: Path, scorer: FakeScorer) -> None:
    lines = [line("a", "hang"), line("b", "right")]
    status, results = await codaserve_score(tmp_path, scorer, lines, "--timeout", "0.5")
    assert status == 1
    assert results[0]["failure"]["code"] == "FAILURE_DEADLINE"
    assert results[1]["verdict"]["correct"] is True


async def test_an_absent_service_is_told_and_fails_items(
    tmp_path: Path, scorer: FakeScorer, capsys: pytest.CaptureFixture[str]
) -> None:
    await scorer.__aexit__()
    status, results = await codaserve_score(tmp_path, scorer, [line("a", "right")], "--max-outage", "0")
    assert status == 1
    assert results[0]["failure"]["code"] == "FAILURE_UNAVAILABLE"
    assert results[0]["failure"]["retryable"] is True
    assert f"{scorer.address} does not answer" in capsys.readouterr().err


async def test_standard_input_and_output(scorer: FakeScorer) -> None:
    command = [sys.executable, "-m", "codaserve.cli.main", "score", "-", "--address", scorer.address]
    process = await asyncio.create_subprocess_exec(
        *command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    out, err = await asyncio.wait_for(process.communicate((line("a", "right") + "\n").encode()), 60)
    assert process.returncode == 0, err
    assert json.loads(out)["id"] == "a"
    assert b"1 items" in err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_an_interrupt_leaves_what_is_done_aside(tmp_path: Path, scorer: FakeScorer, number: int) -> None:
    source, output = tmp_path / "tasks.jsonl", tmp_path / "results.jsonl"
    output.write_text("of before\n")
    source.write_text("\n".join([line("a", "right"), line("b", "hang"), line("c", "right")]))
    command = [sys.executable, "-m", "codaserve.cli.main", "score", str(source), "-o", str(output)]
    process = await asyncio.create_subprocess_exec(*command, "--address", scorer.address, stderr=subprocess.PIPE)
    give_up = time.monotonic() + 30
    while "right" not in scorer.seen:
        assert time.monotonic() < give_up
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.3)
    process.send_signal(number)
    _, err = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 130
    assert b"Traceback" not in err
    assert output.read_text() == "of before\n"
    assert [json.loads(text)["id"] for text in Path(f"{output}.partial").read_text().splitlines()] == ["a"]


@pytest.mark.parametrize(
    "argv",
    [
        ["absent.jsonl", "--address", "127.0.0.1:1"],
        ["tasks.jsonl", "-o", "absent/results.jsonl", "--address", "127.0.0.1:1"],
        ["tasks.jsonl", "-o", ".", "--address", "127.0.0.1:1"],
    ],
)
def test_unusable_files_exit_with_2(
    argv: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("tasks.jsonl").write_text(line("a", "right"))
    assert main(["score", *argv]) == 2
    assert os.strerror(2) in (err := capsys.readouterr().err) or os.strerror(21) in err


@pytest.mark.parametrize(
    ("addresses", "message"),
    [
        (["h:1", "h:1"], "--address: h:1 is given 2 times"),
        ([""], "--address: one is empty"),
        (["h:1", " "], "--address: one is empty"),
    ],
)
def test_unusable_addresses_exit_with_2_and_leave_the_output_alone(
    addresses: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, partial = tmp_path / "tasks.jsonl", tmp_path / "results.jsonl.partial"
    source.write_text(line("a", "right"))
    partial.write_text("of before\n")
    assert main(["score", str(source), "-o", str(tmp_path / "results.jsonl"), "--address", *addresses]) == 2
    err = capsys.readouterr().err
    assert err.startswith(message)
    assert err.count("\n") == 1
    assert partial.read_text() == "of before\n"


@pytest.mark.parametrize("option", ["--timeout", "--max-outage"])
def test_times_that_are_no_numbers_are_named(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["score", "x", option, "soon"])
    assert f"{option}: soon is not a number of seconds" in capsys.readouterr().err


@pytest.mark.parametrize("argv", [[], ["x", "--timeout", "-1"], ["x", "--timeout", "soon"], ["x", "--unknown"]])
def test_usage_errors_exit_with_2(argv: list[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["score", *argv])
    assert exit_.value.code == 2


def test_help_shows_every_kind_of_task(capsys: pytest.CaptureFixture[str]) -> None:
    with contextlib.suppress(SystemExit):
        score.run(["--help"])
    out = capsys.readouterr().out
    examples = [text.strip() for text in out.splitlines() if text.startswith('  {"id": "') and "..." not in text]
    parsed = list(read_lines(io.BytesIO("\n".join(examples).encode()), pb.ScoreItem))
    assert [p.error for p in parsed] == [""] * 4
    tasks = [p.item for p in parsed if p.item is not None]
    assert [t.WhichOneof("task") for t in tasks] == ["math", "code", "code", "code"]
    assert [t.code.WhichOneof("tests") for t in tasks[1:]] == ["asserts", "stdio", "calls"]
    assert all(text in EXAMPLES for text in ("verdict", "failure"))
