"""Adapters against servers that ask for a token over TLS, which most trainers give no way of passing on."""

from pathlib import Path
from typing import Any

import grpc
import pytest
import trustme

import codaserve
from codaserve.adapters.access import environment_access
from codaserve.adapters.asking import Service
from codaserve.adapters.scoring import Scoring
from codaserve.adapters.verl import compute_score
from codaserve.client import Access
from codaserve.serving.access.certificates import Certificates
from codaserve.serving.access.gate import Gate
from codaserve.serving.access.settings import TlsSettings
from codaserve.serving.boundary import Boundary
from codaserve.v1 import critic_pb2, critic_pb2_grpc, scorer_pb2_grpc
from tests.codaserve.adapters.serving import in_thread
from tests.codaserve.client.fake_critic import FakeCritic, group
from tests.codaserve.client.fake_scorer import FakeScorer

TOKEN = "0123456789abcdef-adapter"


class Guarded:
    """A scorer and a critic on one port, for holders of the token."""

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        self.ca, self.tokens = folder / "ca.pem", folder / "tokens"
        authority.cert_pem.write_to_path(str(self.ca))
        own = authority.issue_cert("localhost")
        own.private_key_pem.write_to_path(str(folder / "key.pem"))
        own.cert_chain_pems[0].write_to_path(str(folder / "certificate.pem"))
        self.tokens.write_text(f"trainer {TOKEN}\n")
        self.tls = TlsSettings(certificate=folder / "certificate.pem", key=folder / "key.pem")
        self.address = ""

    async def __aenter__(self) -> "Guarded":
        self._server = grpc.aio.server(interceptors=[Boundary(Gate(self.tokens), certified=True)])
        scorer_pb2_grpc.add_ScorerServicer_to_server(FakeScorer(), self._server)  # type: ignore[no-untyped-call]
        critic_pb2_grpc.add_CriticServicer_to_server(FakeCritic(), self._server)  # type: ignore[no-untyped-call]
        self.address = f"localhost:{self._server.add_secure_port('localhost:0', Certificates(self.tls).credentials())}"
        await self._server.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.stop(None)


def test_token_and_authority_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with in_thread(Guarded(tmp_path)) as server:
        monkeypatch.setenv("CODASERVE_SCORERS", server.address)
        monkeypatch.setenv("CODASERVE_CA", str(server.ca))
        impatient: dict[str, Any] = {"max_outage": 0.0, "timeout": 60.0}
        assert codaserve.reward(["p"], ["4"], ["4"], **impatient) == [None]
        (tmp_path / "mine").write_text(TOKEN)
        monkeypatch.setenv("CODASERVE_TOKEN_FILE", str(tmp_path / "mine"))
        assert codaserve.reward(["p"], ["4"], ["4"]) == [1.0]
        assert compute_score("data", "4", "4")["score"] == 1.0
        (evaluation,) = Service.at("critic", server.address, 60.0, 30.0).ask([group("a", "12345")])
        assert isinstance(evaluation, critic_pb2.GroupEvaluation) and evaluation.values.responses[0].steps[0].value == 5


def test_access_of_the_call(tmp_path: Path) -> None:
    with in_thread(Guarded(tmp_path)) as server:
        mine = Access(token=TOKEN, ca=server.ca)
        assert codaserve.reward(["p"], ["4"], ["4"], addresses=server.address, access=mine) == [1.0]
        assert Scoring(server.address, access=mine).score(["p"], ["4"], ["4"]).numbers() == [1.0]


def test_variables_that_do_not_fit_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment_access() == Access()
    monkeypatch.setenv("CODASERVE_TLS", "maybe")
    with pytest.raises(ValueError, match="CODASERVE_TLS is 'maybe'; it must be 1 or 0"):
        environment_access()
    monkeypatch.setenv("CODASERVE_TLS", "1")
    assert environment_access() == Access(tls=True)
    monkeypatch.setenv("CODASERVE_KEY", "key.pem")
    with pytest.raises(ValueError, match="CODASERVE_ variables: access: certificate and key belong together"):
        environment_access()
