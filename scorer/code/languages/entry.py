"""What has to be known of a language."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Names = Callable[[str], Mapping[str, str]]


def fixed(source: str, artifact: str) -> Names:
    """Names of files that are the same for every program, see `LanguageEntry.names`."""
    return lambda _: {"source": source, "artifact": artifact}


@dataclass(frozen=True)
class LanguageEntry:
    """A language: how tasks and responses name it and, but for Python, how its programs are compiled and run.

    Commands are tuples of arguments. In them and in the environment these stand for values: {name} for the path of the
    tool of that name and {name_home} for the folder above the tool's folder; {source}, {artifact} and what else `names`
    gives; {memory_mb} for the run's memory in mebibytes; {python} for the interpreter of the service.

    Attributes:
        name: As `CodeTask.language` takes it.
        fences: Names after the opening of a fenced code block that mean this language, lower case.
        tools: Names of programs that must be there, without folders.
        packages: What to install where they are not: names of Debian's packages.
        version: Command that says the version of the compiler or interpreter in its first line.
        names: From a program's text, the names of its file ("source") and of what compiling makes of it ("artifact").
        compile: Command that compiles or checks the source once for each submission; none if it is not needed.
        run: Command that runs the artifact; none executes it as it is.
        environment: Of both commands, beside the usual.
        exposed: Patterns of paths outside of /usr that the tools read.
        threads: Threads that the runtime has of its own, on top of the program's limit.
        startup_seconds: Processor time that the runtime may take to start, on top of the program's limit.
        overhead_bytes: Memory that the runtime may take for itself, on top of the program's limit.
        reserve: As `Limits.reserve` for runs: false for runtimes that reserve far more memory than they use.
        out_of_memory: What the runtime says on standard error when it ends for lack of memory. Somebody's program may
            say the same: it can choose the reason for which it did not pass, nothing else.
        refused: What the runtime says there when the walls do not let it do something.
        complaint: The line of standard error that tells best what went wrong; the last one where none matches.
        sample: A program that writes "ok": it shows at start that the language works, and warms what there is to warm.
    """

    name: str
    fences: frozenset[str]
    tools: tuple[str, ...] = ()
    packages: str = ""
    version: tuple[str, ...] = ()
    names: Names = field(default=fixed("", ""))
    compile: tuple[str, ...] = ()
    run: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    exposed: tuple[str, ...] = ()
    threads: int = 0
    startup_seconds: float = 0.0
    overhead_bytes: int = 0
    reserve: bool = True
    out_of_memory: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    complaint: re.Pattern[str] = re.compile(r"(?!)")
    sample: str = ""
