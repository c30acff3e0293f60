"""vLLM's side of the engine. Runs in vLLM's own environment, which need not have anything of this project.

    python -I worker.py CONNECTION SETTINGS

CONNECTION is the number of an inherited socket, SETTINGS a JSON object. The process says which device it has, then
answers one message after the other, each a pass. It ends when its standard input is closed, with all processes of its
group and the folder that it reads from, and after any failure: what vLLM still holds of a pass that failed would come
between the next one's answers.
"""

import json
import os
import shutil
import signal
import sys
import threading
from multiprocessing.connection import Connection
from typing import Any

Sequences = list[tuple[list[int], str, bool]]
"""For each sequence its tokens, the name of the tree that it may share keys and values with, and whether it takes
those that are there already or computes all of its tokens."""
Logits = list[list[float]]
"""For each sequence the logits at its last tokens, as many as were computed."""


def main() -> None:
    """Runs the process."""
    number, settings = int(sys.argv[1]), json.loads(sys.argv[2])
    threading.Thread(target=_end_with_parent, args=(settings["folder"],), daemon=True).start()
    os.set_inheritable(number, False)
    connection: Connection[Any, Any] = Connection(number)
    try:
        model = _Model(settings)
        connection.send({"device": model.device, "dtype": model.dtype})
        while True:
            connection.send(model.logits(connection.recv()))
    except EOFError:
        return
    except Exception as error:
        connection.send({"error": f"{type(error).__name__}: {error}"})
        raise


def _end_with_parent(folder: str) -> None:
    while os.read(0, 4096):
        pass
    shutil.rmtree(folder, ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


class _Model:
    def __init__(self, settings: dict[str, Any]) -> None:
        from vllm import LLM
        from vllm.config import PoolerConfig
        from vllm.platforms import current_platform

        self.device: str = current_platform.device_type
        if settings["device"] not in ("auto", self.device):
            raise ValueError(f"this vLLM computes on {self.device}, not on {settings['device']}")
        self.dtype: str = settings["dtype"]
        if self.dtype == "auto":
            self.dtype = "float32" if self.device == "cpu" else "bfloat16"
        self._llm = LLM(
            settings["folder"],
            runner="pooling",
            convert="embed",
            pooler_config=PoolerConfig(task="token_embed", tok_pooling_type="ALL", use_activation=False),
            dtype=self.dtype,
            max_model_len=settings["max_tokens"],
            max_num_batched_tokens=max(settings["max_tokens"], settings["pass_tokens"][self.device != "cpu"]),
            enable_prefix_caching=settings["prefix_caching"],
            # Small blocks, since only whole ones are shared; 32 is the smallest that the CPU's attention takes.
            block_size=32 if self.device == "cpu" else 16,
            # The share of a device's memory decides nothing when the cache's size is given, but must be free.
            gpu_memory_utilization=0.01,
            kv_cache_memory_bytes=settings["cache_bytes"],
            # Graphs are for decoding; compiling takes half a minute and made no difference on a CPU.
            enforce_eager=True,
        )

    def logits(self, sequences: Sequences) -> Logits:
        from vllm import PoolingParams

        outputs = self._llm.encode(
            [{"prompt_token_ids": tokens, "cache_salt": tree} for tokens, tree, _ in sequences],
            # By default vLLM takes nothing from its cache here, since tokens that it does not compute have no output.
            [PoolingParams(use_activation=False, skip_reading_prefix_cache=not takes) for _, _, takes in sequences],
            pooling_task="token_embed",
            use_tqdm=False,
        )
        for output in outputs:
            if output.outputs.data.shape[1:] != (1,):
                raise RuntimeError(f"vLLM gives {tuple(output.outputs.data.shape)} instead of one logit for each token")
        return [output.outputs.data[:, 0].tolist() for output in outputs]


if __name__ == "__main__":
    main()
