"""Coverage-guided fuzzing of the math engine (atheris, libFuzzer).

    python -m tests.fuzz.target [SECONDS] [SEED]

An input is a gold answer and a response with a line break between them. Everything up to the computer algebra system
runs on it, in this process. Fails when anything but a typed refusal is raised, when an input takes over 5 s or 1 GiB,
or when the same comparison made twice says different things. With a seed (and PYTHONHASHSEED) it goes the same way each
time, further on a faster machine; without one it looks where nobody did, and is better at that.
"""

import logging
import sys
import tempfile
from pathlib import Path

import atheris

from tests.fuzz.answers import VOCABULARY, seeds

logging.getLogger().setLevel(logging.WARNING)  # else one line for each module that is instrumented

with atheris.instrument_imports(include=["scorer.math"]):
    from scorer.math import understand
    from scorer.math.extraction.extract import extract
    from scorer.math.judgement import Options
    from scorer.math.normalise import normalise

SECONDS = 60
REPEATABLE = ["-reload=0", "-use_cmp=0", "-entropic=0"]
"""Switches off what hangs on the clock and on addresses of memory."""


def one_input(data: bytes) -> None:
    """Judges one input."""
    gold, _, response = data.decode("utf-8", "ignore").partition("\n")
    found = extract(response)
    answer = normalise(found.answer if found is not None else response)
    gold = normalise(gold)
    first = understand.compare(gold, answer, Options())
    if first != understand.compare(gold, answer, Options()):
        raise AssertionError(f"{gold!r} and {answer!r} are compared differently the second time")


def main() -> None:
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    with tempfile.TemporaryDirectory(prefix="codaserve-fuzz-") as folder:
        corpus = Path(folder, "corpus")
        corpus.mkdir()
        for number, (gold, answer) in enumerate(seeds()):
            (corpus / str(number)).write_text(f"{gold}\n{answer}", encoding="utf-8")
        words = Path(folder, "words")
        words.write_text("".join(f'"{_escaped(word)}"\n' for word in VOCABULARY.split()), encoding="ascii")
        seed = [f"-seed={sys.argv[2]}", *REPEATABLE] if len(sys.argv) > 2 else []
        limits = ["-timeout=5", "-rss_limit_mb=1024", "-max_len=500", f"-artifact_prefix={Path.cwd()}/"]
        options = [f"-max_total_time={seconds}", f"-dict={words}", "-print_final_stats=1", *limits, *seed]
        atheris.Setup([sys.argv[0], *options, str(corpus)], one_input)
        atheris.Fuzz()


def _escaped(word: str) -> str:
    return "".join(chr(byte) if chr(byte).isalnum() and byte < 128 else f"\\x{byte:02X}" for byte in word.encode())


if __name__ == "__main__":
    main()
