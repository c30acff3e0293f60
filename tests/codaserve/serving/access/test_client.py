import pytest

from codaserve.serving.access.client import Quota, by_certificate, by_peer, by_token


@pytest.mark.parametrize(
    ("peer", "name"),
    [
        ("ipv4:10.0.0.3:41230", "peer:10.0.0.3"),
        ("ipv6:%5Bfe80::1%5D:41230", "peer:fe80::1"),
        ("ipv6:[::1]:5", "peer:::1"),
        ("unix:", "peer:unix"),
        ("10.0.0.3:41230", "peer:10.0.0.3"),
        ("", "peer:"),
    ],
)
def test_a_peer_is_known_by_its_host(peer: str, name: str) -> None:
    assert by_peer(peer).name == name


def test_kinds_of_proof_never_meet() -> None:
    assert by_token("a", None).name != by_certificate("a").name != by_peer("a").name
    assert by_token("a", Quota(3)).quota == Quota(3)
