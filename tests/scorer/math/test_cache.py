from codaserve.v1 import scorer_pb2 as pb
from scorer.math.cache import ENTRY_BYTES, Cache

VERDICT = pb.Verdict(correct=True, score=1, detail="d" * 100)
SIZE = len(VERDICT.SerializeToString()) + ENTRY_BYTES


def test_a_hit_says_so_and_is_the_same_otherwise() -> None:
    cache = Cache(10 * SIZE)
    cache.put(b"a", VERDICT)
    hit = cache.get(b"a")
    assert hit is not None
    assert hit.cached
    hit.cached = False
    assert hit == VERDICT
    assert cache.get(b"b") is None


def test_memory_is_bounded_and_the_longest_unused_go_first() -> None:
    cache = Cache(3 * SIZE)
    for key in (b"a", b"b", b"c"):
        cache.put(key, VERDICT)
    assert cache.get(b"a") is not None
    cache.put(b"d", VERDICT)
    assert cache.get(b"b") is None
    assert cache.get(b"a") is not None
    assert cache.bytes == 3 * SIZE
    for number in range(1000):
        cache.put(str(number).encode(), VERDICT)
    assert (len(cache), cache.bytes) == (3, 3 * SIZE)


def test_what_is_put_again_is_counted_once() -> None:
    cache = Cache(3 * SIZE)
    cache.put(b"a", pb.Verdict())
    cache.put(b"a", VERDICT)
    assert (len(cache), cache.bytes) == (1, SIZE)


def test_nothing_is_kept_without_memory() -> None:
    cache = Cache(0)
    cache.put(b"a", pb.Verdict())
    assert len(cache) == 0


def test_what_is_larger_than_all_memory_drops_nothing() -> None:
    cache = Cache(2 * SIZE)
    cache.put(b"a", VERDICT)
    cache.put(b"b", pb.Verdict(detail="d" * 10_000))
    assert cache.get(b"a") is not None
