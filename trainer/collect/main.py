"""`codaserve critic collect`: the command line."""

import sys

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from codaserve.embedded import EmbeddedServiceError
from codaserve.settings import ConfigurationError
from trainer.collect.collect import claim, collect
from trainer.collect.settings import CollectSettings
from trainer.collect.work import Progress
from trainer.collect.writer import writer
from trainer.command import begin
from trainer.errors import RunStoppedError
from trainer.policy import check_positions, read_policy
from trainer.services import connect
from trainer.tasks import load_questions

DONE, UNUSABLE, STOPPED = 0, 2, 3
"""Exit statuses: all questions are done; settings, questions, policy or folder cannot be used, or the scorer did not
start; stopped, and the same command goes on from the last finished questions."""


def run(argv: list[str]) -> int:
    """Runs `codaserve critic collect [config.yaml] [--key value ...]`; returns one of the exit statuses."""
    try:
        settings = begin(CollectSettings, argv, prog="codaserve critic collect")
        progress = collect_shown(settings)
    except (ConfigurationError, EmbeddedServiceError) as error:
        return _fail(str(error), UNUSABLE)
    except RunStoppedError as error:
        return _fail(f"stopped: {error}\nthe same command goes on from the last finished questions", STOPPED)
    except OSError as error:
        return _fail(
            f"stopped: {settings.output}: {error.strerror or error}\nmake room and run the same command again", STOPPED
        )
    print(f"done: {_describe(progress)}, in {settings.output}")
    return DONE


def collect_shown(settings: CollectSettings) -> Progress:
    """Makes a data set, or what is missing of it, with progress on standard error.

    Raises:
        ConfigurationError: Settings, questions, policy or folder cannot be used.
        EmbeddedServiceError: The scorer did not start.
        RunStoppedError: The scorer is away, or too few answers got a verdict.
        OSError: The folder cannot be written.
    """
    model, tokenizer = read_policy(settings.policy.path, "policy.path")
    check_positions(model, settings.policy.max_prompt_tokens, settings.policy.max_response_tokens, "policy")
    questions, dropped = load_questions(
        settings.tasks, settings.tasks, tokenizer, max_prompt_tokens=settings.policy.max_prompt_tokens
    )
    console = Console(stderr=True)
    if dropped:
        console.print(f"left out {dropped} questions: prompts of more than {settings.policy.max_prompt_tokens} tokens")
    columns = (TextColumn("questions"), MofNCompleteColumn(), BarColumn(), TextColumn("{task.fields[done]}"))
    claim(settings, questions)
    with (
        connect(settings.scorer, None, settings.output, console.print) as services,
        writer(
            settings.policy,
            model,
            tokenizer,
            settings.output,
            console.print,
            special_tokens=not settings.tasks.chat_template,
        ) as writes,
        Bar(*columns, TimeRemainingColumn(), console=console, transient=True) as bar,
    ):
        task = bar.add_task("collect", total=len(questions), done="")

        def show(progress: Progress) -> None:
            bar.update(task, completed=progress.questions, done=_describe(progress))

        return collect(settings, questions, writes, services.score, show)


def _describe(progress: Progress) -> str:
    return (
        f"{progress.questions} of {progress.of} questions, {progress.solutions} solutions kept, {progress.states} "
        f"states, {progress.completions} completions, {progress.unscored} unscored"
    )


def _fail(text: str, status: int) -> int:
    print(f"codaserve critic collect: {text}", file=sys.stderr)
    return status
