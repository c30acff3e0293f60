from xml.etree import ElementTree

from critic.training.picture import draw
from critic.training.quality import calibration_bins

NAMESPACE = "{http://www.w3.org/2000/svg}"


def test_each_bin_is_a_point_at_its_means_and_names_are_escaped() -> None:
    curves = {"critic <1>": calibration_bins([0.05, 0.5, 1.0], [0.25, 0.5, 0.75]), "other": ()}
    root = ElementTree.fromstring(draw("a & b", curves))
    texts = [element.text for element in root.iter(f"{NAMESPACE}text")]
    assert "a & b" in texts
    assert {"critic <1>", "other"} <= set(texts)
    first, _ = root.iter(f"{NAMESPACE}polyline")
    places = [tuple(map(float, point.split(","))) for point in first.attrib["points"].split()]
    # Right is a greater value, up a greater target; the middle is on the diagonal.
    assert [x for x, _ in places] == sorted(x for x, _ in places)
    assert places[1] == (48 + 180, 48 + 180)
    assert places[2] == (48 + 360, 48 + 90)
