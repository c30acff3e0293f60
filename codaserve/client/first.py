"""The first answer of several servers to one question."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

HEAD_START = 1.0
"""Seconds after which the next is asked too: one that hangs answers nothing until its deadline."""
Answer = TypeVar("Answer")


async def first_answer(
    asks: Sequence[Callable[[], Coroutine[Any, Any, Answer]]], passing: Callable[[Exception], bool]
) -> Answer:
    """Asks in order, the next one when one failed or is slow, and returns the first answer; the others are cancelled.

    Args:
        asks: At least one.
        passing: Whether another may answer all the same.

    Raises:
        Exception: The first failure that is not passing, else the last one.
    """
    waiting = list(asks)
    asked: set[asyncio.Task[Answer]] = set()
    try:
        while True:
            if waiting:
                asked.add(asyncio.create_task(waiting.pop(0)()))
            done, asked = await asyncio.wait(
                asked, timeout=HEAD_START if waiting else None, return_when=asyncio.FIRST_COMPLETED
            )
            for task in sorted(done, key=lambda one: one.exception() is not None):  # an answer before a failure
                try:
                    return task.result()
                except Exception as error:
                    if not passing(error) or not (waiting or asked):
                        raise
    finally:
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
