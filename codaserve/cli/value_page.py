"""Step values as a page to look at: one HTML file that needs nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import IO

from codaserve.files import atomic_writer
from codaserve.step_html import STEP_CHOICE, STEP_STYLE, step_html
from codaserve.v1 import critic_pb2 as pb

_HEAD = (
    """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Step values</title>
<style>
:root { color-scheme: light dark; --text: #222; --back: #fff; --soft: #555; --shade: #f4f4f4; }
@media (prefers-color-scheme: dark) { :root { --text: #ddd; --back: #181a1b; --soft: #aaa; --shade: #26292b; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 60em; padding: 0 1em; color: var(--text);
  background: var(--back); }
h2 { font-size: 1em; margin: 2em 0 .5em; }
h3 { font-size: .9em; font-weight: normal; margin: 1em 0 .3em; color: var(--soft); }
.prompt { background: var(--shade); padding: .5em; margin: 0; white-space: pre-wrap; overflow-wrap: anywhere;
  font: 14px/1.5 ui-monospace, monospace; }
.failure { color: var(--loss); }
"""
    + STEP_STYLE
    + """</style></head><body>
<h1>Step values</h1>
<p>Each step with its value (how likely the answer ends up right from there) and its advantage (how much the step
changed that). Red is low or a loss, green is high or a gain; &#9660; and &#9650; mark each answer's largest loss and
gain.</p>
"""
    + STEP_CHOICE
    + "<main>\n"
)
_TAIL = "</main></body></html>\n"


class ValuePage:
    """Writes groups one after the other, so that any number of them takes little memory."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def add(self, group: pb.StateGroup | None, evaluation: pb.GroupEvaluation) -> None:
        """Appends one group.

        Args:
            group: As it was sent; None for a line that could not be read.
            evaluation: Its values or its failure.
        """
        parts = [f"<section><h2>{escape(evaluation.id) or 'without id'}</h2>\n"]
        if group is not None:
            parts.append(f'<pre class="prompt">{escape(group.prompt)}</pre>\n')
        if group is None or not evaluation.HasField("values"):
            parts.append(f'<p class="failure">{escape(evaluation.failure.message)}</p>\n')
        elif group.HasField("responses"):
            parts += _responses(group, evaluation.values)
        else:
            parts += _alternatives(group, evaluation.values)
        self._file.write("".join([*parts, "</section>\n"]).encode("utf-8", "replace"))


@contextmanager
def value_page(path: Path) -> Iterator[ValuePage]:
    """A page that is there, whole, when the block ends without an exception.

    Raises:
        OSError: The file cannot be written.
    """
    with atomic_writer(path) as file:
        file.write(_HEAD.encode())
        yield ValuePage(file)
        file.write(_TAIL.encode())


def _responses(group: pb.StateGroup, values: pb.GroupValues) -> Iterator[str]:
    pairs = zip(group.responses.responses, values.responses, strict=True)
    for number, (response, valued) in enumerate(pairs, start=1):
        outcome = f", verified outcome {response.outcome:g}" if response.HasField("outcome") else ""
        yield f"<h3>response {number}: from {values.prompt_value:.3f}{outcome}</h3>\n"
        advantages = [step.advantage for step in valued.steps]
        for step in valued.steps:
            text = response.text[step.characters.begin : step.characters.end]
            yield step_html(text, step.value, step.advantage, advantages)


def _alternatives(group: pb.StateGroup, values: pb.GroupValues) -> Iterator[str]:
    if group.alternatives.prefix:
        yield f'<pre class="prompt">{escape(group.alternatives.prefix)}</pre>\n'
    yield f"<h3>alternative next steps, from {values.prompt_value:.3f}</h3>\n"
    advantages = [step.advantage for step in values.alternatives]
    for step, valued in zip(group.alternatives.steps, values.alternatives, strict=True):
        yield step_html(step.text, valued.value, valued.advantage, advantages)
