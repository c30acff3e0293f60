from pathlib import Path

import pytest

from codaserve.serving.access.gate import Gate
from codaserve.serving.refusal import Refused, Why

TOKEN = "0123456789abcdef-token"


def test_without_a_file_nobody_is_asked() -> None:
    gate = Gate(None)
    assert not gate.needs_token
    assert gate.check(None) is None
    assert gate.check("Bearer whatever") is None


def test_a_valid_token_names_its_holder(tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    path.write_text(f"alice {TOKEN}\n")
    gate = Gate(path)
    assert gate.needs_token
    for authorization in (f"Bearer {TOKEN}", f"bearer  {TOKEN} "):
        client = gate.check(authorization)
        assert client is not None and client.name == "token:alice"


@pytest.mark.parametrize(
    ("authorization", "complaint"),
    [
        (None, "a token is needed"),
        ("", "a token is needed"),
        (TOKEN, "no bearer token"),
        ("Basic YWxpY2U6", "no bearer token"),
        ("Bearer ", "no bearer token"),
        ("Bearer another-0123456789", "not one of the server's"),
    ],
)
def test_everything_else_is_refused(tmp_path: Path, authorization: str | None, complaint: str) -> None:
    path = tmp_path / "tokens"
    path.write_text(f"alice {TOKEN}\n")
    with pytest.raises(Refused, match=complaint) as caught:
        Gate(path).check(authorization)
    assert caught.value.why is Why.UNAUTHENTICATED
