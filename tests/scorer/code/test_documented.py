"""The examples of docs/code.md come out as it says."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict, ParseDict

from codaserve.v1 import scorer_pb2 as pb
from scorer import results
from scorer.code.judge import CodeJudge

TEXT = (Path(__file__).parents[3] / "docs" / "code.md").read_text()
LINES = [
    json.loads(line) for block in re.findall(r"```json\n(.*?)^```$", TEXT, re.S | re.M) for line in block.splitlines()
]
EXAMPLES = list(zip(LINES[::2], LINES[1::2], strict=True))


def checkers_language(item: Any) -> str:
    """The language of an example's checker, Python if it has none."""
    code = item["code"]
    tests = code.get("stdio") or code.get("calls") or {}
    return str(tests.get("checker", {}).get("language", "python"))


IN_PYTHON = [example for example in EXAMPLES if checkers_language(example[0]) == "python"]
IN_OTHERS = [example for example in EXAMPLES if checkers_language(example[0]) != "python"]


def test_there_are_examples() -> None:
    assert len(IN_PYTHON) > 15 and len(IN_OTHERS) > 3 and all("language" in item["code"] for item, _ in EXAMPLES)


@pytest.mark.asyncio(loop_scope="package")
@pytest.mark.parametrize(("item", "said"), IN_PYTHON)
async def test_an_example_comes_out_as_documented(code_judge: CodeJudge, item: Any, said: dict[str, Any]) -> None:
    await comes_out(code_judge, item, said)


@pytest.mark.asyncio(loop_scope="package")
@pytest.mark.parametrize(("item", "said"), IN_OTHERS)
async def test_a_checker_of_another_language_comes_out_as_documented(
    tooled_judge: CodeJudge, item: Any, said: dict[str, Any]
) -> None:
    missing = {language.name: language.detail for language in tooled_judge.missing_languages}
    language = checkers_language(item)
    if language in missing:
        pytest.skip(f"{language} is missing: {missing[language]}")
    await comes_out(tooled_judge, item, said)


async def comes_out(judge: CodeJudge, item: Any, said: dict[str, Any]) -> None:
    """Asserts that an example comes out as it says."""
    parsed = ParseDict(item, pb.ScoreItem())
    deadline = asyncio.get_running_loop().time() + 60
    result = await results.outcome_of("", judge.judge(parsed.code, deadline=deadline))
    outcome = result.failure if result.HasField("failure") else result.verdict
    found = MessageToDict(outcome, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)
    if "first_failure" in said:
        said = said | {"first_failure": MessageToDict(ParseDict(said["first_failure"], pb.FirstFailure()))}
        found["first_failure"] = MessageToDict(result.verdict.first_failure)
    assert {name: found[name] for name in said} == said
