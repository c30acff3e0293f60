import subprocess
import sys


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_client_needs_only_grpc_and_protobuf() -> None:
    code = """
import importlib.abc, sys

class Only(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        # typing_extensions comes with grpcio
        if top not in sys.stdlib_module_names and top not in {"codaserve", "grpc", "google", "typing_extensions"}:
            raise ImportError(f"{name} is not part of a client's installation")

sys.meta_path.insert(0, Only())
from codaserve import AsyncCriticClient, AsyncScorerClient, CriticClient, RetryPolicy, ScorerClient, ScoringFailure
from codaserve.v1 import scorer_pb2 as pb
with ScorerClient("127.0.0.1:1", retry=RetryPolicy(max_outage=0)) as client:
    (result,) = client.score([pb.ScoreItem(id="a")])
print(pb.FailureCode.Name(result.failure.code))
"""
    assert run(code) == "FAILURE_UNAVAILABLE\n"


def test_importing_the_package_alone_is_light() -> None:
    code = "import codaserve, sys; print(codaserve.__version__, 'grpc' in sys.modules)"
    assert run(code).split()[1] == "False"
