"""The HTTP dialects, asked by the clients that they are for, in an environment of theirs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from codaserve.embedded import EmbeddedService
from tests.codaserve.adapters.environments import run

pytestmark = pytest.mark.adapters


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a scorer answers HTTP whose languages were all tried."""
    file = tmp_path_factory.mktemp("http") / "address"
    options = ["--http.port", "0", "--http.address-file", str(file), "--code.languages", "cpp,typescript"]
    with EmbeddedService.start("scorer", options):
        yield file.read_text().strip()


def test_sandbox_fusion(address: str) -> None:
    heard = run(".venv-clients", "dialects_main.py", address, "sandbox_fusion")
    assert heard["right"] == ["Success", "Success", "a\n"]
    assert heard["failed"] == ["Failed", "run", ""]
    assert heard["late"] == ["Failed", "time", ""]
    assert heard["cpp"] == ["Success", "Success", "42\n"]
    assert heard["broken"] == ["Failed", "compile", None]
    assert heard["typescript"] == ["Success", "Success", "2\n"]
    assert heard["together"] == heard["threads"] == [f"{number}\n" for number in range(16)]
    assert "responded with code 422" in heard["refused"]
    assert "'php' is not there" in heard["refused"]


def test_verl(address: str) -> None:
    heard = run(".venv-clients", "dialects_main.py", address, "verl")
    assert heard["half"] == 0.5
    assert heard["calls"] == 1.0
    assert heard["asserts"] == [[True], ["success"]]
    assert heard["wrong"] == [[True, False], ["success", "wrong_answer"]]
    assert heard["raises"] == [[-2, -2], ["runtime_error"] * 2]
    assert heard["late"] == [[-3], ["timeout"]]
    assert heard["broken"][0] == [-4, -4]
    assert heard["cpp"] == [[True], ["success"]]


def test_verl_comes_back_to_a_full_queue(tmp_path: Path) -> None:
    file = tmp_path / "address"
    with EmbeddedService.start("scorer", ["--http.port", "0", "--http.address-file", str(file), "--queue.size", "1"]):
        heard = run(".venv-clients", "dialects_main.py", file.read_text().strip(), "verl_when_full")
    assert heard["heard"][0] == 504 and heard["heard"][-1] == 200
    assert heard["results"] == [True]


def test_openrlhf(address: str) -> None:
    heard = run(".venv-clients", "dialects_main.py", address, "openrlhf")
    assert heard["right"] == [[1.0], [1.0], {}]
    assert heard["wrong"] == [[0.0], [0.0], {}]
    assert heard["undecided"] == heard["refused"] == [None, None, {}]
    assert heard["two"] == [[[1.0], [1.0], {}]] * 3
    assert [one["rewards"] for one in heard["shards"]] == [[1.0], [1.0]]


def test_nemo_gym(address: str) -> None:
    """The rollouts that nemo-gym 0.4.0 publishes (resources_servers/*/data/example_rollouts.jsonl), by its agent."""
    heard = run(".venv-clients", "nemo_gym_main.py", address)
    assert heard["version"] == "0.4.0"
    assert heard["code_gen"] == {"published": [0, 1, 0, 0, 0], "ours": [0, 1, 0, 0, 0], "kept": True}
    math = heard["math_with_judge"]
    assert math["kept"] and math["published"] == [0, 1, 1, 1, 0]
    # One has numbers of 2,300 digits, on which the scorer may not decide.
    assert [math["ours"][place] for place in (0, 2, 3, 4)] == [0, 1, 1, 0] and math["ours"][1] in (1, 500)
    assert heard["without"] == [500, 500]  # the agent raises; there is no reward
