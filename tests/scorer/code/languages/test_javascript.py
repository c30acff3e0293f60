# ruff: noqa: E501 - programs of other languages
import pytest

from codaserve.v1 import scorer_pb2 as pb
from scorer.code.languages import javascript
from tests.scorer.code.languages.conformance import UNICODE, Conformance

pytestmark = pytest.mark.asyncio(loop_scope="package")

SHORTEST = """
class Heap {
  constructor() { this.items = []; }
  get size() { return this.items.length; }
  push(distance, node) {
    const items = this.items;
    let at = items.push([distance, node]) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (items[parent][0] <= items[at][0]) break;
      [items[parent], items[at]] = [items[at], items[parent]];
      at = parent;
    }
  }
  pop() {
    const items = this.items, top = items[0], last = items.pop();
    if (items.length) {
      items[0] = last;
      let at = 0;
      for (;;) {
        let least = at;
        for (const child of [2 * at + 1, 2 * at + 2])
          if (child < items.length && items[child][0] < items[least][0]) least = child;
        if (least === at) break;
        [items[least], items[at]] = [items[at], items[least]];
        at = least;
      }
    }
    return top;
  }
}

const [n, m, ...rest] = require('fs').readFileSync('/dev/stdin', 'utf8').split(/\\s+/).filter(Boolean).map(Number);
const graph = Array.from({ length: n }, () => []);
for (let i = 0; i < m; i++) graph[rest[3 * i]].push([rest[3 * i + 1], rest[3 * i + 2]]);
const distances = new Array(n).fill(-1), queue = new Heap();
queue.push(0, 0);
while (queue.size) {
  const [distance, node] = queue.pop();
  if (distances[node] >= 0) continue;
  distances[node] = distance;
  for (const [to, weight] of graph[node]) if (distances[to] < 0) queue.push(distance + weight, to);
}
console.log(distances.join(' '));
"""


class TestJavaScript(Conformance):
    language = "javascript"
    hello = f"console.log('{UNICODE}');"
    add = "const t = require('fs').readFileSync(0, 'utf8'); console.log(t.match(/-?\\d+/g).map(Number).reduce((a, b) => a + b));"
    broken = "const x = ;"
    fails = "throw new TypeError('no luck today');"
    fault = "TypeError: no luck today"
    forever = "for (;;);"
    hog = "const all = []; for (;;) all.push(new Array(1 << 16).fill(all.length + 0.5));"
    lines = "for (let i = 1; i <= 100000; i++) console.log(i);"
    # console.log queues what a slow reader leaves, without end.
    endless = "const fs = require('fs'); for (;;) fs.writeSync(1, 'more\\n');"
    shortest = SHORTEST
    connects = """
const port = Number(require('fs').readFileSync(0, 'utf8'));
const s = require('net').connect(port, '127.0.0.1', () => { console.log('connected'); s.end(); });
s.on('error', () => console.log('refused'));
"""
    peeks = """
const fs = require('fs');
let reached = false;
const attempt = (action) => { try { action(); reached = true; } catch {} };
for (const path of ['/etc/passwd', '/etc/shadow', '/proc/1/environ']) attempt(() => fs.readFileSync(path));
for (const path of ['/root', '/home']) attempt(() => fs.readdirSync(path));
for (const path of ['/usr/mine', '/etc/mine']) attempt(() => fs.writeFileSync(path, 'x'));
console.log(reached ? 'reached' : 'refused');
"""
    starts = """
const { status, error } = require('child_process').spawnSync('/usr/bin/true');
console.log(error || status !== 0 ? 'refused' : 'started');
"""

    async def test_modules_of_both_kinds_and_reading_by_lines(self) -> None:
        lines = "for await (const line of createInterface({ input: process.stdin })) console.log(line.length);"
        await self.passes(f"import {{ createInterface }} from 'readline';\n{lines}", ("ab\nabc\n", "2\n3"))
        lines = (
            "require('readline').createInterface({ input: process.stdin }).on('line', (l) => console.log(l.length));"
        )
        await self.passes(f"{lines}\nif (require.main === module) console.log('main');", ("ab\n", "main\n2"))

    async def test_deep_recursion(self) -> None:
        await self.passes("const f = (n) => n ? 1 + f(n - 1) : 0; console.log(f(100000));", ("", "100000"))

    async def test_a_rejected_promise_is_a_runtime_error(self) -> None:
        verdict = await self.judge("Promise.reject(new RangeError('late'));", ("", ""))
        assert verdict.reason == pb.REASON_RUNTIME_ERROR and "RangeError: late" in verdict.detail, verdict


@pytest.mark.parametrize(
    ("source", "modern"),
    [
        ("const fs = require('fs');", False),
        ("import fs from 'fs';", True),
        ("import 'fs'", True),
        ("import('fs').then(console.log)", False),
        ("export default 1", True),
        ("const x = await f();", True),
        ("async function f() {\n  await g();\n}\nf();", False),
        ("\n" * 1_000_000, False),
    ],
)
async def test_the_kind_of_module(source: str, modern: bool) -> None:
    assert javascript.script_names(source)["source"] == ("program.mjs" if modern else "program.cjs")
