"""Dashboard and alerts: their expressions are read by a parser of PromQL, and name what the servers count."""

import json
import re
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

import critic.metrics  # noqa: F401  fills the registry
import scorer.metrics  # noqa: F401  fills the registry
from codaserve.serving.metrics import REGISTRY

DOCKER = Path(__file__).parents[2] / "docker"
DASHBOARD: dict[str, Any] = json.loads((DOCKER / "monitoring/dashboard.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
RULES = [
    rule
    for group in yaml.safe_load((DOCKER / "monitoring/alerts.yaml").read_text())["groups"]
    for rule in group["rules"]
]
EXPRESSIONS = [target["expr"] for panel in PANELS for target in panel["targets"]] + [rule["expr"] for rule in RULES]
FROM_PROMETHEUS = {"job", "instance", "le"}
"""Labels that are not ours."""


def series() -> dict[str, set[str]]:
    """Names of all series that servers can have, with their labels."""
    ending = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}
    found = {}
    collectors: set[Any] = set(REGISTRY._collector_to_names)
    for collector in collectors:
        labels = set(collector._labelnames)
        for metric in collector.describe():
            for suffix in ending[metric.type]:
                found[metric.name + suffix] = labels
    return found


def selectors(node: Any) -> list[Any]:
    """The vector selectors below a node."""
    if isinstance(node, promql_parser.VectorSelector):
        return [node]
    below = [getattr(node, name, None) for name in ("expr", "lhs", "rhs", "vector_selector", "param")]
    below += list(getattr(node, "args", None) or ())
    return [found for child in below if child is not None and not isinstance(child, str) for found in selectors(child)]


def parsed(expression: str) -> Any:
    return promql_parser.parse(expression.replace("$__rate_interval", "1m"))


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expressions_are_of_metrics_that_exist(expression: str) -> None:
    known = series()
    used = selectors(parsed(expression))
    assert used
    assert len(used) == len(re.findall(r"\bcodaserve_\w+", expression))
    for selector in used:
        assert selector.name in known
        matched = {matcher.name for matcher in selector.matchers.matchers}
        assert matched <= known[selector.name] | FROM_PROMETHEUS


def test_a_wrong_expression_is_found() -> None:
    with pytest.raises(ValueError):
        parsed("sum by (le (rate(codaserve_requests_total[5m]))")


def test_every_metric_is_on_the_dashboard() -> None:
    shown = " ".join(EXPRESSIONS)
    families = {name.removesuffix("_bucket") for name in series() if not name.endswith(("_sum", "_count"))}
    assert {name for name in families if not re.search(rf"\b{name}(_bucket)?\b", shown)} == set()


def test_panels_lie_beside_each_other_and_have_what_grafana_needs() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert place["x"] + place["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    source = yaml.safe_load((DOCKER / "compose/grafana-source.yaml").read_text())["datasources"][0]
    variables = {variable["name"]: variable for variable in DASHBOARD["templating"]["list"]}
    assert variables["source"]["current"]["value"] == source["uid"]
    for panel in PANELS:
        assert panel["description"]
        assert all(target["datasource"]["uid"] == "${source}" for target in panel["targets"])


def test_the_documents_have_the_alerts() -> None:
    docs = DOCKER.parent / "docs"
    section = (docs / "metrics.md").read_text().partition("## Worth an alert")[2]
    table = re.findall(r"^\| [^|]+ \| `(.+)` \|$", section, re.MULTILINE)
    expressions = sorted(parsed(rule["expr"]).prettify() for rule in RULES)
    assert sorted(parsed(expression.replace("\\|", "|")).prettify() for expression in table) == expressions
    explained = (docs / "operations.md").read_text().partition("## Metrics")[2].partition("## Traces")[0]
    assert set(re.findall(r"\bCodaserve\w+", explained)) == {rule["alert"] for rule in RULES}


def test_alerts_say_what_is_wrong() -> None:
    assert len({rule["alert"] for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule["annotations"]["summary"]
        assert rule["labels"]["severity"] in ("warning", "critical")
