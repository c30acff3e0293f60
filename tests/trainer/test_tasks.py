"""Questions: prompts, tasks for the scorer, and errors that name row and field."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from codaserve.v1 import scorer_pb2 as pb
from trainer.settings import SourceSettings, TaskSettings
from trainer.sources import TaskError
from trainer.tasks import Question, fingerprint, load_questions, parse_question

MATH: dict[str, Any] = {"question": "1+1", "math": {"gold": ["2"]}}


def code(entry_point: str = "", **tests: Any) -> dict[str, Any]:
    return {"question": "x", "code": {"language": "python", "entry_point": entry_point, **tests}}


def parse(tokenizer: Any, row: dict[str, Any], **templates: Any) -> Question:
    settings = TaskSettings(**{"file": Path("t.jsonl")} | templates)
    return parse_question("t.jsonl:3", row, settings, tokenizer, default_id="3")


def test_a_math_question(tokenizer: Any) -> None:
    row = {"id": 7, "level": 2, **MATH}
    question = parse(tokenizer, row, prompt_template="Solve {question} in \\boxed{}.")
    assert (question.id, question.level, question.prompt) == ("7", "2", "Solve 1+1 in \\boxed{}.")
    item = question.answered("so \\boxed{2}", id="1/0/0", group="1/0")
    assert (item.id, item.group, item.math.response, list(item.math.gold)) == ("1/0/0", "1/0", "so \\boxed{2}", ["2"])
    assert not question.item.math.WhichOneof("submission")


def test_a_math_question_says_what_is_wanted(tokenizer: Any) -> None:
    math = {"gold": ["B"], "choices": ["1", "2"], "unit_matters": False, "forms": ["FORM_INTEGER"]}
    task = parse(tokenizer, {"question": "x", "math": math}).answered("B", id="a", group="g").math
    assert (list(task.choices), task.HasField("unit_matters"), task.unit_matters) == (["1", "2"], True, False)
    assert task.forms == [pb.FORM_INTEGER]


def test_a_code_question(tokenizer: Any) -> None:
    code = {"language": "python", "entry_point": "f", "asserts": {"script": "assert f(1) == 1"}}
    question = parse(tokenizer, {"prompt": "def f", "code": code}, prompt_template="Q {question}")
    assert (question.id, question.level, question.prompt) == ("3", None, "def f")
    assert question.answered("text", id="a", group="g").code.response == "text"


def test_an_id_of_null_is_none(tokenizer: Any) -> None:
    assert parse(tokenizer, MATH | {"id": None}).id == "3"


@pytest.mark.parametrize("gold", ["2", ["2"], 2, Decimal("2")])
def test_gold_alone_is_a_math_task(tokenizer: Any, gold: Any) -> None:
    assert list(parse(tokenizer, {"question": "1+1", "gold": gold}).item.math.gold) == ["2"]


def test_braces_in_a_question_are_kept(tokenizer: Any) -> None:
    assert parse(tokenizer, MATH | {"question": "{x} {question}"}).prompt == "{x} {question}"


def test_the_chat_template_is_applied(tokenizer: Any) -> None:
    tokenizer.chat_template = "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}<assistant>"
    try:
        prompt = parse(tokenizer, MATH, chat_template=True, prompt_template="Q: {question}").prompt
    finally:
        tokenizer.chat_template = None
    assert prompt == "<user>Q: 1+1<assistant>"


def test_a_tokenizer_without_chat_template_is_refused(tokenizer: Any) -> None:
    with pytest.raises(TaskError, match="chat_template"):
        parse(tokenizer, MATH, chat_template=True)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"question": "x"}, "field 'math': give one of"),
        ({"math": {"gold": ["1"]}}, "field 'question': give either"),
        (MATH | {"prompt": "x"}, "field 'question': give either"),
        (MATH | {"question": 3}, "field 'question': expected text"),
        (MATH | {"answer": "2"}, "field 'answer' is unknown"),
        (MATH | {"level": [1]}, "field 'level'"),
        (MATH | {"math": {"gold": []}}, "field 'math.gold'"),
        (MATH | {"math": {"golds": ["1"]}}, "field 'math'.*golds"),
        (MATH | {"math": {"gold": ["1"], "response": "x"}}, "field 'math.response'"),
        ({"question": "x", "code": {"entry_point": "f"}}, "field 'code.language'"),
        ({"question": "x", "code": {"language": "python"}}, "field 'code': tests are needed"),
        ({"question": "x", "code": {"language": "python", "source": "x"}}, "field 'code.source'"),
        (MATH | {"question": "\ud800"}, "field 'question': not Unicode text"),
        (MATH | {"id": "\ud800"}, "field 'id': not Unicode text"),
        (MATH | {"id": True}, "field 'id': expected text or a number"),
        (MATH | {"math": {"gold": [" "]}}, "field 'math.gold': a gold answer is empty"),
        ({"question": "x", "gold": None}, "field 'gold'.*found None"),
        ({"question": "x", "gold": True}, "field 'gold'.*found True"),
        ({"question": "x", "gold": ["1", {"a": 1}]}, "field 'gold'.*found {'a': 1}"),
        ({"question": "x", "gold": float("nan")}, "field 'gold'.*found nan"),
        ({"question": "x", "gold": []}, "field 'math.gold': at least one"),
        (code(stdio={"cases": []}), "field 'code.stdio.cases': at least one"),
        (code(asserts={"setup": "x"}), "field 'code.asserts.script': needed"),
        (code(calls={"cases": [{"expected": "1"}]}), "field 'code.entry_point': needed for calls"),
        (code("f", calls={"cases": []}), "field 'code.calls.cases': at least one"),
        (code("f", calls={"cases": [{"arguments": "[1", "expected": "1"}]}), r"field .*cases\[0\].arguments'.* array"),
        (code("f", calls={"cases": [{"keyword_arguments": "[]", "expected": "1"}]}), r"field .*keyword_arg.* object"),
        (code("f", calls={"cases": [{"arguments": "[1]"}]}), r"field .*cases\[0\].expected': expected JSON"),
    ],
)
def test_mistakes_name_row_and_field(tokenizer: Any, row: dict[str, Any], message: str) -> None:
    with pytest.raises(TaskError, match=rf"(?s)t.jsonl:3: {message}"):
        parse(tokenizer, row)


def write(path: Path, *lines: dict[str, Any]) -> SourceSettings:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return SourceSettings(file=path)


def test_load_checks_lengths_and_ids(tokenizer: Any, tmp_path: Path) -> None:
    templates = TaskSettings(file=Path("t"))
    source = write(tmp_path / "t.jsonl", MATH, MATH | {"question": "123456"})
    with pytest.raises(TaskError, match=r"t.jsonl:2.*6 tokens.*drop_long_prompts"):
        load_questions(source, templates, tokenizer, max_prompt_tokens=5)
    dropping = templates.model_copy(update={"drop_long_prompts": True})
    questions, dropped = load_questions(source, dropping, tokenizer, max_prompt_tokens=5)
    assert ([question.id for question in questions], dropped) == (["1"], 1)
    with pytest.raises(TaskError, match="no questions"):
        load_questions(source, dropping, tokenizer, max_prompt_tokens=1)
    twice = write(tmp_path / "u.jsonl", MATH | {"id": "a"}, MATH | {"id": "a"})
    with pytest.raises(TaskError, match=r"u.jsonl:2: field 'id'.*u.jsonl:1"):
        load_questions(twice, templates, tokenizer, max_prompt_tokens=5)


def test_the_fingerprint_sees_every_part(tokenizer: Any) -> None:
    variants = [
        MATH,
        MATH | {"id": "b"},
        MATH | {"level": 1},
        MATH | {"question": "x"},
        MATH | {"math": {"gold": ["3"]}},
    ]
    assert len({fingerprint([parse(tokenizer, row)]) for row in variants}) == len(variants)
    assert fingerprint([parse(tokenizer, MATH)]) == fingerprint([parse(tokenizer, MATH)])


def with_rewards(tokenizer: Any, rewards: Any, *names: str) -> Question:
    settings = TaskSettings(file=Path("t.jsonl"))
    row = MATH | {"rewards": rewards}
    return parse_question("t.jsonl:3", row, settings, tokenizer, default_id="3", rewards=names)


def test_parts_of_the_reward_have_tasks_of_their_own(tokenizer: Any) -> None:
    rewards = {"whole": {"math": {"gold": ["2"], "forms": ["FORM_INTEGER"]}}, "exact": {"gold": 2}, "unused": {}}
    question = with_rewards(tokenizer, rewards, "whole", "exact")
    assert set(question.rewards) == {"whole", "exact"}
    item = question.answered("so 2", id="1/0/0/whole", group="1/0", reward="whole")
    assert (item.id, item.math.response, list(item.math.forms)) == ("1/0/0/whole", "so 2", [pb.FORM_INTEGER])
    assert question.answered("so 2", id="a", group="g").math.forms == []
    assert fingerprint([question]) != fingerprint([with_rewards(tokenizer, rewards, "whole")])


@pytest.mark.parametrize(
    ("rewards", "message"),
    [
        ({}, r"field 'rewards.whole': the reward whole needs a task here"),
        ([], r"field 'rewards': expected an object of tasks, found list"),
        ({"whole": {"maths": {}}}, r"field 'rewards.whole.maths' is unknown"),
        ({"whole": {"math": {"gold": []}}}, r"field 'rewards.whole.math.gold': at least one"),
        ({"whole": {"math": {"goldd": []}}}, r"field 'rewards.whole.math': "),
    ],
)
def test_mistakes_in_them_name_the_part(tokenizer: Any, rewards: Any, message: str) -> None:
    with pytest.raises(TaskError, match=rf"t.jsonl:3: {message}"):
        with_rewards(tokenizer, rewards, "whole")
