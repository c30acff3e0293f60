"""verifiers itself, in an environment of its own."""

import pytest

from tests.codaserve.adapters.environments import ROOT, run
from tests.codaserve.adapters.serving import scorer

pytestmark = pytest.mark.adapters
LINE = "--env.taskset.task.rewards.correct.fn codaserve.adapters.verifiers:correct"


def test_verifiers_loads_and_calls_us() -> None:
    assert f"| `{LINE}` |" in (ROOT / "docs" / "adapters.md").read_text()
    with scorer() as server:
        flags = [*LINE.split(), "--env.taskset.task.rewards.correct.weight", "2"]
        found = run(".venv-verifiers", "verifiers_main.py", server.address, *flags)
    assert found["version"] == "0.4.0"
    right, wrong, failed = found["scores"]
    assert right == [1.0, 2.0] and wrong == [0.0, 2.0]
    assert failed[0].startswith("TaskError") and "UnscoredError" in failed[0]
    assert failed[1] is None  # how verifiers marks a reward that was not given
    right, wrong, failed = found["rollouts"]
    assert right == {"ok": True, "errors": [], "score": 1.0, "reply": "it is \\boxed{4}"}
    assert wrong == {"ok": True, "errors": [], "score": 0.0, "reply": "it is \\boxed{5}"}
    ((kind, message),) = failed["errors"]
    assert not failed["ok"] and failed["score"] is None and kind == "TaskError" and "UnscoredError" in message


def test_a_rubric_of_verifiers_before() -> None:
    with scorer() as server:
        found = run(".venv-verifiers", "rubric_main.py", server.address, before="before")
    assert found["version"] == "0.3.0"
    right, wrong, failed = found["group"]
    assert right == [2.5, 1.0, None] and wrong == [0.5, -1.0, None]  # measured against each other alone
    assert failed == [None, 0.0, "InfraError"]
    assert [one[0] for one in found["alone"]] == [2.5, 0.5, None]
    assert found["alone"][2][2] == "InfraError"
