"""The compose file and what it mounts, read and not run: no machine of the tests has Docker's daemon."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from codaserve.settings import load
from critic.settings import CriticSettings
from scorer.settings import ScorerSettings
from trainer.settings import TrainerSettings

DOCKER = Path(__file__).parents[2] / "docker"
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_has_its_walls(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]  # and so Docker's default seccomp profile
    assert "privileged" not in service
    uid = int(service["user"].split(":")[0])
    assert uid != 0
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
    assert "@sha256:" in service["image"] or "build" in service


@pytest.mark.parametrize("name", SERVICES)
def test_what_is_mounted_is_there_and_cannot_be_written(name: str) -> None:
    for volume in SERVICES[name].get("volumes", ()):
        source, _, rest = (
            volume.rpartition(":ro")[0].rpartition(":") if volume.endswith(":ro") else volume.partition(":")
        )
        if source in COMPOSE["volumes"]:
            continue
        assert volume.endswith(":ro"), volume
        path = source.removeprefix("${CRITIC_CHECKPOINT:-").removesuffix("}")
        assert (DOCKER / path).exists(), volume
        assert rest


def test_programs_that_scorers_run_reach_no_network_but_the_closed_one() -> None:
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert SERVICES["scorer"]["networks"] == ["inside"]
    assert SERVICES["critic"]["networks"] == ["inside"]
    assert SERVICES["scorer"]["deploy"]["replicas"] == 2


def test_arguments_of_the_services_are_known_to_them() -> None:
    scorer = load(ScorerSettings, SERVICES["scorer"]["command"], prog="scorer")
    mounted = {entry.split(":")[0] for entry in SERVICES["scorer"]["tmpfs"]}
    assert {str(folder) for folder in scorer.code.sandbox.scratch} <= mounted
    assert len(scorer.code.sandbox.scratch) == scorer.code.sandbox.slots
    critic = load(CriticSettings, [*SERVICES["critic"]["command"], "--checkpoint", "/checkpoint"], prog="critic")
    assert scorer.insecure_public and critic.insecure_public
    scraped = {
        job["job_name"]: job
        for job in yaml.safe_load((DOCKER / "compose/prometheus.yaml").read_text())["scrape_configs"]
    }
    for name, settings in {"scorer": scorer, "critic": critic}.items():
        assert scraped[name]["dns_sd_configs"][0]["port"] == settings.metrics.port
        assert settings.metrics.host == "0.0.0.0"
    # The scorer has to be killed later than it may take to finish what it has begun.
    assert int(SERVICES["scorer"]["stop_grace_period"].removesuffix("s")) > scorer.drain_seconds + 5


def test_the_training_job_is_one_that_the_trainer_takes() -> None:
    settings = TrainerSettings.model_validate(yaml.safe_load((DOCKER / "compose/train.yaml").read_text()))
    assert settings.uses_critic
    mounted = [volume.split(":")[1] for volume in SERVICES["trainer"]["volumes"]]
    assert str(settings.tasks.file) in mounted
    assert settings.model.path in mounted
    assert str(settings.output_dir.parent) in mounted
    assert (DOCKER / "compose/tasks.jsonl").read_text().count("\n") >= settings.rollout.questions
