"""Real answers are judged as their labels say."""

from collections.abc import Iterator

import pytest

from bench.labelled import HARD_SETS, MATH_SETS, humaneval_broken, humaneval_canonical, math_items
from bench.real_data import agreement
from codaserve import ScorerClient
from codaserve.embedded import EmbeddedService


@pytest.fixture(scope="module")
def client(scorer: EmbeddedService) -> Iterator[ScorerClient]:
    with ScorerClient(scorer.address) as client:
        yield client


def test_humaneval_canonical_solutions_are_correct(client: ScorerClient) -> None:
    counts, differing = agreement(client, humaneval_canonical())
    assert counts["agree"] == 164, differing


def test_broken_humaneval_solutions_are_not_correct(client: ScorerClient) -> None:
    counts, differing = agreement(client, humaneval_broken())
    assert counts["agree"] == 164, differing


@pytest.mark.parametrize("name", MATH_SETS)
def test_math_answers_agree_with_their_labels(client: ScorerClient, name: str) -> None:
    items = math_items(name)
    counts, differing = agreement(client, items)
    assert counts["agree"] == len(items), differing


@pytest.mark.parametrize(("name", "least"), HARD_SETS.items())
def test_hard_math_answers_mostly_agree_and_none_is_falsely_accepted(
    client: ScorerClient, name: str, least: float
) -> None:
    items = math_items(name)
    counts, differing = agreement(client, items)
    assert counts["false accept"] == 0, differing
    assert counts["agree"] >= least * len(items), differing
