"""One typed configuration per program: defaults, then YAML, then environment, then command line; later ones win.

The same keys work everywhere: `queue.size` in YAML is `CODASERVE_SCORER_QUEUE__SIZE` in the environment and
`--queue.size` on the command line, where dashes and underscores in a key are the same. Unknown keys are refused
wherever they stand.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_settings import (
    BaseSettings,
    CliApp,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings.exceptions import SettingsError

from codaserve.configuration import ConfigurationError as ConfigurationError


class Section(BaseModel):
    """A group of keys inside a program's configuration."""

    model_config = ConfigDict(
        extra="forbid",
        use_attribute_docstrings=True,
        validate_default=True,
        # A key that is a word of the language has its name as an alias; defaults are passed on under either.
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )


class ProgramSettings(BaseSettings):
    """Base of a program's configuration; subclasses set `env_prefix` in `model_config`."""

    model_config = SettingsConfigDict(
        extra="forbid",
        use_attribute_docstrings=True,
        validate_default=True,
        env_nested_delimiter="__",
        cli_kebab_case=True,
        cli_avoid_json=True,
        cli_implicit_flags=True,
        cli_hide_none_type=True,
        nested_model_default_partial_update=True,
    )
    _yaml: ClassVar[dict[str, Any]] = {}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The caller's values alone: settings that a program makes of its own are none of the environment's business,
        which `load` reads for the program that was started."""
        return (init_settings,)


Settings = TypeVar("Settings", bound=ProgramSettings)


def load(model: type[Settings], argv: Sequence[str], *, prog: str, config: Path | None = None) -> Settings:
    """Reads the configuration of a program. Settings that are made otherwise have nothing of the environment.

    Args:
        model: The program's settings class.
        argv: Command line arguments, without the program's name. `--config FILE` names a YAML file unless `config`
            does. `--help` prints every key with its meaning and exits.
        prog: The command as the user types it, for messages.
        config: A YAML file.

    Raises:
        ConfigurationError: A file cannot be read, a key is unknown or a value is out of bounds.
    """
    arguments = [_with_dashes(argument) for argument in argv]
    if config is None:
        config = _take_config(arguments)
    values = _read_yaml(config) if config is not None else {}
    _refuse_unknown_environment(model)
    try:
        return _run(model, arguments, _over(values, EnvSettingsSource(model)()), prog)
    except ValidationError as error:
        lines = [f"{'.'.join(str(part) for part in e['loc']) or 'configuration'}: {e['msg']}" for e in error.errors()]
        raise ConfigurationError(f"{prog}: " + "; ".join(lines) + f" (see {prog} --help)") from error
    except SettingsError as error:
        raise ConfigurationError(f"{prog}: {error} (see {prog} --help)") from error


def load_after_file(model: type[Settings], argv: Sequence[str], *, prog: str) -> Settings:
    """As `load`, of a command line that begins with a YAML file, if it has one.

    Raises:
        ConfigurationError: As `load`.
    """
    config = Path(argv[0]) if argv and not argv[0].startswith("-") else None
    return load(model, argv[1:] if config else argv, prog=prog, config=config)


def _run(model: type[Settings], arguments: list[str], values: dict[str, Any], prog: str) -> Settings:
    name = sys.argv[0]
    sys.argv[0] = prog  # argparse inside pydantic-settings has no other way to learn the command's name
    try:
        return CliApp.run(model, cli_args=arguments, **values)
    finally:
        sys.argv[0] = name


def _with_dashes(argument: str) -> str:
    if not argument.startswith("--"):
        return argument
    key, equals, value = argument.partition("=")
    return key.replace("_", "-") + equals + value


def _take_config(arguments: list[str]) -> Path | None:
    for index, argument in enumerate(arguments):
        if argument == "--config":
            if index + 1 == len(arguments):
                raise ConfigurationError("--config needs a file name")
            path = Path(arguments[index + 1])
            del arguments[index : index + 2]
            return path
        if argument.startswith("--config="):
            del arguments[index]
            return Path(argument.removeprefix("--config="))
    return None


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigurationError(f"{path}: cannot be read as YAML: {error}") from error
    if content is None:
        return {}
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise ConfigurationError(f"{path}: expected a mapping of keys at the top level")
    return content


def _over(values: dict[str, Any], others: dict[str, Any]) -> dict[str, Any]:
    """The values with others in their places, section by section."""
    merged = dict(values)
    for key, other in others.items():
        below = merged.get(key)
        merged[key] = _over(below, other) if isinstance(below, dict) and isinstance(other, dict) else other
    return merged


def _refuse_unknown_environment(model: type[ProgramSettings]) -> None:
    prefix = str(model.model_config.get("env_prefix") or "").upper()
    if not prefix:
        return
    known = {name.upper() for name in _flat_keys(model)}
    for variable in os.environ:
        if variable.upper().startswith(prefix) and variable.upper().removeprefix(prefix) not in known:
            raise ConfigurationError(f"environment variable {variable}: no such key (see --help for the keys)")


def _flat_keys(model: type[BaseModel], before: str = "") -> list[str]:
    keys: list[str] = []
    for attribute, field in model.model_fields.items():
        name = field.alias or attribute
        keys.append(before + name)
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            keys += _flat_keys(field.annotation, f"{before}{name}__")
    return keys
