"""CoDaPO and step credit in TRL. Imports trl.

    CoDaPOTrainer(..., reward_funcs=reward(unscored="none"), codapo=CoDaPO(critic="127.0.0.1:50052"))

Confidence- and difficulty-adaptive weights and sampling are those of arXiv 2606.07950, the critic's step advantages
those of arXiv 2412.18279; docs/training.md has the formulas, and trainer/codapo/ the functions that are called here.

No reward is None, and such a response is masked out as in MaskedGRPOTrainer; it has no place in its question's
confidence and difficulty either. A response without an answer of the critic keeps its outcome advantage alone, which is
counted in the metric codapo/no_steps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from accelerate.utils import gather, gather_object

from codaserve.adapters.steps import Answer, step_credits
from codaserve.adapters.tasks import group_of
from codaserve.adapters.trl_trainer import MaskedGRPOTrainer
from trainer.codapo.sampling import Candidate, plan_focus
from trainer.codapo.steps import token_advantages
from trainer.codapo.values import group_value, normalised_advantages, question_weight, sample_std


@dataclass(frozen=True)
class CoDaPO:
    """What of the method is used, and how. The defaults are those of `codaserve train`."""

    weighting: bool = True
    """Multiply each question's advantages by its value plus `delta`."""
    delta: float = 0.1
    """Added to the value, so that no question is without weight."""
    sampling: bool = True
    """After each batch, draw fresh groups of its `top_k` most valuable questions and train on these: every second
    update is such a focused one. An update for which no question has a value above 0 changes nothing."""
    top_k: int | None = None
    """K. Default: a quarter of the batch's questions, at least one."""
    critic: Sequence[str] | str | None = None
    """`host:port` of the critics. None: no step credit."""
    step_credit: float = 0.3
    """lambda, the share of step credit in each token's advantage, in [0, 1]."""
    std_floor: float = 0.25
    """The least that step credit is divided by."""
    timeout: float = 60.0
    """Seconds that a critic may take."""
    max_outage: float = 30.0
    """Seconds that critics which are all away or full are waited for."""


@dataclass(frozen=True)
class _Question:
    """One group of the batch: the advantages of its responses, 0 for one without a score."""

    value: float | None
    advantages: list[float]
    weight: float
    std: float


