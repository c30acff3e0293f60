"""The manifests against the schemas of Kubernetes; no cluster sees them here."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from codaserve.serving.readiness import LIVENESS, READINESS
from codaserve.settings import load
from critic.settings import CriticSettings
from scorer.settings import ScorerSettings

BASE = Path(__file__).parents[2] / "docker/kubernetes/base"
FILES = yaml.safe_load((BASE / "kustomization.yaml").read_text())["resources"]
MANIFESTS: dict[str, Any] = {name: yaml.safe_load((BASE / name).read_text()) for name in FILES}
VERSIONS = ("1.30", "1.33", "1.37")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", FILES)
def test_manifests_keep_the_schema(name: str, version: str) -> None:
    kubernetes_validate.validate(MANIFESTS[name], version, strict=True)


def test_a_misspelt_field_is_found() -> None:
    manifest = yaml.safe_load((BASE / "scorer/deployment.yaml").read_text())
    manifest["spec"]["template"]["spec"]["containers"][0]["readinesProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError, match="readinesProbe"):
        kubernetes_validate.validate(manifest, VERSIONS[-1], strict=True)


def test_every_manifest_is_listed() -> None:
    there = {str(path.relative_to(BASE)) for path in BASE.rglob("*.yaml")} - {"kustomization.yaml"}
    assert there == set(FILES)


@pytest.mark.parametrize("program", ["scorer", "critic"])
def test_pods_have_no_rights(program: str) -> None:
    pod = MANIFESTS[f"{program}/deployment.yaml"]["spec"]["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in pod["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
    policy = MANIFESTS[f"{program}/network-policy.yaml"]["spec"]
    assert policy["egress"] == []
    assert "Egress" in policy["policyTypes"]


@pytest.mark.parametrize(("program", "settings"), [("scorer", ScorerSettings), ("critic", CriticSettings)])
def test_arguments_ports_and_probes_are_the_programs(program: str, settings: type[ScorerSettings]) -> None:
    pod = MANIFESTS[f"{program}/deployment.yaml"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    given = load(settings, container["args"], prog=program)
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert ports == {"grpc": given.port, "metrics": given.metrics.port}
    assert given.metrics.insecure_public
    assert container["livenessProbe"]["grpc"] == {"port": given.port, "service": LIVENESS}
    assert container["readinessProbe"]["grpc"] == {"port": given.port, "service": READINESS}
    assert pod["terminationGracePeriodSeconds"] > given.drain_seconds + 5
    mounted = {mount["mountPath"] for mount in container["volumeMounts"]}
    assert str(given.tokens.parent if given.tokens else None) in mounted
    volumes = {volume["name"] for volume in pod["volumes"]}
    assert {mount["name"] for mount in container["volumeMounts"]} == volumes
    if program == "scorer":
        assert len(given.code.sandbox.scratch) == given.code.sandbox.slots
        assert {str(folder) for folder in given.code.sandbox.scratch} <= mounted


@pytest.mark.parametrize("program", ["scorer", "critic"])
def test_what_belongs_together_finds_each_other(program: str) -> None:
    labels = MANIFESTS[f"{program}/deployment.yaml"]["spec"]["template"]["metadata"]["labels"]
    for selector in (
        MANIFESTS[f"{program}/deployment.yaml"]["spec"]["selector"]["matchLabels"],
        MANIFESTS[f"{program}/service.yaml"]["spec"]["selector"],
        MANIFESTS[f"{program}/disruption-budget.yaml"]["spec"]["selector"]["matchLabels"],
        MANIFESTS[f"{program}/network-policy.yaml"]["spec"]["podSelector"]["matchLabels"],
    ):
        assert selector.items() <= labels.items()
    assert MANIFESTS[f"{program}/service.yaml"]["spec"]["clusterIP"] == "None"


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="needs kubectl")
@pytest.mark.parametrize(("folder", "accelerated"), [("base", True), ("cpu", False)])
def test_what_kustomize_makes_keeps_the_schema(folder: str, accelerated: bool) -> None:
    command: list[str | Path] = ["kubectl", "kustomize", BASE.with_name(folder)]
    made = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout
    manifests = list(yaml.safe_load_all(made))
    assert len(manifests) == len(FILES)
    for manifest in manifests:
        kubernetes_validate.validate(manifest, VERSIONS[-1], strict=True)
        assert manifest["kind"] == "Namespace" or manifest["metadata"]["namespace"] == "codaserve"
    pods = {it["metadata"]["name"]: it["spec"]["template"]["spec"] for it in manifests if it["kind"] == "Deployment"}
    assert ("nvidia.com/gpu" in pods["critic"]["containers"][0]["resources"]["limits"]) == accelerated
    assert all(":" in pod["containers"][0]["image"] for pod in pods.values())
