# ruff: noqa: E501 - programs of other languages
import pytest

from tests.scorer.code.languages.conformance import UNICODE, Conformance

pytestmark = pytest.mark.asyncio(loop_scope="package")


class TestGo(Conformance):
    language = "go"
    hello = f'package main\nimport "fmt"\nfunc main() {{ fmt.Println("{UNICODE}") }}'
    add = """
package main
import "fmt"
func main() {
	s, x := 0, 0
	for {
		if n, _ := fmt.Scan(&x); n == 0 { break }
		s += x
	}
	fmt.Println(s)
}
"""
    broken = 'package main\nimport "os"\nfunc main() { undeclared() }'
    fails = 'package main\nfunc main() { panic("no luck today") }'
    fault = "panic: no luck today"
    forever = "package main\nfunc main() { for {} }"
    hog = "package main\nfunc main() { var all [][]byte; for { b := make([]byte, 1<<20); for i := range b { b[i] = 1 }; all = append(all, b) } }"
    lines = 'package main\nimport ("bufio"; "fmt"; "os")\nfunc main() { w := bufio.NewWriter(os.Stdout); defer w.Flush(); for i := 1; i <= 100000; i++ { fmt.Fprintln(w, i) } }'
    endless = 'package main\nimport "fmt"\nfunc main() { for { fmt.Println("more") } }'
    shortest = """
package main

import (
	"bufio"
	"container/heap"
	"fmt"
	"os"
	"strconv"
)

type edge struct{ to, weight int }
type entry struct{ distance, node int }
type queue []entry

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].distance < q[j].distance }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)        { *q = append(*q, x.(entry)) }
func (q *queue) Pop() any {
	old := *q
	last := old[len(old)-1]
	*q = old[:len(old)-1]
	return last
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Split(bufio.ScanWords)
	next := func() int {
		in.Scan()
		x, _ := strconv.Atoi(in.Text())
		return x
	}
	n, m := next(), next()
	graph := make([][]edge, n)
	for i := 0; i < m; i++ {
		a, b, w := next(), next(), next()
		graph[a] = append(graph[a], edge{b, w})
	}
	distances := make([]int, n)
	for i := range distances {
		distances[i] = -1
	}
	q := &queue{{0, 0}}
	for q.Len() > 0 {
		e := heap.Pop(q).(entry)
		if distances[e.node] >= 0 {
			continue
		}
		distances[e.node] = e.distance
		for _, x := range graph[e.node] {
			if distances[x.to] < 0 {
				heap.Push(q, entry{e.distance + x.weight, x.to})
			}
		}
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for _, d := range distances {
		fmt.Fprint(out, d, " ")
	}
	fmt.Fprintln(out)
}
"""
    connects = """
package main
import ("fmt"; "net")
func main() {
	port := 0
	fmt.Scan(&port)
	if _, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err != nil { fmt.Println("refused") } else { fmt.Println("connected") }
}
"""
    peeks = """
package main
import ("fmt"; "os")
func main() {
	reached := false
	for _, path := range []string{"/etc/passwd", "/etc/shadow", "/proc/1/environ"} {
		if _, err := os.ReadFile(path); err == nil { reached = true }
	}
	for _, path := range []string{"/root", "/home"} {
		if _, err := os.ReadDir(path); err == nil { reached = true }
	}
	for _, path := range []string{"/usr/mine", "/etc/mine"} {
		if os.WriteFile(path, nil, 0o644) == nil { reached = true }
	}
	if reached { fmt.Println("reached") } else { fmt.Println("refused") }
}
"""
    starts = """
package main
import ("fmt"; "os/exec")
func main() { if exec.Command("/usr/bin/true").Run() == nil { fmt.Println("started") } else { fmt.Println("refused") } }
"""

    async def test_goroutines(self) -> None:
        source = 'package main\nimport ("fmt"; "sync")\nfunc main() { var w sync.WaitGroup; s := make([]int, 1000); for i := range s { w.Add(1); go func(i int) { s[i] = i; w.Done() }(i) }; w.Wait(); t := 0; for _, x := range s { t += x }; fmt.Println(t) }'
        await self.passes(source, ("", "499500"))
