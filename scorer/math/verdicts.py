"""Makes verdicts of what was found out."""

from codaserve.v1 import scorer_pb2 as pb
from scorer.math.judgement import Outcome
from scorer.math.process.wire import FORM_CHARS, Reply

_UNDECIDED = {
    Outcome.TIME: pb.REASON_UNDECIDED_TIME,
    Outcome.MEMORY: pb.REASON_UNDECIDED_MEMORY,
    Outcome.SIZE: pb.REASON_UNDECIDED_SIZE,
}


def right(gold: int, rule: str, gold_form: str, answer_form: str) -> pb.Verdict:
    """The answer equals the gold answer with this index."""
    return pb.Verdict(
        correct=True,
        score=1,
        reason=pb.REASON_MATCH,
        detail=f"The answer equals gold answer {gold}.",
        matched_rule=rule,
        matched_gold=gold,
        gold_form=gold_form[:FORM_CHARS],
        answer_form=answer_form[:FORM_CHARS],
    )


def wrong(reason: "pb.Reason", detail: str, rule: str = "", gold_form: str = "", answer_form: str = "") -> pb.Verdict:
    """The answer is wrong."""
    return pb.Verdict(
        correct=False,
        score=0,
        reason=reason,
        detail=detail,
        matched_rule=rule,
        gold_form=gold_form[:FORM_CHARS],
        answer_form=answer_form[:FORM_CHARS],
    )


def undecided(outcome: Outcome, detail: str) -> pb.Verdict:
    """Neither right nor wrong: the comparison could not be made within its time, memory or size."""
    return pb.Verdict(reason=_UNDECIDED[outcome], detail=detail)


def of_reply(reply: Reply, gold: int, memory_bytes: int) -> pb.Verdict:
    """The verdict that a worker's reply means; `gold` is the index in the task that its gold answer has."""
    match reply.outcome:
        case Outcome.EQUAL:
            return right(gold, reply.rule, reply.gold_form, reply.answer_form)
        case Outcome.DIFFERENT:
            detail = reply.detail or "The answer differs from every gold answer."
            return wrong(pb.REASON_WRONG_ANSWER, detail, reply.rule, reply.gold_form, reply.answer_form)
        case Outcome.MEMORY:
            detail = f"The comparison took more than {memory_bytes >> 20} MiB of memory."
        case _:
            detail = reply.detail or "The comparison would be too large."
    return undecided(reply.outcome, detail)
