"""Defaults, YAML, environment and command line take the same keys; later ones win; unknown ones are refused."""

from pathlib import Path

import pytest
from pydantic import Field
from pydantic_settings import SettingsConfigDict

from codaserve.settings import ConfigurationError, ProgramSettings, Section, load


class Queue(Section):
    max_size: int = Field(4, gt=0)
    """Items that may wait."""
    lambda_: float = Field(0.5, alias="lambda")
    """A key that is a word of the language."""


class Example(ProgramSettings):
    """An example."""

    model_config = SettingsConfigDict(env_prefix="CODASERVE_EXAMPLE_")

    port: int = 5
    """Port."""
    some_flag: bool = False
    """Flag."""
    addresses: list[str] = Field(default_factory=list)
    """Addresses."""
    queue: Queue = Queue()
    """Queue."""


def read(*argv: str) -> Example:
    return load(Example, argv, prog="codaserve example")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text("port: 6\nqueue:\n  max_size: 7\n")
    return path


def test_defaults() -> None:
    assert (read().port, read().queue.max_size) == (5, 4)


def test_yaml_over_defaults(config: Path) -> None:
    settings = read("--config", str(config))
    assert (settings.port, settings.queue.max_size) == (6, 7)


def test_environment_over_yaml(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODASERVE_EXAMPLE_QUEUE__MAX_SIZE", "8")
    settings = read(f"--config={config}")
    assert (settings.port, settings.queue.max_size) == (6, 8)


def test_command_line_over_environment(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODASERVE_EXAMPLE_PORT", "8")
    settings = read("--config", str(config), "--port", "9", "--addresses", "a_1,b_2")
    assert (settings.port, settings.queue.max_size, settings.addresses) == (9, 7, ["a_1", "b_2"])


def test_a_key_with_an_alias_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODASERVE_EXAMPLE_QUEUE__LAMBDA", "0.25")
    assert read().queue.lambda_ == 0.25


def test_the_environment_is_the_started_programs_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODASERVE_EXAMPLE_PORT", "8")
    monkeypatch.setenv("CODASERVE_EXAMPLE_QUEUE__MAX_SIZE", "8")
    made = Example(port=6, queue=Queue(max_size=7))
    assert (made.port, made.queue.max_size, made.some_flag) == (6, 7, False)
    assert Example().port == 5


@pytest.mark.parametrize("key", ["--queue.max-size", "--queue.max_size"])
def test_dashes_and_underscores_are_the_same(key: str) -> None:
    assert read(key, "3", "--some_flag").queue.max_size == 3


def test_unknown_key_in_yaml(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("queue: {maxsize: 7}\n")
    with pytest.raises(ConfigurationError, match=r"queue\.maxsize"):
        read("--config", str(path))


def test_unknown_key_in_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODASERVE_EXAMPLE_PROT", "8")
    with pytest.raises(ConfigurationError, match="CODASERVE_EXAMPLE_PROT"):
        read()


def test_unknown_key_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        read("--prot", "8")
    assert exit_.value.code == 2
    assert "--prot" in capsys.readouterr().err


def test_value_out_of_bounds_names_the_key() -> None:
    with pytest.raises(ConfigurationError, match=r"queue\.max_size"):
        read("--queue.max-size", "0")


@pytest.mark.parametrize("content", ["- a list", "a: [", "\x00"])
def test_file_that_is_no_mapping(tmp_path: Path, content: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(content)
    with pytest.raises(ConfigurationError, match=r"config\.yaml"):
        read("--config", str(path))


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"missing\.yaml: cannot be read: No such file"):
        read("--config", str(tmp_path / "missing.yaml"))


def test_help_documents_every_key(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read("--help")
    text = capsys.readouterr().out
    assert "--queue.max-size" in text
    assert "Items that may wait." in text
