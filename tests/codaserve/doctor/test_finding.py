"""What doctor makes of answers: above all, that it reports what was not held."""

import pytest

from codaserve.doctor.attack import FORBIDDEN, TIME, WRONG, Attack
from codaserve.doctor.finding import Finding, Status, classify, describe
from codaserve.v1 import scorer_pb2 as pb

ALL = frozenset({"seccomp", "landlock", "mount_namespace", "rlimits"})
ATTACK = Attack("group", "name", "tries", "source", layers=("seccomp", "landlock", "mount_namespace"))
BOMB = Attack("group", "bomb", "tries", "source", ends=TIME, layers=("supervision",))
FORGER = Attack("group", "forger", "tries", "source", ends=WRONG, layers=("judged outside",))
HONEST = Attack("group", "honest", "tries", "source", ends=frozenset(), honest=True)


def verdict(reason: "pb.Reason" = pb.REASON_WRONG_ANSWER, got: str = "", detail: str = "") -> pb.ScoreResult:
    case = pb.CaseOutcome(reason=reason, detail=detail)
    shown = pb.FirstFailure(got=got)
    return pb.ScoreResult(
        verdict=pb.Verdict(correct=False, score=0, reason=reason, cases=[case], first_failure=shown, detail=detail)
    )


CORRECT = pb.ScoreResult(verdict=pb.Verdict(correct=True, score=1, reason=pb.REASON_PASSED))
UNDECIDED = pb.ScoreResult(verdict=pb.Verdict(reason=pb.REASON_UNDECIDED_TIME))
FAILURE = pb.ScoreResult(failure=pb.Failure(code=pb.FAILURE_INTERNAL, message="a fault"))


@pytest.mark.parametrize(
    ("attack", "result"),
    [
        (ATTACK, verdict(got="BREACH read a file\n")),
        (ATTACK, verdict(pb.REASON_TIME_LIMIT, got="BREACH and then some")),
        (ATTACK, verdict(detail="case 1 of 1: the output differs in line 1: 'BREACH forked'")),
        (ATTACK, verdict(got="a warning\nBREACH has threads\n")),
        (ATTACK, verdict(got="HELD EPERM\nBREACH all the same\n")),
        (ATTACK, verdict(got="")),
        (ATTACK, verdict(got="something else")),
        (ATTACK, verdict(pb.REASON_RUNTIME_ERROR, detail="NameError: a mistake in the attack")),
        (ATTACK, CORRECT),
        (ATTACK, UNDECIDED),
        (ATTACK, FAILURE),
        (ATTACK, pb.ScoreResult()),
        (BOMB, verdict(pb.REASON_RUNTIME_ERROR)),
        (BOMB, verdict(pb.REASON_TIME_LIMIT, got="BREACH has 200 processes")),
        (FORGER, CORRECT),
        (FORGER, FAILURE),
        (FORGER, pb.ScoreResult(verdict=pb.Verdict(correct=False, score=0.5, reason=pb.REASON_WRONG_ANSWER))),
        (FORGER, verdict(pb.REASON_COMPILE_ERROR, detail="/etc/passwd:1: expected ';' in root:x:0:0:root:/root")),
        (FORGER, verdict(got="root:*:19000:0:99999:7:::")),
        (HONEST, verdict()),
        (HONEST, FAILURE),
        (HONEST, UNDECIDED),
    ],
)
def test_what_was_not_held_is_reported(attack: Attack, result: pb.ScoreResult) -> None:
    finding = classify(attack, result, ALL)
    assert finding.status is Status.FAILED and finding.seen and not finding.layer


@pytest.mark.parametrize(
    ("attack", "result", "finding"),
    [
        (ATTACK, verdict(got="HELD EPERM\n"), Finding(Status.PASSED, "EPERM", "seccomp")),
        (ATTACK, verdict(got="HELD ENOENT"), Finding(Status.PASSED, "ENOENT", "mount_namespace")),
        (ATTACK, verdict(got="HELD EACCES, ENOENT"), Finding(Status.PASSED, "EACCES, ENOENT", "landlock")),
        (ATTACK, verdict(got="HELD nothing there"), Finding(Status.PASSED, "nothing there", "seccomp")),
        (FORGER, verdict(got="a warning\nHELD Error\n"), Finding(Status.PASSED, "Error", "judged outside")),
        (HONEST, CORRECT, Finding(Status.PASSED, "correct", "")),
    ],
)
def test_what_was_held_names_the_layer(attack: Attack, result: pb.ScoreResult, finding: Finding) -> None:
    assert classify(attack, result, ALL) == finding


def test_a_layer_that_is_not_in_force_held_nothing() -> None:
    assert classify(ATTACK, verdict(got="HELD EPERM"), {"landlock"}).layer == "landlock"
    assert classify(ATTACK, verdict(got="HELD EPERM"), set()).layer == "kernel's own rules"


def test_the_right_end_of_a_bomb_is_held() -> None:
    assert classify(BOMB, verdict(pb.REASON_TIME_LIMIT), ALL).layer == "time limit"
    forbidden = verdict(pb.REASON_FORBIDDEN_OPERATION)
    assert ATTACK.ends == FORBIDDEN and classify(ATTACK, forbidden, ALL).layer == "seccomp"


def test_a_compiler_that_quotes_the_source_is_no_breach() -> None:
    quoted = verdict(pb.REASON_COMPILE_ERROR, detail='line 3: printf("BREACH %s", x);')
    assert classify(FORGER, quoted, ALL).status is Status.PASSED


def test_what_programs_print_cannot_break_the_table() -> None:
    finding = classify(ATTACK, verdict(got="BREACH \x1b[2J" + "x" * 5000), ALL)
    assert finding.seen.isprintable() and len(finding.seen) <= 300
    assert "\n" not in describe(verdict(detail="a\nb"))
