"""Which runs are averaged."""

from typing import Any

import pytest

from trainer.page.groups import group_runs, repetitions
from trainer.page.read import Run


def run(name: str, before: float = 0.2, after: float = 0.4, **settings: Any) -> Run:
    evaluations = [
        {"step": step, "mean_at_k": {"value": value, "low": value - 0.03, "high": value + 0.04}}
        for step, value in ((0, before), (9, after))
    ]
    return Run(name, settings=settings, evaluations=evaluations)


def test_seeds_are_together_and_other_settings_apart() -> None:
    runs = [
        run("a", seed=1, objective={"kind": "grpo", "lambda": 0.0}),
        run("b", seed=1, objective={"kind": "codapo", "lambda": 0.3}),
        run("c", seed=2, objective={"lambda": 0.0, "kind": "grpo"}),
    ]
    first, second = group_runs(runs)
    assert [r.name for r in first.runs] == ["a", "c"]
    assert [r.name for r in second.runs] == ["b"]
    assert second.differing == {"objective.kind": "codapo", "objective.lambda": "0.3"}
    assert (first.label, second.label) == ("A: objective.kind grpo, lambda 0.0", "B: objective.kind codapo, lambda 0.3")


def test_the_objective_is_named_before_all_else() -> None:
    runs = [run(kind, seed=1, objective={"clip": kind, "baseline": kind, "kind": kind}) for kind in ("dapo", "grpo")]
    assert group_runs(runs)[0].label == "A: objective.kind dapo, baseline dapo and 1 more"


def test_where_a_run_lies_and_whom_it_asks_does_not_matter() -> None:
    runs = [
        run(
            "a", seed=seed, output_dir=f"/x/{seed}/run", scorer={"addresses": [f"h:{seed}"]}, resume=bool(seed),
            tasks={"file": f"/x/{seed}/tasks.jsonl"}, checkpoint={"every": seed}, critic={"addresses": [f"c:{seed}"]},
        )
        for seed in (0, 1)
    ]  # fmt: skip
    assert len(group_runs(runs)) == 1
    assert group_runs(runs)[0].label == "2 seeds"
    runs[1].settings["tasks"] = {"file": "/y/tasks.jsonl"}
    assert len(group_runs(runs)) == 2


def test_unknown_settings_are_never_averaged() -> None:
    groups = group_runs([run("a"), run("b")])
    assert [group.label for group in groups] == ["A: a", "B: b"]


def test_a_single_run_has_its_own_name_and_interval() -> None:
    (group,) = group_runs([run("a", seed=1)])
    assert group.label == "a"
    assert group.gain is not None
    # hypot(0.03, 0.04) = 0.05 to each side
    assert [group.gain.low, group.gain.high] == pytest.approx([0.15, 0.25])


def test_the_gain_over_seeds_is_of_the_gains() -> None:
    # Gains 0.1, 0.2 and 0.3: 0.2 and 4.303 * 0.1 / sqrt(3) = 0.2484.
    (group,) = group_runs([run("a", 0.2, 0.3, seed=1), run("b", 0.5, 0.7, seed=2), run("c", 0.1, 0.4, seed=3)])
    assert group.gain is not None
    assert [group.gain.value, group.gain.low] == pytest.approx([0.2, -0.0484], abs=1e-4)


def test_a_seed_that_is_given_twice_counts_once() -> None:
    (group,) = group_runs([run("a", seed=1), run("copy", seed=1)])
    assert [r.name for r in group.runs] == ["a"]
    assert [r.name for r in group.repeated] == ["copy"]
    assert group.label == "a"
    assert group.gain is not None
    assert [group.gain.low, group.gain.high] == pytest.approx([0.15, 0.25])  # over questions, as of a single run


def test_of_one_seed_the_run_that_got_furthest_counts() -> None:
    begun, unfinished, other, whole, copy = runs = [run(name, seed=2 if name == "c" else 1) for name in "abcde"]
    for each in (unfinished, other, whole, copy):
        each.steps = [{"kind": "step", "step": 9, "steps": 9}]
    begun.steps = [{"kind": "step", "step": 3, "steps": 9}]
    del unfinished.evaluations[1]
    groups = group_runs(runs)
    assert [[r.name for r in group.runs] for group in groups] == [["d", "c"]]
    assert [r.name for r in groups[0].repeated] == ["a", "b", "e"]
    assert groups[0].label == "2 seeds"
    assert [line.split(",")[0] for line in repetitions(groups)] == [
        f"{name}: settings and seed are those of d" for name in "abe"
    ]


def test_without_two_evaluations_there_is_no_gain() -> None:
    only = run("a", seed=1)
    del only.evaluations[1]
    assert group_runs([only])[0].gain is None
