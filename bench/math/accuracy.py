"""How often ours and the peers judge as careful people do."""

import asyncio
from pathlib import Path

from bench.math import ours
from bench.math.cases import Case, load
from bench.math.peers import Peer, PeerProcess
from bench.math.table import table
from bench.math.tally import Tally, Verdict, tally

OURS = "ours"
NOTES = """Each cell: share judged as labelled (false accepts / false rejects / undecided), cases per second, one case
at a time in one process. An undecided verdict counts as not accepted; so does a comparison that had to be killed after
10 s, which is what "undecided" means for the others. math-verify runs with its defaults on the whole response; the
other peers are given the answer that ours found in it. Peers that evaluate the answer as Python are not given the
category `code_injection` (marked *)."""


def run(folder: Path, names: list[str], peers: list[Peer], show: bool) -> str:
    """Judges the cases with all and returns the table.

    Args:
        folder: Labelled cases.
        names: Sets of it; all when empty.
        peers: Whom to run besides ours.
        show: Print the cases that ours judges otherwise than labelled.
    """
    rows = []
    for name, cases in load(folder, names).items():
        verdicts = asyncio.run(_ours(cases))
        tallies = {OURS: tally(cases, [verdict.accepted for verdict in verdicts], sum(v.seconds for v in verdicts))}
        for peer in peers:
            judged = _judged(peer, cases, [verdict.extracted for verdict in verdicts])
            tallies[peer.title] = tally(cases, [accepted for accepted, _ in judged], sum(time for _, time in judged))
        rows.append([name, len(cases), *(_cell(counts, len(cases)) for counts in tallies.values())])
        print(f"{name}: " + ", ".join(f"{title} {counts.share:.4f}" for title, counts in tallies.items()), flush=True)
        if show:
            _show(tallies[OURS], dict(zip([case.id for case in cases], verdicts, strict=True)))
    head = ["set", "cases", OURS, *(peer.title for peer in peers)]
    return f"# Accuracy of math verifiers\n\nMade by `make bench-math`.\n\n{NOTES}\n\n{table(head, rows)}"


async def _ours(cases: list[Case]) -> list[ours.Verdict]:
    async with ours.in_process(1) as verifier:
        return await ours.judge_all(verifier, cases, 1)


def _judged(peer: Peer, cases: list[Case], found: list[str]) -> list[tuple[Verdict, float]]:
    with PeerProcess(peer) as process:
        return [process.judge(case, text) for case, text in zip(cases, found, strict=True)]


def _cell(counts: Tally, cases: int) -> str:
    wrong = f"{len(counts.false_accepts)} / {len(counts.false_rejects)} / {len(counts.undecided)}"
    return f"{counts.share:.4f}{'' if counts.cases == cases else '*'} ({wrong}) {counts.cases / counts.seconds:.0f}/s"


def _show(counts: Tally, verdicts: dict[str, ours.Verdict]) -> None:
    for kind in ("false_accepts", "false_rejects", "undecided"):
        for case in getattr(counts, kind):
            text = case.answer if case.answer is not None else case.response or ""
            said = verdicts[case.id]
            print(f"    {kind} {case.id} gold {case.gold[:90]!r} answer {text[-110:]!r} {said.rule} {said.reason}")
