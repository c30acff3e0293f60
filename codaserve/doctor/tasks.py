"""Turns attacks into tasks of the contract."""

import json
import secrets

from codaserve.doctor.attack import EXPECTED, HOST, LISTENER, LISTENER_PATH, PORT, TOKEN, Attack
from codaserve.v1 import scorer_pb2 as pb

_NUMBERS, _SUM = (3, 4), 7


def fresh_words(host: str, port: int, listener: int = 0, listener_path: str = "none") -> dict[str, str]:
    """What the places in sources and tests stand for, in one execution of an attack."""
    return {
        TOKEN: secrets.token_hex(16),
        EXPECTED: f"expected-{secrets.token_hex(16)}",
        HOST: host,
        PORT: str(port),
        LISTENER: str(listener),
        LISTENER_PATH: listener_path,
    }


def item(attack: Attack, words: dict[str, str], *, then: bool = False) -> pb.ScoreItem:
    """The task of an attack, or of its second program."""
    source = attack.then if then and attack.then is not None else attack.source
    task = pb.CodeTask(
        language=attack.language,
        entry_point="f",
        limits=attack.limits,
        profile=attack.profile,
    )
    if attack.honest and "```" in source:
        task.response = source
    else:
        task.source = _filled(source, words)
    _add_tests(task, attack, words)
    return pb.ScoreItem(id=words[TOKEN], code=task)


def _add_tests(task: pb.CodeTask, attack: Attack, words: dict[str, str]) -> None:
    expected = str(_SUM) if attack.honest else words[EXPECTED]
    literal = repr(_SUM if attack.honest else expected)
    arguments = list(_NUMBERS) if attack.honest else [1]
    call = ", ".join(map(str, arguments))
    match attack.tests:
        case "stdio":
            task.stdio.cases.add(input="{} {}\n".format(*_NUMBERS), output=expected)
        case "calls":
            task.calls.cases.add(
                arguments=json.dumps(arguments), expected=json.dumps(_SUM if attack.honest else expected)
            )
        case "literal":
            task.asserts.script = f"assert f({call}) == {literal}"
        case "script":
            task.asserts.script = f"for _ in range(2):\n    assert f({call}) == {literal}"
        case "checked":
            task.asserts.script = (
                f"def check(candidate):\n    expected = {literal}\n    got = candidate({call})\n"
                "    assert len([got]) == 1\n    assert got == expected, 'wrong'\n"
            )
    if attack.script is not None:
        task.asserts.script = _filled(attack.script, words)


def _filled(text: str, words: dict[str, str]) -> str:
    for place, word in words.items():
        text = text.replace(place, word)
    return text
