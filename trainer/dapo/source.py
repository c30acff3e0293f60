"""The data set that `codaserve critic collect` wrote, as triples are made of it."""

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from codaserve.settings import ConfigurationError
from trainer.collect import dataset
from trainer.collect.collect import RECORD
from trainer.collect.weights import policy_digest


@dataclass(frozen=True)
class Source:
    """A data set."""

    folder: Path
    temperature: float
    """At which the policy sampled."""
    policy: str
    """Digest of the weights that sampled."""
    identity: str
    """Digest of all that the data set was made with."""
    parts: list[int]
    """The complete ones."""

    def states(self, number: int) -> list[dict[str, Any]]:
        """The states of a part.

        Raises:
            ConfigurationError: It cannot be read.
        """
        path = dataset.part(self.folder, "states", number)
        try:
            rows: list[dict[str, Any]] = pq.read_table(path, schema=dataset.STATES).to_pylist()
        except (OSError, pa.ArrowException) as error:
            raise ConfigurationError(f"dapo.data: {path} cannot be read: {error}") from error
        return rows


def open_source(folder: Path) -> Source:
    """Finds out what is there.

    Raises:
        ConfigurationError: It is no data set, or has no complete part.
    """
    try:
        text = (folder / RECORD).read_text(encoding="utf-8")
        policy = json.loads(text)["policy"]
        temperature, digest = float(policy["temperature"]), str(policy["files"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(
            f"dapo.data: {folder} is no data set of codaserve critic collect: {RECORD}: {error}"
        ) from error
    numbers = [int(path.stem.removeprefix("part-")) for path in sorted((folder / "states").glob("part-*.parquet"))]
    parts = [number for number in numbers if dataset.is_complete(folder, number)]
    if not parts:
        raise ConfigurationError(f"dapo.data: {folder} has no finished questions yet; run codaserve critic collect on")
    return Source(folder, temperature, digest, sha256(text.encode()).hexdigest(), parts)


def check_reference(source: Source, path: str) -> None:
    """Refuses another policy as the reference than the one that sampled.

    Raises:
        ConfigurationError: It is another.
    """
    if policy_digest(path, "model.path") != source.policy:
        raise ConfigurationError(
            f"model.path: {path} has other weights than the policy that wrote the answers in {source.folder}, which is "
            "the reference policy: give that one"
        )
