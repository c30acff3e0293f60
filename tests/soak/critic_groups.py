"""Groups of every kind that a critic may be asked for, valid and not."""

import math
import random
from dataclasses import dataclass

from codaserve.v1 import critic_pb2 as pb
from critic.encode import CutText
from tests.critic.made import solutions

LARGE = 64
"""Responses of a large group."""
_LONG_PROMPT = 40
"""Questions in a row that no model's positions hold."""


@dataclass(frozen=True)
class Asked:
    """One group and what is known of its answer.

    Attributes:
        group: The message, its id left out.
        texts: What follows the prompt, cut; None where the group is invalid.
        field: The field at fault of an invalid group.
    """

    group: pb.StateGroup
    texts: tuple[CutText, ...] | None
    field: str = ""


def draw(chance: random.Random) -> Asked:
    """A group of any kind."""
    kinds = (_newlines, _blank_lines, _separator, _step_ends, _tokens, _too_long, _alternatives, _large, _invalid)
    (kind,) = chance.choices(kinds, (30, 8, 8, 12, 12, 6, 12, 2, 10))
    return kind(chance)


def _text(chance: random.Random) -> str:
    """Lines of an answer; sometimes all of it, nothing, one line or something odd."""
    lines = chance.choice(solutions())[1].splitlines(keepends=True)
    odd = ["", "\n", "é😀\n日本 ", " \n\n", "x", "a" * 40]
    return "".join(lines[: chance.randint(0, len(lines))]) + (chance.choice(odd) if chance.random() < 0.3 else "")


def _texts(chance: random.Random, count: int | None = None) -> list[str]:
    """Responses, sometimes equal ones and ones that begin another."""
    texts = [_text(chance) for _ in range(count or chance.randint(1, 8))]
    if chance.random() < 0.2:
        texts.append(texts[0])
        texts.append(texts[0][: len(texts[0]) // 2])
    return texts


def _prompt(chance: random.Random) -> str:
    return chance.choice(solutions())[0] + "\n"


def _asked(chance: random.Random, cuts: list[CutText], **options: object) -> Asked:
    responses = [pb.Response(text=one.text) for one in cuts]
    for response in responses:
        if chance.random() < 0.3:
            response.outcome = chance.choice([0.0, 1.0, 0.25])
    group = pb.StateGroup(prompt=_prompt(chance), responses=pb.Responses(responses=responses), **options)  # type: ignore[arg-type]
    return Asked(group, tuple(cuts))


def _after(text: str, mark: str) -> CutText:
    """Cut after each run of the marks, found by hand."""
    ends = [i for i in range(1, len(text)) if text[i - 1] == mark and text[i] != mark]
    return CutText(text, (*ends, len(text)) if text else ())


def _newlines(chance: random.Random) -> Asked:
    return _asked(chance, [_after(text, "\n") for text in _texts(chance)])


def _large(chance: random.Random) -> Asked:
    return _asked(chance, [_after(text, "\n") for text in _texts(chance, LARGE)])


def _joined(steps: list[str]) -> CutText:
    return CutText("".join(steps), tuple(sum(map(len, steps[: i + 1])) for i in range(len(steps))))


def _blank_lines(chance: random.Random) -> Asked:
    answers = [["one line\nand one more\n \n" for _ in range(chance.randint(0, 5))] + ["the end"] for _ in range(3)]
    return _asked(chance, [_joined(steps) for steps in answers], step_rule=pb.STEP_RULE_BLANK_LINE)


def _separator(chance: random.Random) -> Asked:
    answers = [[f"{chance.randrange(99)} and\nso on<step>" for _ in range(chance.randint(1, 6))] for _ in range(3)]
    return _asked(chance, [_joined(steps) for steps in answers], step_rule=pb.STEP_RULE_SEPARATOR, separator="<step>")


def _random_ends(chance: random.Random, text: str) -> tuple[int, ...]:
    inner = sorted(chance.sample(range(1, len(text)), min(4, len(text) - 1))) if text else []
    return (*inner, len(text)) if text else ()


def _step_ends(chance: random.Random) -> Asked:
    asked = _asked(chance, [CutText(text, _random_ends(chance, text)) for text in _texts(chance)])
    assert asked.texts is not None
    for response, one in zip(asked.group.responses.responses, asked.texts, strict=True):
        response.step_ends.extend(one.ends)
    return asked if any(one.text for one in asked.texts) else _newlines(chance)


def _tokens(chance: random.Random) -> Asked:
    """Tokens of two characters, an end-of-text token behind them; steps of tokens or of lines."""
    by_tokens = chance.random() < 0.5
    texts = [text for text in _texts(chance) if len(text) > 2] or ["a\nb\nc"]
    cuts = []
    for text in texts:
        tokens = [*range(2, len(text), 2), len(text)]
        counts = sorted(chance.sample(range(1, len(tokens)), min(3, len(tokens) - 1)))
        cuts.append(CutText(text, (*(tokens[n - 1] for n in counts), len(text))) if by_tokens else _after(text, "\n"))
    asked = _asked(chance, cuts)
    for response, one in zip(asked.group.responses.responses, cuts, strict=True):
        tokens = [*range(2, len(one.text), 2), len(one.text)]
        response.token_ends.extend([*tokens, len(one.text)])
        if by_tokens:
            response.step_token_ends.extend(tokens.index(end) + 1 for end in one.ends[:-1])
    return asked


def _too_long(chance: random.Random) -> Asked:
    asked = _newlines(chance)
    asked.group.prompt = "".join(chance.choice(solutions())[0] for _ in range(_LONG_PROMPT))
    asked.group.truncate = chance.random() < 0.8
    return asked


def _alternatives(chance: random.Random) -> Asked:
    prefix = _after(_text(chance), "\n").text if chance.random() < 0.7 else ""
    steps = [pb.Alternative(text=f"{chance.randrange(9)} more\n") for _ in range(chance.randint(1, 6))]
    if chance.random() < 0.5:
        steps[-1].outcome = 1.0
    group = pb.StateGroup(prompt=_prompt(chance), alternatives=pb.Alternatives(prefix=prefix, steps=steps))
    begin = (len(prefix),) if prefix else ()
    return Asked(group, tuple(CutText(prefix + s.text, (*begin, len(prefix + s.text))) for s in steps))


def _invalid(chance: random.Random) -> Asked:
    group = _newlines(chance).group
    response = group.responses.responses.add(text="abc")
    last = f"responses.responses[{len(group.responses.responses) - 1}]"
    match chance.randrange(6):
        case 0:
            group.prompt, field = "", "prompt"
        case 1:
            response.step_ends.append(4)
            field = f"{last}.step_ends[0]"
        case 2:
            response.outcome, field = chance.choice([math.nan, math.inf, -1.0]), f"{last}.outcome"
        case 3:
            group.separator, field = "x", "separator"
        case 4:
            response.token_ends.extend([2, 1])
            field = f"{last}.token_ends[1]"
        case _:
            group.ClearField("responses")
            field = "continuation"
    return Asked(group, None, field)
