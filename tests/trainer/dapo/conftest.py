"""A data set made by hand for the tiny policy."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.trainer.dapo.made import completion, state
from trainer.collect import dataset
from trainer.collect.weights import policy_digest


def write_data(folder: Path, parts: Sequence[Sequence[dict[str, Any]]], policy: Path) -> Path:
    for number, rows in enumerate(parts):
        for kind in ("states", "solutions"):
            dataset.part(folder, kind, number).parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(rows, schema=dataset.STATES), dataset.part(folder, "states", number))
        dataset.part(folder, "solutions", number).touch()
    made_with = {"policy": {"temperature": 1.0, "files": policy_digest(str(policy), "policy")}}
    (folder / "collect.json").write_text(json.dumps(made_with))
    return folder


@pytest.fixture
def data(tmp_path: Path, policy_dir: Path) -> Path:
    """Two parts of six states each. The critic of the tests values a step by its first character, 0.0 to 0.9."""
    parts = []
    for part in range(2):
        rows = []
        for number in range(3):
            question = f"{3 * part + number}+1="
            first = [completion(f"{letter}{number}\n", "x", letter < "g") for letter in "dgjd"]
            rows.append(state(question, "", *first, completion("no", None, False)))
            rows.append(state(question, "d\n", completion("e\n"), completion("yes", None, True), completion("m\n")))
        parts.append(rows)
    return write_data(tmp_path / "data", parts, policy_dir)


@pytest.fixture
def offline(configure: Any, data: Path) -> Any:
    """Settings of an offline run of three steps an epoch, without held-out questions."""

    def settings(**changes: Any) -> Any:
        changes = {"dapo__data": data, "dapo__beta": 0.1, "dapo__batch_pairs": 16, "evaluate__file": None, **changes}
        return configure(objective__kind="dapo", **changes)

    return settings
