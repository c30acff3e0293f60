"""`codaserve critic`: serves a checkpoint, trains one or makes one of a public model."""

import asyncio
import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import torch

import codaserve
from codaserve.allocator import keep_freed_memory
from codaserve.serving.http.server import http_served
from codaserve.serving.lifecycle import serve
from codaserve.serving.logs import configure
from codaserve.serving.metrics import INFO
from codaserve.settings import ConfigurationError, load
from codaserve.v1 import critic_pb2, critic_pb2_grpc
from critic import loaded
from critic.checkpoint import CheckpointError
from critic.http import vllm
from critic.reload import CurrentCheckpoint
from critic.service import CriticService
from critic.settings import CriticSettings


def run(argv: Sequence[str]) -> int:
    """Runs the command line and returns the exit status.

    Raises:
        ConfigurationError: A setting cannot be used, the checkpoint or the training data among them.
    """
    if argv and argv[0] == "train":
        from critic.training.main import run as run_train  # brings accelerate, which serving does not need

        return run_train(argv[1:])
    if argv and argv[0] == "import":
        from critic.import_main import run as run_import

        return run_import(argv[1:])
    settings = load(CriticSettings, argv, prog="codaserve critic")
    configure(settings.log)
    return asyncio.run(_serve(settings))


async def _serve(settings: CriticSettings) -> int:
    # Threads that all tokenizers share would keep caches of each one that was ever loaded.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    keep_freed_memory()
    if settings.threads:
        torch.set_num_threads(settings.threads)
    where: dict[str, Any] = {
        "device": settings.device,
        "dtype": settings.dtype,
        "max_tokens": settings.limits.max_tokens,
    }
    read: Callable[[Path], loaded.LoadedCheckpoint] = partial(loaded.load, **where)
    if settings.engine == "vllm":
        read = partial(loaded.load_in_vllm, **where, settings=settings.vllm, threads=settings.threads)
    try:
        # Not by a name of its own: as long as this runs, it would keep the first checkpoint beside all others.
        current = CurrentCheckpoint(await asyncio.to_thread(read, settings.checkpoint), read)
    except CheckpointError as error:
        raise ConfigurationError(f"checkpoint: {error}") from error
    service = CriticService(settings, current)
    service.start()

    def register(server: grpc.aio.Server) -> None:
        critic_pb2_grpc.add_CriticServicer_to_server(service, server)  # type: ignore[no-untyped-call]

    name = critic_pb2.DESCRIPTOR.services_by_name["Critic"].full_name
    try:
        routes = vllm.routes(service, settings)
        INFO.labels("critic", codaserve.__version__, "").set(1)
        async with http_served("critic", routes, settings.http, settings):
            return await serve(
                "critic", register, settings, on_drain=service.drain, service_names=[name], obstacle=service.obstacle
            )
    finally:
        await service.close()
