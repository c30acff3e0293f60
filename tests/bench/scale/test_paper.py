from bench.scale.cost import Cost, Measured
from bench.scale.paper import Spread, client_seconds, fed, need, scorer_seconds

MEASURED = Measured(
    "made up",
    costs=[Cost(100, 1.0, scorer, client) for scorer, client in ((0.5, 0.01), (1.0, 0.02), (2.0, 0.04))],
    bytes_sent=300.0,
    bytes_received=150.0,
    memory_bytes=200_000_000,
)


def test_costs_are_for_an_item() -> None:
    assert scorer_seconds(MEASURED.costs) == Spread(0.01, 0.005, 0.02)
    assert client_seconds(MEASURED.costs) == Spread(0.0002, 0.0001, 0.0004)
    assert Spread(0.01, 0.005, 0.02).shown(".1f", 1e3) == "10.0 (5.0 to 20.0)"


def test_many_scorers_need_as_many_times_what_one_needs() -> None:
    assert fed(MEASURED) == 50
    one, many = need(MEASURED, 1), need(MEASURED, 16, cores_each=4)
    assert (one.items_per_second, one.memory_bytes) == (100, 2e8)
    assert (one.sent_bytes, one.received_bytes) == (30_000, 15_000)
    assert many.items_per_second == 6400
    assert abs(many.client_cores - 64 / 50) < 1e-9
    assert many.memory_bytes == 64 * 2e8
