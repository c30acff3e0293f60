import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_committed_stubs_are_those_of_the_proto_files(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "proto" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    generate.generate(tmp_path)
    fresh = {p.name: p.read_bytes() for p in (tmp_path / "codaserve" / "v1").iterdir()}
    committed = {p.name: p.read_bytes() for p in (ROOT / "codaserve" / "v1").glob("*_pb2*")}
    assert fresh.keys() == committed.keys()
    stale = [name for name in fresh if fresh[name] != committed[name]]
    assert not stale, "run python proto/generate.py"
