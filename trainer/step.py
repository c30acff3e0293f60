"""One step: a batch of questions, its update, and the focused batch with its own."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

from trainer import chance
from trainer.codapo.sampling import Candidate, Plan, plan_focus
from trainer.credit import training_rows
from trainer.gather import Gatherer
from trainer.gathered import Gathered
from trainer.groups import Group
from trainer.report.build import batch_report
from trainer.report.reports import BatchReport, StepReport
from trainer.report.samples import is_sampled
from trainer.rollout.engine import Sampling
from trainer.schedule import learning_rate
from trainer.settings import TrainerSettings
from trainer.state import HalfStep, RunState
from trainer.tasks import Question
from trainer.timing import Stopwatch
from trainer.update import Begun, Updater


@dataclass
class Stepper:
    """What a step works with. Chance comes from the run's seed, the step and the batch, never from what ran before."""

    settings: TrainerSettings
    updater: Updater
    gatherer: Gatherer
    questions: Sequence[Question]
    on_event: Callable[[str], None]

    def run(self, state: RunState) -> StepReport:
        """Makes one step and moves the state on.

        When it raises `RunStoppedError`, model and state fit together: the step has not begun, or its first update is
        done and `state.half` says so; running it again goes on from there.

        Raises:
            RunStoppedError: Scorer or rollout engine is away, or too few rollouts got a verdict.
            DivergedError: Loss, gradient or probabilities are not finite; the model is not worth saving.
        """
        step = state.step + 1
        watch = Stopwatch(state.half.timings if state.half else None)
        rate = learning_rate(self.settings.optimizer, step, self.settings.steps)
        retries = self.gatherer.retries()
        focused: BatchReport | None = None
        if state.half is None:
            state.half, focused = self._first(state, step, rate, watch)
        half = state.half
        if half.slots and focused is None:
            focused = self._focused(state, half.slots, rate, watch)
        state.half = None
        state.step = step
        state.consumed += self.settings.rollout.questions
        again = {name: count - retries[name] for name, count in self.gatherer.retries().items()}
        report = StepReport(step, self.settings.steps, rate, half.batch, focused, half.skipped, watch.timings(), again)
        self._tell(report)
        return report

    def _scored(
        self, questions: Sequence[int], name: str, watch: Stopwatch, version: int
    ) -> AbstractContextManager[Gathered]:
        asked = [self.questions[index] for index in questions]
        size = self.settings.rollout.group_size
        return self.gatherer.scored(asked, size, self._sampling(name), name, watch, version=version)

    def _take(self, consumed: int) -> list[int]:
        """The questions of a batch, as positions."""
        return chance.take(self.settings.seed, consumed, self.settings.rollout.questions, len(self.questions))

    def _begin_next(self, state: RunState, watch: Stopwatch) -> None:
        """Lets the next step's first batch be gathered while this step's last update is made."""
        step = state.step + 2
        if self.settings.rollout.max_staleness and step <= self.settings.steps:
            asked = [self.questions[index] for index in self._take(state.consumed + self.settings.rollout.questions)]
            size = self.settings.rollout.group_size
            sampling = self._sampling(f"{step}")
            self.gatherer.begin(asked, size, sampling, f"{step}", watch, version=state.updates)

    def _sampling(self, name: str) -> Sampling:
        rollout = self.settings.rollout
        seed = chance.derive(self.settings.seed, "rollouts", name)
        return Sampling(seed, rollout.max_response_tokens, rollout.temperature, rollout.top_p)

    def _first(self, state: RunState, step: int, rate: float, watch: Stopwatch) -> tuple[HalfStep, BatchReport | None]:
        """The first batch and its update; the focused batch's too when the same policy answers both."""
        taken = self._take(state.consumed)
        version = state.updates
        ahead = self.gatherer.finish(watch)
        with nullcontext(ahead) if ahead else self._scored(taken, f"{step}", watch, version) as batch:
            plan = self.gatherer.peers.first(lambda: self._plan(batch.groups, step))
            slots = [taken[slot] for slot in plan.slots] if plan else []
            early = bool(slots) and self.settings.codapo.focused_policy == "before_update"
            again: list[Group] = []
            if early:
                with self._scored(slots, f"{step}-focused", watch, version) as focused:
                    again = focused.valued(watch)
            if not slots:
                self._begin_next(state, watch)
            begun, groups = self._begin_update(batch, watch)
        rows, more = training_rows(groups, self.settings), training_rows(again, self.settings)
        with watch.phase("update"):
            old = self.updater.snapshot(more) if more else None
            update = self.updater.update(rows, rate, begun=begun)
            update_again = self.updater.update(more, rate, old)
        state.updates += (update is not None) + (update_again is not None)
        skipped = "" if slots else "sampling is off" if plan is None else "no question has a value above 0"
        sampled = is_sampled(step, self.settings.steps)
        report = batch_report(groups, rows, update, plan, samples=sampled)
        half = HalfStep(slots, skipped, replace(report, staleness=_staleness(groups, version)), watch.timings())
        return half, batch_report(again, more, update_again, None) if early else None

    def _focused(self, state: RunState, slots: Sequence[int], rate: float, watch: Stopwatch) -> BatchReport:
        with self._scored(slots, f"{state.step + 1}-focused", watch, state.updates) as batch:
            self._begin_next(state, watch)
            begun, groups = self._begin_update(batch, watch)
        rows = training_rows(groups, self.settings)
        with watch.phase("update"):
            update = self.updater.update(rows, rate, begun=begun)
        state.updates += update is not None
        return batch_report(groups, rows, update, None)

    def _begin_update(self, batch: Gathered, watch: Stopwatch) -> tuple[Begun | None, list[Group]]:
        """What of the update needs no step values is computed while the critic gives the last of them."""
        with watch.phase("update"):
            begun = self.updater.begin(training_rows(batch.groups, self.settings))
        return begun, batch.valued(watch)

    def _plan(self, groups: Sequence[Group], step: int) -> Plan | None:
        if self.settings.objective.kind != "codapo" or not self.settings.codapo.sampling:
            return None
        values = [group.value for group in groups]
        return plan_focus(
            [Candidate(g.question.id, v.value if v else None) for g, v in zip(groups, values, strict=True)],
            top_k=self.settings.top_k,
            groups=self.settings.focused_groups,
            seed=chance.derive(self.settings.seed, "focus", step),
        )

    def _tell(self, report: StepReport) -> None:
        """What a person should know of a step beyond its numbers."""
        if report.focused is None and report.focused_skipped != "sampling is off":
            self.on_event(f"step {report.step}: no focused update, {report.focused_skipped}")
        for name, batch in (("batch", report.batch), ("focused batch", report.focused)):
            if batch is None:
                continue
            for what, counts in (("unscored", batch.unscored), ("without step credit", batch.critic_missing)):
                if counts:
                    codes = ", ".join(f"{code} {count}" for code, count in sorted(counts.items()))
                    total = f"{sum(counts.values())} of {batch.rollouts} rollouts"
                    self.on_event(f"step {report.step}, {name}: {total} {what} ({codes})")
            if batch.update is None:
                self.on_event(f"step {report.step}, {name}: no update, no group has two scored rollouts")


def _staleness(groups: Sequence[Group], version: int) -> int:
    """Updates since the oldest of the rollouts was sampled."""
    return max(version - answer.rollout.version for group in groups for answer in group.answers)
