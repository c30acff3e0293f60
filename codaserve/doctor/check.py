"""What a check of the contract is, and how its tasks are made."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import grpc

from codaserve.doctor.finding import Finding, Status, failed
from codaserve.doctor.target import LostError, Target, told
from codaserve.v1 import scorer_pb2 as pb

GROUP = "contract"


class BrokenError(Exception):
    """The scorer does not keep the contract; the text says how."""


class InapplicableError(Exception):
    """The check means nothing here; the text says why."""


@dataclass(frozen=True)
class Check:
    """One promise of the contract."""

    name: str
    tries: str
    look: Callable[[Target], Awaitable[str]]
    """Says what was seen. Raises BrokenError and InapplicableError."""

    @property
    def title(self) -> str:
        """Group and name, by which `--only` finds it."""
        return f"{GROUP}: {self.name}"


async def perform(check: Check, target: Target) -> Finding:
    """How a check ends."""
    try:
        return Finding(Status.PASSED, await check.look(target), "contract")
    except InapplicableError as error:
        return Finding(Status.SKIPPED, str(error))
    except (BrokenError, LostError) as error:
        return failed(str(error))
    except grpc.aio.AioRpcError as error:
        return failed(told(error))


def expect(holds: object, otherwise: str) -> None:
    """Raises BrokenError with the text unless it holds."""
    if not holds:
        raise BrokenError(otherwise)


def program(source: str, *outputs: str, id_: str = "x", wall: float = 0, partial: bool = False) -> pb.ScoreItem:
    """A Python program that has to print each of the outputs, one for each case; its input is the case's index."""
    cases = [pb.StdioCase(input=f"{index}\n", output=output) for index, output in enumerate(outputs)]
    limits = pb.RunLimits(wall_seconds=wall)
    task = pb.CodeTask(language="python", source=source, stdio=pb.StdioTests(cases=cases), limits=limits)
    task.partial_credit = partial
    return pb.ScoreItem(id=id_, code=task)


def math(gold: str, answer: str, id_: str = "x") -> pb.ScoreItem:
    """A math task."""
    return pb.ScoreItem(id=id_, math=pb.MathTask(gold=[gold], answer=answer))
