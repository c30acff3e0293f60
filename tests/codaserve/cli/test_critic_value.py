import asyncio
import io
import json
from pathlib import Path

import pytest

from codaserve.cli import critic_value
from codaserve.cli.jsonl import read_lines
from codaserve.cli.main import main
from codaserve.v1 import critic_pb2 as pb
from tests.codaserve.client.fake_critic import FakeCritic


async def test_values_groups_in_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, output = tmp_path / "groups.jsonl", tmp_path / "values.jsonl"
    lines = [{"id": f"g{n}", "prompt": "p", "responses": {"responses": [{"text": "a" * n}]}} for n in range(1, 20)]
    texts = [json.dumps(line) for line in lines]
    source.write_text("\n".join([*texts, '{"id": "odd", "prompt": 1}']))
    async with FakeCritic() as server:
        command = ["critic", "value", str(source), "-o", str(output), "--address", server.address]
        command += ["--html", str(tmp_path / "page.html")]
        assert await asyncio.to_thread(main, command) == 1
    results = [json.loads(text) for text in output.read_text().splitlines()]
    assert [r["id"] for r in results] == [f"g{n}" for n in range(1, 20)] + ["odd"]
    assert results[4]["values"]["responses"][0]["steps"][0]["value"] == 5.0
    assert results[-1]["failure"]["code"] == "CRITIC_FAILURE_INVALID_INPUT"
    assert results[-1]["failure"]["message"].startswith("line 20: ")
    page = (tmp_path / "page.html").read_text()
    assert page.count("<section>") == 20
    assert "line 20: " in page
    assert "20 groups" in (summary := capsys.readouterr().err)
    assert "19 valued, 1 CRITIC_FAILURE_INVALID_INPUT" in summary


@pytest.mark.parametrize("more", [[], ["--address", "a:1", "--checkpoint", "c"]])
def test_needs_a_critic_or_a_checkpoint(more: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["critic", "value", "x.jsonl", *more])
    assert exit_.value.code == 2
    assert "--checkpoint" in capsys.readouterr().err


def test_help_shows_lines_that_are_read(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        critic_value.run(["--help"])
    out = capsys.readouterr().out
    examples = [text.strip() for text in out.splitlines() if text.startswith('  {"id": "') and "..." not in text]
    parsed = list(read_lines(io.BytesIO("\n".join(examples).encode()), pb.StateGroup))
    assert [p.error for p in parsed] == ["", ""]
    assert [p.item.WhichOneof("continuation") for p in parsed if p.item] == ["responses", "alternatives"]
