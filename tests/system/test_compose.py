"""The compose file as docker-compose reads it, and the configuration of the balancer by the messages of Envoy.

Neither is run: that needs Docker's daemon and images of a registry."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
CONFIGURATION = ROOT / "docker/compose/envoy.yaml"
MESSAGES = "xds-protos==1.85.0"

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with Envoy's messages and all that they need, apart from every other package."""
    folder = tmp_path_factory.mktemp("messages")
    command: list[str | Path] = [sys.executable, "-m", "pip", "install", "--quiet", "--target", folder]
    subprocess.run([*command, "-c", ROOT / "constraints.txt", MESSAGES, "pyyaml"], check=True, timeout=300, cwd="/")
    return folder


def read(messages: Path, text: str) -> "subprocess.CompletedProcess[str]":
    command: list[str | Path] = [sys.executable, "-S", ROOT / "tests/system/read_envoy.py"]
    environment = os.environ | {"PYTHONPATH": str(messages)}
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=120, env=environment, cwd="/")


def test_envoy_takes_the_configuration_and_balances_by_health(messages: Path) -> None:
    done = read(messages, CONFIGURATION.read_text())
    assert done.returncode == 0, done.stderr
    resources = json.loads(done.stdout)["static_resources"]
    services = yaml.safe_load((ROOT / "docker/compose.yaml").read_text())["services"]
    ports = {listener["address"]["socket_address"]["port_value"] for listener in resources["listeners"]}
    assert ports == {int(port.split(":")[2]) for port in services["balancer"]["ports"]}
    for cluster in resources["clusters"]:
        (endpoint,) = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"]
        address = endpoint["endpoint"]["address"]["socket_address"]
        assert address["address"] in services
        assert address["port_value"] == {"scorer": 50051, "critic": 50052}[address["address"]]
        assert cluster["health_checks"][0]["grpc_health_check"]["service_name"].startswith("codaserve.v1.")
        assert "envoy.extensions.upstreams.http.v3.HttpProtocolOptions" in cluster["typed_extension_protocol_options"]


def test_a_misspelt_key_is_found(messages: Path) -> None:
    done = read(messages, CONFIGURATION.read_text().replace("lb_policy", "lb_polcy"))
    assert done.returncode == 1
    assert "lb_polcy" in done.stderr


def compose(text: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    file = folder / "compose.yaml"
    file.write_text(text)
    command: list[str | Path] = ["docker-compose", "--project-directory", ROOT / "docker", "--file", file, "config"]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_compose_takes_the_file(tmp_path: Path) -> None:
    text = (ROOT / "docker/compose.yaml").read_text()
    done = compose(text, tmp_path)
    assert done.returncode == 0, done.stderr
    assert yaml.safe_load(done.stdout)["services"].keys() == yaml.safe_load(text)["services"].keys()
    wrong = compose(text.replace("cap_drop:", "cap_dropped:"), tmp_path)
    assert wrong.returncode == 1
    assert "cap_dropped" in wrong.stderr
