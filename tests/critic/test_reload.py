import asyncio
import gc
import threading
import weakref
from pathlib import Path
from typing import cast

import pytest

from critic.checkpoint import CheckpointError
from critic.loaded import LoadedCheckpoint
from critic.reload import CurrentCheckpoint


class Fake:
    def __init__(self, folder: Path, closed: list[str]) -> None:
        self.folder = folder
        self.identity = folder.name
        self.engine = Engine(folder.name, closed)


class Engine:
    def __init__(self, name: str, closed: list[str]) -> None:
        self.name = name
        self.all_closed = closed

    def close(self) -> None:
        self.all_closed.append(self.name)


class Loader:
    def __init__(self) -> None:
        self.alive: weakref.WeakSet[Fake] = weakref.WeakSet()
        self.most = 0
        self.closed: list[str] = []
        self.go_on = threading.Event()
        self.go_on.set()

    def __call__(self, folder: Path) -> LoadedCheckpoint:
        assert self.go_on.wait(20)
        if folder.name == "broken":
            raise CheckpointError("broken: is broken")
        loaded = Fake(folder, self.closed)
        self.alive.add(loaded)
        gc.collect()
        self.most = max(self.most, len(self.alive))
        return cast(LoadedCheckpoint, loaded)


def start(loader: Loader) -> CurrentCheckpoint:
    return CurrentCheckpoint(loader(Path("one")), loader)


async def test_a_request_keeps_the_checkpoint_that_it_began_with() -> None:
    current = start(Loader())
    with current.use() as before:
        assert await current.reload(Path("two")) == ("one", "two")
        with current.use() as after:
            assert (before.identity, after.identity) == ("one", "two")
    assert current.checkpoint.identity == "two"
    await current.close()


async def test_no_path_reads_the_folder_in_use_again() -> None:
    current = start(Loader())
    await current.reload(Path("two"))
    assert await current.reload(None) == ("two", "two")
    await current.close()


async def test_a_broken_checkpoint_leaves_the_old_one_in_use() -> None:
    current = start(Loader())
    with pytest.raises(CheckpointError, match="is broken"):
        await current.reload(Path("broken"))
    assert current.checkpoint.identity == "one"
    assert await current.reload(Path("two")) == ("one", "two")
    await current.close()


async def test_a_cancelled_reload_leaves_the_old_one_in_use() -> None:
    loader = Loader()
    current = start(loader)
    loader.go_on.clear()
    reload = asyncio.create_task(current.reload(Path("two")))
    await asyncio.sleep(0.05)
    reload.cancel()
    await asyncio.wait([reload])
    loader.go_on.set()
    await current.close()
    assert current.checkpoint.identity == "one"
    assert sorted(loader.closed) == ["one", "two"]


async def test_a_third_checkpoint_waits_until_nobody_uses_the_first() -> None:
    loader = Loader()
    current = start(loader)
    with current.use():
        await current.reload(Path("two"))
        third = asyncio.create_task(current.reload(Path("three")))
        await asyncio.sleep(0.05)
        assert not third.done()
        assert current.checkpoint.identity == "two"
    assert await asyncio.wait_for(third, 20) == ("two", "three")
    assert loader.most == 2
    await current.close()


async def test_an_engine_is_closed_when_its_last_user_has_left() -> None:
    loader = Loader()
    current = start(loader)
    await current.reload(Path("two"))
    with current.use():
        await current.reload(Path("three"))
        assert loader.closed == ["one"]
    await current.reload(Path("four"))
    assert loader.closed[:2] == ["one", "two"]
    await current.close()
    assert loader.closed == ["one", "two", "three", "four"]


async def test_a_pass_that_outlasts_its_request_counts_as_use() -> None:
    loader = Loader()
    current = start(loader)
    running, ended = asyncio.Event(), asyncio.Event()

    async def compute(checkpoint: LoadedCheckpoint) -> None:
        with current.keep(checkpoint):
            running.set()
            await ended.wait()

    with current.use() as first:
        one = asyncio.create_task(compute(first))
        await running.wait()
        del first
    await current.reload(Path("two"))
    third = asyncio.create_task(current.reload(Path("three")))
    await asyncio.sleep(0.05)
    assert not third.done()
    ended.set()
    await one
    del one
    assert await asyncio.wait_for(third, 20) == ("two", "three")
    assert loader.most == 2
    await current.close()


async def test_a_reload_while_one_is_under_way_takes_its_turn() -> None:
    loader = Loader()
    current = start(loader)
    loader.go_on.clear()
    reloads = [asyncio.create_task(current.reload(Path(name))) for name in ("two", "broken", "three")]
    await asyncio.sleep(0.05)
    assert current.checkpoint.identity == "one"
    loader.go_on.set()
    first, broken, last = await asyncio.gather(*reloads, return_exceptions=True)
    assert (first, last) == (("one", "two"), ("two", "three"))
    assert isinstance(broken, CheckpointError)
    await current.close()


async def test_after_a_cancelled_reload_the_next_one_still_makes_two_at_most() -> None:
    loader = Loader()
    current = start(loader)
    loader.go_on.clear()
    cancelled = asyncio.create_task(current.reload(Path("two")))
    await asyncio.sleep(0.05)
    cancelled.cancel()
    await asyncio.wait([cancelled])
    third = asyncio.create_task(current.reload(Path("three")))
    loader.go_on.set()
    assert await asyncio.wait_for(third, 20) == ("one", "three")
    assert loader.most == 2
    await current.close()


async def test_old_checkpoints_are_let_go() -> None:
    loader = Loader()
    current = start(loader)
    for number in range(5):
        await current.reload(Path(str(number)))
    gc.collect()
    assert [fake.identity for fake in loader.alive] == ["4"]
    assert loader.most == 2
    await current.close()
