# ruff: noqa: E501 - programs of other languages
import pytest

from tests.scorer.code.languages.conformance import UNICODE, Conformance
from tests.scorer.code.languages.test_javascript import TestJavaScript as JavaScript

pytestmark = pytest.mark.asyncio(loop_scope="package")


class TestTypeScript(Conformance):
    language = "typescript"
    hello = f"const text: string = '{UNICODE}';\nconsole.log(text);"
    add = """
import * as fs from 'fs';
const numbers: number[] = (fs.readFileSync(0, 'utf8').match(/-?\\d+/g) as string[]).map(Number);
console.log(numbers.reduce((a: number, b: number): number => a + b));
"""
    broken = "const x: number = ;"
    fails = "function f(x: string): never { throw new TypeError(x); }\nf('no luck today');"
    fault = "TypeError: no luck today"
    forever = "for (;;);"
    hog = "const all: number[][] = []; for (;;) all.push(new Array<number>(1 << 16).fill(all.length + 0.5));"
    lines = "for (let i: number = 1; i <= 100000; i++) console.log(i);"
    # console.log queues what a slow reader leaves, without end.
    endless = "const fs = require('fs'); for (;;) fs.writeSync(1, 'more\\n' as string);"
    shortest = """
import { readFileSync } from 'fs';

interface Entry { distance: number; node: number }
type Edge = [to: number, weight: number];
enum Mark { None = -1 }

class Heap<T> {
  private items: T[] = [];
  constructor(private readonly before: (a: T, b: T) => boolean) {}
  get size(): number { return this.items.length; }
  push(item: T): void {
    let at = this.items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.before(this.items[at], this.items[parent])) break;
      [this.items[parent], this.items[at]] = [this.items[at], this.items[parent]];
      at = parent;
    }
  }
  pop(): T {
    const top = this.items[0], last = this.items.pop()!;
    if (this.items.length) {
      this.items[0] = last;
      for (let at = 0; ; ) {
        let least = at;
        for (const child of [2 * at + 1, 2 * at + 2])
          if (child < this.items.length && this.before(this.items[child], this.items[least])) least = child;
        if (least === at) break;
        [this.items[least], this.items[at]] = [this.items[at], this.items[least]];
        at = least;
      }
    }
    return top;
  }
}

const [n, m, ...rest]: number[] = readFileSync(0, 'utf8').split(/\\s+/).filter(Boolean).map(Number);
const graph: Edge[][] = Array.from({ length: n }, () => []);
for (let i = 0; i < m; i++) graph[rest[3 * i]].push([rest[3 * i + 1], rest[3 * i + 2]]);
const distances = new Array<number>(n).fill(Mark.None);
const queue = new Heap<Entry>((a, b) => a.distance < b.distance);
queue.push({ distance: 0, node: 0 });
while (queue.size) {
  const { distance, node } = queue.pop();
  if (distances[node] !== Mark.None) continue;
  distances[node] = distance;
  for (const [to, weight] of graph[node])
    if (distances[to] === Mark.None) queue.push({ distance: distance + weight, node: to });
}
console.log(distances.join(' '));
"""
    connects = JavaScript.connects
    peeks = JavaScript.peeks
    starts = JavaScript.starts

    async def test_awaiting_outside_of_functions(self) -> None:
        source = "import * as fs from 'fs/promises';\nconst f = async (x: number): Promise<number> => x;\nconst y = await f(2);\nconsole.log(y, typeof fs);"
        await self.passes(source, ("", "2 object"))

    async def test_types_are_not_checked(self) -> None:
        await self.passes("const x: number = 'text' as any;\nconsole.log(x, process.argv.length);", ("", "text 2"))
