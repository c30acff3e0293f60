"""One response to one prompt."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rollout:
    """A sampled response, whoever sampled it."""

    prompt: str
    """As the policy saw it, any template applied."""
    prompt_ids: list[int]
    response: str
    """The response's tokens as text, special tokens left out."""
    response_ids: list[int]
    """At least one token; ends with the end-of-sequence token unless truncated."""
    log_probabilities: list[float]
    """Natural logarithm of each response token's probability under the policy that sampled it, at the temperature of
    sampling and over the whole vocabulary. Confidence is computed from these; the ratio's old log-probabilities are
    computed anew by the training forward pass, where they differ from these by rounding."""
    truncated: bool
    """The token limit was reached before an end of sequence."""
    token_ends: list[int]
    """End of each response token as a character offset into `response`; not decreasing. The end of a token that is
    only part of a character is the end of that character."""
    version: int = 0
    """Updates that the policy had had when it sampled this."""
