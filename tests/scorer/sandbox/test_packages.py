import json
from pathlib import Path

import pytest

from scorer.sandbox import packages
from scorer.sandbox.errors import SandboxError
from scorer.sandbox.guest.limits import Limits
from scorer.sandbox.pool import SlotPool
from scorer.sandbox.run import Request
from scorer.sandbox.settings import IsolationSettings, SandboxSettings

NAMESPACES = tuple(f"{kind}_namespace" for kind in ("user", "mount", "pid", "network", "ipc", "uts"))
LIMITS = Limits(5, 10, 1 << 30, 1, 1 << 20, 1 << 20, 1 << 20)


async def printed(pool: SlotPool, source: str) -> str:
    result = await pool.run(Request(json.dumps({"kind": "stdio", "source": source}).encode(), None, LIMITS))
    return (result.stdout + result.stderr).decode()


def test_of_the_services_environment_only_what_was_asked_for_is_shown() -> None:
    found = packages.find(None, ["numpy"], True)
    assert {Path(path).name for path in found.exposed} >= {"numpy"}
    assert all(Path(path).name.startswith("numpy") for path in found.exposed)
    assert found.names == {"numpy"}
    assert packages.find(None, [], True) == packages.Packages((), ())
    # What a package requires comes along.
    both = {Path(path).name for path in packages.find(None, ["math-verify"], True).exposed}
    assert {"math_verify", "latex2sympy2_extended", "sympy"} <= both


def test_a_folder_of_packages_is_shown_as_a_whole(tmp_path: Path) -> None:
    for name in ("one", "two.py", "three.cpython-311-x86_64-linux-gnu.so", "one-1.0.dist-info", "__pycache__"):
        (tmp_path / name).touch()
    names = frozenset({"one", "two", "three", "__pycache__"})
    assert packages.find(tmp_path, ["anything"], False) == packages.Packages((str(tmp_path),), (str(tmp_path),), names)


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("import numpy", True),
        ("x = 1\nimport numpy as np", True),
        ("x = 1\n\tfrom numpy.linalg import norm", True),
        ("import math,numpy", True),
        ("'é'\r\nimport numpy", True),
        ("# “numpy”", True),
        ("__import__('num' + 'py')", True),
        ("eval(text)", True),
        ("import sys\nprint(sys.modules)", True),
        ("import math\nprint(math.pi)", False),
        ("numpyro = evaluate = 'executes'", False),
        ("x.renumpy", False),
        ("", False),
    ],
)
def test_programs_that_may_use_packages_are_told_by_their_words(source: str, named: bool) -> None:
    found = packages.Packages(("/site",), ("/site/numpy",), frozenset({"numpy"}))
    assert found.are_named_in(json.dumps({"kind": "stdio", "source": source}).encode()) is named


def test_what_cannot_be_preloaded_is_named_with_a_remedy() -> None:
    with pytest.raises(SandboxError, match="nosuchthing, which is not installed"):
        packages.find(None, ["nosuchthing"], True)
    with pytest.raises(SandboxError, match=r"needs code\.sandbox\.packages"):
        packages.find(None, ["numpy"], False)


@pytest.mark.parametrize("without", [(), NAMESPACES], ids=["namespaces", "bare"])
async def test_numpy_is_loaded_before_a_run_and_nothing_beside_it_can_be_imported(without: tuple[str, ...]) -> None:
    settings = SandboxSettings(slots=1, preload=("numpy",), isolation=IsolationSettings(without=without))
    pool = SlotPool(settings)
    await pool.start()
    try:
        assert [name.split()[0] for name in pool.preloaded] == ["numpy"]
        assert await printed(pool, "import sys; print('numpy' in sys.modules, 'numpy.random' in sys.modules)") == (
            "True True\n"
        )
        assert await printed(pool, "import numpy.polynomial as p; print(p.Polynomial([1, 2])(3))") == "7.0\n"
        assert "No module named 'pydantic'" in await printed(pool, "import pydantic")
        drawn = [await printed(pool, "import numpy, random; print(numpy.random.rand(), random.random())") for _ in "12"]
        assert drawn[0] == drawn[1] and drawn[0].count(".") == 2
        for slot in pool._places[0].slots:
            assert set(_threads_of_descendants(slot.pid)) == {1}
    finally:
        await pool.close()


async def test_programs_that_name_no_package_are_forked_from_what_has_none_loaded() -> None:
    pool = SlotPool(SandboxSettings(slots=1, preload=("numpy",)))
    await pool.start()
    try:
        look = "import sys\nprint('num' + 'py' in vars(sys)['mod' + 'ules'])"
        assert await printed(pool, look) == "False\n"
        assert await printed(pool, look + "  # numpy") == "True\n"
        program = json.dumps({"source": look + "\ndef f(): return 1", "setup": "", "entry_point": "f"}).encode()
        for script, found in (("assert f() == 1", b"False\n"), ("import numpy\nassert f() == 1", b"True\n")):
            tests = json.dumps({"script": script, "setup": "", "entry_point": "f"}).encode()
            result = await pool.run(Request(program, None, LIMITS, tests))
            assert list(result.frames())[-1] == ("end",)
            assert result.stdout in (found, b"")  # the script may have ended it before it wrote
    finally:
        await pool.close()


def _threads_of_descendants(pid: int) -> list[int]:
    found = [len(list(Path(f"/proc/{pid}/task").iterdir()))]
    for stat in Path("/proc").glob("[0-9]*/stat"):
        if stat.read_text().rpartition(")")[2].split()[1] == str(pid):
            found += _threads_of_descendants(int(stat.parent.name))
    return found


async def test_a_package_that_starts_threads_is_refused(tmp_path: Path) -> None:
    (tmp_path / "busy.py").write_text(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(9,)).start()\n"
    )
    (tmp_path / "broken.py").write_text("raise OSError('no such luck')\n")
    tmp_path.chmod(0o755)
    for name, message in (("busy", "starts threads"), ("broken", "no such luck")):
        pool = SlotPool(SandboxSettings(slots=1, packages=tmp_path, preload=(name,)))
        with pytest.raises(SandboxError, match=message):
            await pool.start()


async def test_forks_of_a_program_are_seeded_anew() -> None:
    pool = SlotPool(SandboxSettings(slots=1))
    await pool.start()
    try:
        limits = Limits(5, 10, 1 << 30, 4, 1 << 20, 1 << 20, 1 << 20, several=True)
        source = "import os, random\npid = os.fork()\nprint(random.random(), flush=True)\nif pid: os.wait()"
        payload = json.dumps({"kind": "stdio", "source": source}).encode()
        result = await pool.run(Request(payload, None, limits))
        if pool.several:
            assert len(set(result.stdout.split())) == 2, result
    finally:
        await pool.close()
