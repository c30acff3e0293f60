"""`codaserve health`: asks a service whether it takes work, for health checks of containers."""

import argparse
import asyncio
import sys
from collections.abc import Sequence

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from codaserve.cli.access import access_of, add_access_arguments
from codaserve.client.access import Access

SERVING, NOT_SERVING, UNUSABLE = 0, 1, 2

EPILOG = """\
Asks by grpc.health.v1, as Kubernetes does, for which no token is needed.

Exit status: 0 it takes work, 1 it does not or cannot be reached, 2 the command cannot be run as given.
"""


def run(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit status."""
    arguments = _parser().parse_args(argv)
    try:
        access = access_of(arguments)
        state = asyncio.run(_ask(arguments.address, arguments.service, arguments.timeout, access))
    except (OSError, ValueError) as error:
        print(f"codaserve health: {error}", file=sys.stderr)
        return UNUSABLE
    except grpc.RpcError as error:
        print(f"{error.code().name}: {error.details()}")
        return NOT_SERVING
    print(health_pb2.HealthCheckResponse.ServingStatus.Name(state))
    return SERVING if state == health_pb2.HealthCheckResponse.SERVING else NOT_SERVING


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="codaserve health",
        description="Asks a scorer or critic whether it takes work.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("address", metavar="ADDRESS", help="host:port of the service")
    parser.add_argument(
        "--service",
        default="",
        metavar="NAME",
        help="a service of the server, such as codaserve.v1.Scorer; default: all",
    )
    parser.add_argument("--timeout", type=float, default=3.0, metavar="SECONDS", help="default: %(default)g")
    add_access_arguments(parser)
    return parser


async def _ask(address: str, service: str, timeout: float, access: Access) -> int:
    async with access.channel(address, ()) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        request = health_pb2.HealthCheckRequest(service=service)
        answer = await stub.Check(request, timeout=timeout, wait_for_ready=True)
        return int(answer.status)