class CoDaPOTrainer(MaskedGRPOTrainer):
    """In place of GRPOTrainer, with the same arguments and `codapo`."""

    def __init__(self, *arguments: Any, codapo: CoDaPO | None = None, **keywords: Any) -> None:
        """As GRPOTrainer.

        Raises:
            ValueError: As MaskedGRPOTrainer; truncated completions are masked, or sampling is on and the data set is
                iterable.
        """
        self._codapo = codapo or CoDaPO()
        self._focus: list[dict[str, Any]] = []
        self._last: dict[str, Any] | None = None
        self._skipping = False
        super().__init__(*arguments, **keywords)
        if self.mask_truncated_completions:
            raise ValueError("mask_truncated_completions: CoDaPO's confidence needs the tokens of every response")
        if self._codapo.sampling and not hasattr(self.train_dataset, "__len__"):
            raise ValueError("train_dataset: CoDaPO's sampling needs one with a length")

    def _get_train_sampler(self, dataset: Any = None) -> Any:
        sampler = super()._get_train_sampler(dataset)
        if self._codapo.sampling:
            sampler.repeat_count *= 2  # each batch comes again, and makes way for its focused one
        return sampler

    def training_step(self, model: Any, inputs: Any, num_items_in_batch: Any) -> Any:
        """One micro-batch; a skipped focused batch leaves no gradient, so that the optimizer has nothing to do."""
        loss = super().training_step(model, inputs, num_items_in_batch)
        if self._skipping:
            model.zero_grad(set_to_none=True)
        return loss

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        if not self.model.training:
            evaluated: dict[str, Any] = super()._generate_and_score_completions(inputs)
            return evaluated
        every = self.args.steps_per_generation * self.num_iterations
        generation = self.state.global_step * self.args.gradient_accumulation_steps // every
        focused = self._codapo.sampling and generation % 2 == 1
        if self._last is None:
            focused = False  # resumed between a batch and its focused one
        self._skipping = focused and not self._focus
        self._note("skipped", float(self._skipping))
        if self._last is not None and self._skipping:
            nothing = {name: torch.zeros_like(self._last[name]) for name in ("completion_mask", "advantages")}
            return self._last | nothing
        if focused:
            begin = self.accelerator.process_index * len(inputs)
            inputs = self._focus[begin : begin + len(inputs)]
        output: dict[str, Any] = super()._generate_and_score_completions(inputs)
        questions = self._questions(output)
        output["advantages"] = self._advantages(inputs, output, questions)
        if not focused and self._codapo.sampling:
            self._focus, self._last = self._plan(inputs, questions), output
        return output

    def _questions(self, output: dict[str, Any]) -> list[_Question]:
        """All questions of the batch, the other processes' included."""
        if "old_per_token_logps" not in output:
            output["old_per_token_logps"] = self._log_probabilities(output)
        mask = output["completion_mask"]
        likelihoods: list[float] = gather((output["old_per_token_logps"] * mask).sum(1) / mask.sum(1).clamp(1)).tolist()
        weights = self.reward_weights.to(self._rewards.device)
        rewards: list[float] = (self._rewards * weights).nansum(dim=1).tolist()
        scored: list[bool] = (~self._rewards.isnan().all(dim=1)).tolist()
        responses = list(zip(scored, likelihoods, self._correct(), rewards, strict=True))
        size = self.num_generations
        return [self._question(responses[begin : begin + size]) for begin in range(0, len(responses), size)]

    def _question(self, responses: list[tuple[bool, float, bool, float]]) -> _Question:
        """Of one group: whether each response is scored, its mean log-probability, whether it is right, its reward."""
        scored = [response for response in responses if response[0]]
        correct = [right for _, _, right, _ in scored]
        value = group_value([[likelihood] for _, likelihood, _, _ in scored], correct)
        if value is None:
            return _Question(None, [0.0] * len(responses), 0.0, 0.0)
        for name in ("confidence", "difficulty", "value"):
            self._note(name, getattr(value, name))
        normalised = iter(normalised_advantages([reward for _, _, _, reward in scored]))
        advantages = [next(normalised) if response[0] else 0.0 for response in responses]
        weight = question_weight(value.value, self._codapo.delta) if self._codapo.weighting else 1.0
        return _Question(value.value, advantages, weight, sample_std([float(right) for right in correct]))

    def _correct(self) -> list[bool]:
        """Of codaserve's reward alone, whatever else is in the sum: its score is 1 if, and only if, all is right."""
        return [score == 1 for score in self._rewards[:, self._ours[0]].tolist()]

    def _advantages(
        self, inputs: list[dict[str, Any]], output: dict[str, Any], questions: list[_Question]
    ) -> torch.Tensor:
        """Of this process's responses: one number each, or one for each token with a critic."""
        size, device = self.num_generations, output["completion_mask"].device
        first = self.accelerator.process_index * len(inputs)
        mine = [(questions[place // size], place % size) for place in range(first, first + len(inputs))]
        if self._codapo.critic is None:
            return torch.tensor([one.weight * one.advantages[place] for one, place in mine], device=device)
        lengths = output["completion_mask"].sum(1).tolist()
        answers = self._answers(inputs, output, lengths, self._correct()[first : first + len(inputs)])
        credits = step_credits(answers, self._codapo.critic, self._codapo.timeout, self._codapo.max_outage)
        asked = sum(answer is not None for answer in answers)
        self._note("no_steps", sum(one is None for one in credits) - (len(answers) - asked))
        advantages = torch.zeros(output["completion_mask"].shape, device=device)
        for row, ((question, place), credit, length) in enumerate(zip(mine, credits, lengths, strict=True)):
            outcome, step = token_advantages(
                question.advantages[place],
                length,
                credit,
                lam=self._codapo.step_credit,
                std=question.std,
                floor=self._codapo.std_floor,
            )
            terms = [question.weight * (a + b) for a, b in zip(outcome, step, strict=True)]
            advantages[row, :length] = torch.tensor(terms, device=device)
        return advantages

    def _answers(
        self, inputs: list[dict[str, Any]], output: dict[str, Any], lengths: list[int], correct: list[bool]
    ) -> list[Answer | None]:
        if "tool_mask" in output:
            raise ValueError("step credit does not know which steps are a tool's; set CoDaPO(critic=None)")
        answers: list[Answer | None] = []
        for row, (given, length) in enumerate(zip(inputs, lengths, strict=True)):
            ids = output["completion_ids"][row, :length].tolist()
            prompt = given["prompt"]
            if not isinstance(prompt, str):
                seen = output["prompt_ids"][row][output["prompt_mask"][row].bool()].tolist()
                prompt = self.processing_class.decode(seen, skip_special_tokens=False)
            answers.append(Answer(prompt, ids, self.processing_class, float(correct[row])) if length else None)
        return answers

    def _plan(self, inputs: list[dict[str, Any]], questions: list[_Question]) -> list[dict[str, Any]]:
        """The rows of the focused batch, all processes together; empty when no question has a value above 0."""
        rows = gather_object(inputs)[:: self.num_generations]
        candidates = [Candidate(group_of(row["prompt"]), one.value) for row, one in zip(rows, questions, strict=True)]
        top_k = self._codapo.top_k or max(len(rows) // 4, 1)
        seed = self.args.seed + self.state.global_step
        plan = plan_focus(candidates, top_k=top_k, groups=len(rows), seed=seed)
        self._note("focused_questions", sum(count > 0 for count in plan.counts))
        return [dict(rows[slot]) for slot in plan.slots for _ in range(self.num_generations)]

    @torch.no_grad()
    def _log_probabilities(self, output: dict[str, Any]) -> torch.Tensor:
        """Of each token under the policy that has just sampled it, at the temperature of sampling."""
        names = ("prompt_ids", "completion_ids", "prompt_mask", "completion_mask")
        prompts, completions, prompt_mask, mask = (output[name] for name in names)
        found: torch.Tensor = self._get_per_token_logps_and_entropies(
            self.model,
            torch.cat([prompts, completions], dim=1),
            torch.cat([prompt_mask, mask], dim=1),
            completions.size(1),
            batch_size=self.args.per_device_train_batch_size,
        )[0]
        return found

    def _note(self, name: str, number: float) -> None:
        self._metrics["train"][f"codapo/{name}"].append(number)
