import subprocess
import sys

_SOURCE = """
import ctypes, json, math, re
from scorer.sandbox.guest import mappings

def libraries():
    with open("/proc/self/maps") as file:
        return [line.split() for line in file if ".so" in line]

before = libraries()
mappings.merge()
after = libraries()
assert {line[5] for line in after} == {line[5] for line in before}
assert not any(line[1] == "rwxp" for line in after)
once = len(after)
mappings.merge()
assert len(libraries()) == once
import decimal, sqlite3
assert json.loads("[1.5]") == [math.sqrt(2.25)] and re.sub("a", "b", "a") == "b" and decimal.Decimal(1) == 1
print(len(before) - len(after))
"""


def test_libraries_have_fewer_mappings_and_work_as_before() -> None:
    done = subprocess.run([sys.executable, "-c", _SOURCE], check=True, capture_output=True, text=True)
    assert int(done.stdout) > 10
