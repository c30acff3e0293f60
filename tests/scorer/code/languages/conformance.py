"""What every language has to do, as tests that a language's test file takes over with programs of its own."""

import asyncio
import heapq
import os
import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from codaserve.v1 import scorer_pb2 as pb
from scorer.code.judge import CodeJudge
from scorer.code.languages import LANGUAGES

UNICODE = "hello, wörld \u2713 \U0001f600"
HARD = os.environ.get("CODASERVE_TEST_LANGUAGES", "").split(",")
"""Languages whose tests must not be skipped, or "all"."""


class Conformance:
    """Programs and the tests that they have to pass. Each program prints what its comment says.

    Where a program is to be refused something, it prints "refused" after all of its attempts failed.
    """

    language: str
    hello: str
    """UNICODE."""
    add: str
    """The sum of the integers on standard input."""
    broken: str
    """Does not compile."""
    fails: str
    """Ends with an exception or a status that names `fault`."""
    fault: str
    forever: str
    """Computes without end."""
    hog: str
    """Fills memory without end."""
    hog_reasons: tuple["pb.Reason", ...] = (pb.REASON_MEMORY_LIMIT,)
    lines: str
    """The numbers from 1 to 100,000, one in a line."""
    endless: str
    """Lines without end."""
    shortest: str
    """Dijkstra: reads n, m and m edges (from, to, weight); the distances from node 0 in one line, -1 for none."""
    graph = (20_000, 60_000)
    """Nodes and edges that the last is tried with."""
    connects: str
    """Connects to 127.0.0.1 at the port that is on standard input."""
    peeks: str
    """Reads /etc/passwd, /etc/shadow and /proc/1/environ, lists /root and /home, writes to /usr and /etc."""
    starts: str
    """Starts another process."""
    shown = "refused"
    """What the last three print."""

    @pytest.fixture(autouse=True)
    def _judge(self, language_judge: CodeJudge) -> None:
        missing = {language.name: language.detail for language in language_judge.missing_languages}
        if self.language in missing:
            assert not {"all", self.language} & set(HARD), f"{self.language} is missing: {missing[self.language]}"
            pytest.skip(f"{self.language} is missing: {missing[self.language]}")
        self.code_judge = language_judge

    async def judge(self, source: str, *cases: tuple[str, str], **fields: Any) -> pb.Verdict:
        """The verdict on a program by (input, output) cases."""
        tests = pb.StdioTests(cases=[pb.StdioCase(input=given, output=output) for given, output in cases])
        task = pb.CodeTask(language=self.language, source=source, stdio=tests, **fields)
        return await self.code_judge.judge(task, deadline=asyncio.get_running_loop().time() + 90)

    async def passes(self, source: str, *cases: tuple[str, str], **fields: Any) -> pb.Verdict:
        """The same of a program that has to pass."""
        verdict = await self.judge(source, *cases, **fields)
        assert verdict.correct and verdict.reason == pb.REASON_PASSED, verdict
        return verdict

    async def test_hello_with_characters_of_all_kinds(self) -> None:
        verdict = await self.passes(self.hello, ("", UNICODE))
        assert verdict.cpu_seconds > 0 and verdict.peak_memory_bytes > 0

    async def test_the_program_is_found_by_every_fence_name_and_runs_once_for_each_case(self) -> None:
        for fence in sorted(LANGUAGES[self.language].fences):
            tests = pb.StdioTests(cases=[pb.StdioCase(input="1 2\n", output="3")])
            task = pb.CodeTask(language=self.language, response=f"So:\n```{fence}\n{self.add}\n```\n", stdio=tests)
            verdict = await self.code_judge.judge(task, deadline=asyncio.get_running_loop().time() + 90)
            assert verdict.correct and verdict.extraction_rule == "fence", verdict
        verdict = await self.judge(self.add, ("1 2\n", "3"), ("5\n6\n", "11"), ("1", "2"), ("1", "1"))
        assert [case.reason for case in verdict.cases] == [
            pb.REASON_PASSED, pb.REASON_PASSED, pb.REASON_WRONG_ANSWER, pb.REASON_UNSPECIFIED,
        ]  # fmt: skip

    async def test_what_does_not_compile(self) -> None:
        verdict = await self.judge(self.broken, ("", "1"), ("", "2"), partial_credit=True)
        assert verdict.reason == pb.REASON_COMPILE_ERROR and verdict.score == 0, verdict
        assert [case.reason for case in verdict.cases] == [pb.REASON_COMPILE_ERROR] * 2
        assert verdict.cases[0].detail

    async def test_what_fails_while_it_runs(self) -> None:
        verdict = await self.judge(self.fails, ("", ""))
        assert verdict.reason == pb.REASON_RUNTIME_ERROR, verdict
        assert self.fault in verdict.detail, verdict

    async def test_computing_without_end(self) -> None:
        verdict = await self.judge(self.forever, ("", ""), limits=pb.RunLimits(cpu_seconds=0.5))
        assert verdict.reason == pb.REASON_TIME_LIMIT, verdict

    async def test_memory_without_end(self) -> None:
        limits = pb.RunLimits(memory_bytes=256 << 20, cpu_seconds=20, wall_seconds=40)
        verdict = await self.judge(self.hog, ("", ""), limits=limits)
        assert verdict.reason in self.hog_reasons, verdict

    async def test_much_output_comes_whole(self) -> None:
        await self.passes(self.lines, ("", "".join(f"{number}\n" for number in range(1, 100_001))))

    async def test_output_without_end(self) -> None:
        verdict = await self.judge(self.endless, ("", ""), limits=pb.RunLimits(cpu_seconds=20, wall_seconds=40))
        assert verdict.reason == pb.REASON_OUTPUT_LIMIT, verdict

    async def test_a_real_program_with_much_input(self) -> None:
        given, output = shortest_paths(*self.graph)
        await self.passes(self.shortest, ("3 1\n0 2 7\n", "0 -1 7"), (given, output))

    async def test_the_network_is_out_of_reach(self) -> None:
        with listening() as port:
            await self.passes(self.connects, (f"{port}\n", self.shown))

    async def test_files_of_the_host_are_out_of_reach(self) -> None:
        await self.passes(self.peeks, ("", self.shown))

    async def test_a_process_cannot_be_started_unless_the_task_allows_it(self) -> None:
        await self.passes(self.starts, ("", self.shown))

    async def test_the_slots_are_left_as_they_were(self) -> None:
        await asyncio.gather(*(self.judge(source, ("", "")) for source in (self.fails, self.broken, self.fails)))
        await self.passes(self.add, ("20 22", "42"))


def shortest_paths(nodes: int, edges: int) -> tuple[str, str]:
    """A graph and the distances in it."""
    chance = random.Random(7)
    graph: list[list[tuple[int, int]]] = [[] for _ in range(nodes)]
    lines = [f"{nodes} {edges}"]
    for _ in range(edges):
        begin, end, weight = chance.randrange(nodes), chance.randrange(nodes), chance.randrange(1, 1000)
        graph[begin].append((end, weight))
        lines.append(f"{begin} {end} {weight}")
    distances = [-1] * nodes
    queue = [(0, 0)]
    while queue:
        distance, node = heapq.heappop(queue)
        if distances[node] < 0:
            distances[node] = distance
            for end, weight in graph[node]:
                heapq.heappush(queue, (distance + weight, end))
    return "\n".join(lines) + "\n", " ".join(map(str, distances))


@contextmanager
def listening() -> Iterator[int]:
    """A port of this machine that takes connections, and none comes."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        yield server.getsockname()[1]
        with pytest.raises(BlockingIOError):
            server.accept()
