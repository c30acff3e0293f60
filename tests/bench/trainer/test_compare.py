from bench.trainer.compare import EVERYTHING, section
from bench.trainer.memory import peak_bytes
from bench.trainer.setting import Setting

SETTING = Setting("A policy", "model", "tasks", 2, 4, 10, 5, 0, 1, "cpu")


def _run(total: float, tokens: float, waiting: float) -> dict[str, float]:
    shared = {"generation": 1.0, "update": 1.0, "rollouts": 8.0, "peak": 2e6, "rate": tokens, "right": 0.5}
    return {"total": total, "tokens": tokens, "by_token": total / tokens, "waiting": waiting, **shared}


def test_ratios_are_of_the_same_repeat() -> None:
    # 2 / 4 and 6 / 4, the median between them; by the token each over half as many.
    ours, trl = [_run(2, 100, 0), _run(6, 100, 0)], [_run(4, 200, 0), _run(4, 200, 0)]
    text = section(SETTING, {"ours": ours, "TRL": trl})
    assert "| time of a step | 1.00 (0.50 to 1.50) | at most 0.8 |" in text
    assert "| time of a step by the token | 2.00 (1.00 to 3.00) |" in text
    assert "Waiting for" not in text
    text = section(SETTING, {"ours": ours, "TRL": trl, EVERYTHING: [_run(2, 100, 0.02), _run(2, 100, 0.04)]})
    assert "everything on: 3.0% (2.0% to 4.0%) of a step; asked for: under 5%." in text


def test_the_peak_is_of_this_process() -> None:
    before = peak_bytes()
    assert before > 1e6
    held = bytearray(b"x") * (before + 20_000_000)
    assert peak_bytes() > len(held)
