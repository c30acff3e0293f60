import json

import pytest

from scorer.math.judgement import Options, Outcome
from scorer.math.process import wire
from scorer.math.process.wire import FORM_CHARS, HEADER, Job, Reply, Step

OPTIONS = Options(
    order_matters=True,
    unit_matters=False,
    absolute_tolerance=0.1,
    relative_tolerance=0.2,
    choices=("1", "2"),
    forms=("integer",),
)


@pytest.mark.parametrize("job", [Job(("a", "é"), "b"), Job((), ""), Job(("1",), "B", OPTIONS, traced=True)])
def test_jobs_arrive_as_they_were(job: Job) -> None:
    message = wire.encode_job(job)
    assert int.from_bytes(message[:HEADER], "big") == len(message) - HEADER
    assert wire.decode_job(message[HEADER:]) == job


def test_replies_arrive_as_they_were() -> None:
    reply = Reply(Outcome.EQUAL, 3, "values", "1/2", "2/4", "so", (Step(3, "values", "equal"),), True, "")
    assert wire.decode_reply(wire.encode_reply(reply)[HEADER:]) == reply


def test_forms_are_cut() -> None:
    reply = wire.decode_reply(wire.encode_reply(Reply(Outcome.EQUAL, gold_form="x" * 10**6))[HEADER:])
    assert reply.gold_form == "x" * FORM_CHARS


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"7",
        b"[]",
        b"[" * 100_000,
        json.dumps(["right", 0, "", "", "", "", [], False, ""]).encode(),
        json.dumps(["equal", 0, 1, "", "", "", [], False, ""]).encode(),
        json.dumps(["equal", None, "", "", "", "", [], False, ""]).encode(),
        json.dumps(["equal", 0, "", "", "", "", [[1]], False, ""]).encode(),
    ],
)
def test_what_is_no_reply_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):
        wire.decode_reply(body)


def test_a_lone_surrogate_does_not_reach_the_contract() -> None:
    reply = wire.decode_reply(wire.encode_reply(Reply(Outcome.EQUAL, answer_form="\ud800"))[HEADER:])
    reply.answer_form.encode()
