from pathlib import Path

from matplotlib import image

from trainer.demo import report
from trainer.demo.results import Results


def test_a_recorded_result_is_drawn(recorded: Results, tmp_path: Path) -> None:
    report.draw(recorded, tmp_path / "report.png")
    pixels = image.imread(tmp_path / "report.png")
    height, width = pixels.shape[:2]
    assert (width, height) == (1320, 888)
    quarters = [pixels[:444, :660], pixels[:444, 660:], pixels[444:, :660], pixels[444:, 660:]]
    assert all((quarter[..., :3].std(axis=2) > 0.1).mean() > 0.001 for quarter in quarters), "a panel has no colour"
    assert [path.name for path in tmp_path.iterdir()] == ["report.png"]


def test_a_result_without_steps_is_drawn(tmp_path: Path) -> None:
    report.draw(Results(seed=0), tmp_path / "report.png")
    assert (tmp_path / "report.png").stat().st_size > 10_000
