import sys

from bench.adapters.contest import Outcome, run, tally
from bench.adapters.rows import GROUP, Row, hostile, usual

MEMORY = 2 * 2**30


def program(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_what_becomes_of_a_way_of_scoring() -> None:
    rows: list[Row] = [{"label": True}, {"label": False}]
    code = "import json, os; print('noise'); print(json.dumps({'seconds': 1.5, 'scores': [1, None]}))"
    assert run(program(code), rows, 60, MEMORY, "host:1") == Outcome(1.5, [1, None], "ended")
    died = run(program("raise SystemExit('gone')"), rows, 60, MEMORY, "")
    assert died == Outcome(None, [], "died with status 1: gone")
    endless = "import sys, time; print(1, file=sys.stderr, flush=True); time.sleep(600)"
    assert run(program(endless), rows, 3, MEMORY, "").fate.startswith("still running after 3 s, ")


def test_counts() -> None:
    rows: list[Row] = [{"label": True}, {"label": False}, {"label": False}, {"label": True}]
    assert tally(rows, Outcome(1, [1.0, 1.0, 0.0, None], "ended")) == (2, 1, 1)
    assert tally(rows, Outcome(None, [], "died")) == (0, 0, 0)


def test_rows_are_groups_of_rollouts() -> None:
    rows = usual(64)
    assert len(rows) == 64 and len({row["prompt"] for row in rows}) == 64 // GROUP
    assert all(row["gold"] and row["response"] for row in [*rows, *hostile()])
