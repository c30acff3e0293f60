"""The time that a call has."""

import asyncio

import grpc


def loop_deadline(context: "grpc.aio.ServicerContext", longest: float) -> float:
    """When the work for a call must be done, in seconds of the running loop's `time()`.

    Args:
        context: The call. Its deadline, if the client set one, is taken over.
        longest: Seconds that a call may take at most, for clients that set no deadline or one in the far future.
    """
    remaining = context.time_remaining()
    return asyncio.get_running_loop().time() + (longest if remaining is None else min(remaining, longest))
