"""Random and mutated math answers: labelled cases cut and spliced, and text from the vocabulary of mathematics."""

import gzip
import json
from functools import lru_cache
from pathlib import Path

from hypothesis import strategies as st

from codaserve.v1 import scorer_pb2 as pb

DATA = Path(__file__).parent.parent / "data"
SEEDS = ("adversarial", "hard_answers_judged", "identities", "rewritten_answers", "synthetic_expressions")
LONGEST_SEED = 400
"""Characters; what is long in the labelled cases is so on purpose and slows everything else down."""
VOCABULARY = (
    r"\frac{1}{2} \frac12 \sqrt{2} \sqrt[3]{x} \pi \infty \pm \cup \cap \setminus \emptyset \mathbb{R} \in \le \ge \ne"
    r" \text{cm} \text{or} \{ \} \left( \right] \boxed{ } { ( ) [ ] | , ; : = < > + - * / ^ _ ! ' \ $ % & # @ ~ ` "
    r" \sum_{k=1}^{n} \prod_{k=1}^{9} \int_0^1 \lim_{x\to0} \binom{9}{4} \sin \cos^{-1} \log_2 \ln e i x y n a_1 f(x)"
    r" 0 1 2 9 10 0.5 1e9 1e999999999 9^{9^9} (((( )))) 1/3 0.\overline{3} 50\% ^\circ 2A_{16} 1,000 3\frac12 x=5"
    r" \begin{pmatrix} 1&2\\3&4 \end{pmatrix} \begin{cases} \end{cases} \hline \\ ½ √ ² π −"
    r" and or the is answer Monday cm C (C) 7:32 June eval(1) import None nan inf \operatorname{abs} \overline{z} \to"
)
"""Pieces of answers, with white space between them."""

characters = st.characters(codec="utf-8")
tokens = st.sampled_from([*VOCABULARY.split(), " ", "\n"])


@lru_cache(maxsize=1)
def seeds() -> list[tuple[str, str]]:
    """Gold answers and answers of the labelled cases, the long ones left out."""
    pairs = []
    for name in SEEDS:
        with gzip.open(DATA / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
            for line in file:
                case = json.loads(line)
                pairs.append((case["gold"], case.get("answer") or case["response"]))
    return [pair for pair in pairs if max(map(len, pair)) <= LONGEST_SEED]


@st.composite
def mutated(draw: st.DrawFn, text: str) -> str:
    """A text with up to four pieces taken out, put in, doubled or replaced."""
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(start + draw(st.integers(0, 8)), len(text))
        piece = draw(st.one_of(st.just(""), tokens, st.text(characters, max_size=3)))
        times = draw(st.sampled_from([1, 1, 1, 2, 3, 50]))
        text = text[:start] + draw(st.sampled_from([piece, text[start:end] + piece])) * times + text[end:]
    return text


@st.composite
def tasks(draw: st.DrawFn) -> pb.MathTask:
    """A task whose gold answer and answer are mutated, swapped, random, or the same."""
    gold, answer = draw(st.sampled_from(seeds()))
    other = draw(st.sampled_from(seeds()))[1]
    random = st.lists(tokens, max_size=12).map("".join)
    gold = draw(st.one_of(st.just(gold), mutated(gold), random))
    answer = draw(st.one_of(mutated(answer), mutated(other), random, st.text(characters, max_size=40), st.just(gold)))
    task = pb.MathTask(gold=[gold])
    if draw(st.booleans()):
        task.answer = answer
    else:
        task.response = draw(st.sampled_from(["", "The answer is ", r"So \boxed{", "#### "])) + answer
    return task
