import json

from scorer.sandbox.guest import orders


def test_what_json_writes_is_read() -> None:
    message: dict[str, object] = {
        "text": "\u00e4 \U0001f600 \ud800 \n",
        "numbers": [1, 2.5, -3],
        "nothing": None,
        "true": True,
        "in": {},
    }
    assert orders.read(json.dumps(message).encode()) == message
