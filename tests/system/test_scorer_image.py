"""What the scorer's image is, and how it starts; what it does is tested with the other modes."""

from pathlib import Path

import pytest

from tests.system import containers
from tests.system.containers import UID

pytestmark = pytest.mark.system


def test_it_holds_what_it_needs_and_runs_without_rights(image: str) -> None:
    containers.check_image(image, has=set(), health=True)


def test_its_root_file_system_cannot_be_written(image: str) -> None:
    done = containers.once(image, ["-c", "touch /tmp/mine && ! touch /opt/codaserve/mine && id -u"], {}, "/bin/sh")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(UID)


def test_it_refuses_to_serve_others_without_a_lock(image: str) -> None:
    refused = containers.once(image, [], {})
    assert refused.returncode == 2
    assert "insecure_public" in refused.stderr


def test_health_is_asked_inside(image: str, tmp_path: Path) -> None:
    with containers.container(image, [], tmp_path / "log") as served:
        assert containers.once(image, ["health", served.address], {}, "codaserve").returncode == 0
    assert containers.once(image, ["health", served.address, "--timeout", "1"], {}, "codaserve").returncode == 1
