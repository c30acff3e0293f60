import subprocess
import sys
from pathlib import Path

from codaserve.v1 import scorer_pb2 as pb
from scorer.kernel.layers import NAMES, Layer
from scorer.probe import describe, mode

WITHOUT = "user_namespace,mount_namespace,pid_namespace,network_namespace,ipc_namespace,uts_namespace"


def probe(*arguments: str) -> "subprocess.CompletedProcess[str]":
    program = "import sys; from scorer.main import run; sys.exit(run(sys.argv[1:]))"
    command = [sys.executable, "-c", program, "--probe", "--code.sandbox.slots", "1", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=400, check=False)


def test_a_probe_tells_layers_languages_and_the_mode() -> None:
    done = probe()
    assert done.returncode == 0, done
    for name in (*NAMES, "Mode (", "python", "rust", "isolation.require is met"):
        assert name in done.stdout, done


def test_what_is_required_and_missing_is_named_and_is_the_status() -> None:
    done = probe(
        *("--code.sandbox.isolation.without", WITHOUT, "--code.sandbox.isolation.require", "pid_namespace,seccomp")
    )
    assert done.returncode == 1
    assert "NOT MET: isolation.require asks for pid_namespace" in done.stdout
    assert "Mode (c)" in done.stdout


def test_a_configuration_that_cannot_be_used_is_refused_before() -> None:
    done = probe("--code.sandbox.scratch", str(Path("/usr")))
    assert (done.returncode, done.stdout) == (1, "")
    assert "code.sandbox.scratch: /usr is no tmpfs of its own" in done.stderr


def layers(*active: str) -> list[Layer]:
    return [Layer(name, name in active, "as it is") for name in NAMES]


def test_modes_go_by_the_layers_in_force() -> None:
    least = ("seccomp", "rlimits")
    private = ("mount_namespace", "pid_namespace", "dropped_privileges")
    assert "Mode (a)" in mode(layers(*least, *private))
    assert "Mode (b)" in mode(layers(*least, *private, "user_namespace"))
    assert "Mode (c)" in mode(layers(*least, "landlock", "dropped_privileges"))
    assert "Mode (a) without" in mode(layers(*least, "landlock", "mount_namespace", "pid_namespace"))
    assert "None" in mode(layers(*least)) and "None" in mode(layers("landlock", *private))


def test_what_is_missing_comes_with_a_remedy() -> None:
    lines = describe(
        layers("seccomp"), [pb.Language(name="python", version="3.1")], [pb.Language(name="c", detail="x")]
    )
    text = "\n".join(lines)
    assert "cgroups              NO   as it is\n" in text and "Delegate=yes" in text
    assert "CAP_SETUID" in text
    assert "python       3.1" in text and "c            NO: x" in text
