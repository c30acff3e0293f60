import hashlib
import os
from pathlib import Path

import pytest

from codaserve.configuration import ConfigurationError
from codaserve.serving.access.client import Quota
from codaserve.serving.access.tokens import LOOK_SECONDS, TokenFile, read

ALICE, BOB = "alice-0123456789abcdef", "bob-0123456789abcdef"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def write(path: Path, text: str) -> None:
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.write_text(text)
    os.utime(path, ns=(before + 10**9, before + 10**9))  # a change within the clock's resolution is one, too


def test_names_digests_and_quotas(tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    digest = hashlib.sha256(BOB.encode()).hexdigest()
    write(path, f"# a comment\n\nalice {ALICE} items=5 rate=2.5\nbob sha256:{digest}\n")
    tokens = TokenFile(path)
    alice, bob = tokens.find(ALICE), tokens.find(BOB)
    assert alice is not None and bob is not None
    assert (alice.name, alice.quota) == ("token:alice", Quota(5, 2.5))
    assert (bob.name, bob.quota) == ("token:bob", None)
    assert tokens.find("sha256:" + digest) is None
    assert tokens.find("") is None


def test_only_a_marked_token_may_change_what_is_served(tmp_path: Path) -> None:
    write(tmp_path / "tokens", f"alice {ALICE} items=5 admin rate=2\nbob {BOB} items=5\n")
    clients = {client.name: client for client in read(tmp_path / "tokens").values()}
    assert clients["token:alice"].admin
    assert clients["token:alice"].quota == Quota(5, 2)
    assert not clients["token:bob"].admin


def test_a_name_may_have_several_tokens(tmp_path: Path) -> None:
    write(tmp_path / "tokens", f"alice {ALICE}\nalice {BOB}\n")
    assert {client.name for client in read(tmp_path / "tokens").values()} == {"token:alice"}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "has no token"),
        ("alice", "line 1: expected a name"),
        (f"al/ice {ALICE}", "line 1: expected a name"),
        ("\nalice short", "line 2: the token has 5 characters"),
        ("alice sha256:12", "64 hexadecimal digits"),
        (f"alice {ALICE}\nbob {ALICE}", "line 2: the token is given twice"),
        (f"alice {ALICE} items=0", "'items=0' is no quota"),
        (f"alice {ALICE} share=1", "'share=1' is no quota"),
        (f"alice {ALICE} rate", "'rate' is no quota"),
        (f"alice {ALICE} admins", "'admins' is no quota"),
        (f"alice {ALICE} admin admin", "admin at most once"),
        (f"alice {ALICE} rate=1\nalice {BOB}", "line 2: alice has another quota"),
    ],
)
def test_what_cannot_be_used_is_named_without_the_token(tmp_path: Path, text: str, complaint: str) -> None:
    write(tmp_path / "tokens", text)
    with pytest.raises(ConfigurationError, match=complaint) as caught:
        TokenFile(tmp_path / "tokens")
    assert ALICE not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        TokenFile(tmp_path / "tokens")


def test_a_change_counts_without_a_restart_and_a_bad_one_does_not(tmp_path: Path) -> None:
    path, clock = tmp_path / "tokens", Clock()
    write(path, f"alice {ALICE}\n")
    tokens = TokenFile(path, clock=clock)
    write(path, f"bob {BOB}\n")
    assert tokens.find(ALICE) is not None  # not looked at again yet
    clock.now += LOOK_SECONDS
    assert tokens.find(ALICE) is None
    assert tokens.find(BOB) is not None
    for bad in ("nonsense", None):
        if bad is None:
            path.unlink()
        else:
            write(path, bad)
        clock.now += LOOK_SECONDS
        assert tokens.find(BOB) is not None
    write(path, f"alice {ALICE}\n")
    clock.now += LOOK_SECONDS
    assert tokens.find(BOB) is None
    assert tokens.find(ALICE) is not None
