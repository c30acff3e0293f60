# ruff: noqa: E501 - programs of other languages
import pytest

from codaserve.v1 import scorer_pb2 as pb
from scorer.code.languages import java
from tests.scorer.code.languages.conformance import UNICODE, Conformance

pytestmark = pytest.mark.asyncio(loop_scope="package")


def main(body: str, name: str = "Main") -> str:
    return f"import java.util.*;\npublic class {name} {{\n  public static void main(String[] args) throws Exception {{\n{body}\n}}\n}}\n"


class TestJava(Conformance):
    language = "java"
    hello = main(f'System.out.println("{UNICODE}");', "Greeting")
    add = main(
        "Scanner in = new Scanner(System.in); long s = 0; while (in.hasNextLong()) s += in.nextLong(); System.out.println(s);"
    )
    broken = main('int x = "text";')
    fails = main('throw new IllegalStateException("no luck today");')
    fault = "java.lang.IllegalStateException: no luck today"
    forever = main("for (long i = 0; i >= 0; i = (i + 1) & 1023);")
    hog = main("List<int[]> all = new ArrayList<>(); for (;;) all.add(new int[1 << 18]);")
    lines = main(
        "StringBuilder b = new StringBuilder(); for (int i = 1; i <= 100000; i++) b.append(i).append('\\n'); System.out.print(b);"
    )
    endless = main('for (;;) System.out.println("more");')
    shortest = """
import java.io.*;
import java.util.*;

public class Shortest {
    record Edge(int to, int weight) {}
    record Entry(long distance, int node) {}

    public static void main(String[] args) throws IOException {
        StreamTokenizer in = new StreamTokenizer(new BufferedReader(new InputStreamReader(System.in)));
        int n = next(in), m = next(in);
        List<List<Edge>> graph = new ArrayList<>();
        for (int i = 0; i < n; i++) graph.add(new ArrayList<>());
        for (int i = 0; i < m; i++) graph.get(next(in)).add(new Edge(next(in), next(in)));
        long[] distances = new long[n];
        Arrays.fill(distances, -1);
        PriorityQueue<Entry> queue = new PriorityQueue<>(Comparator.comparingLong(Entry::distance));
        queue.add(new Entry(0, 0));
        while (!queue.isEmpty()) {
            Entry entry = queue.poll();
            if (distances[entry.node()] >= 0) continue;
            distances[entry.node()] = entry.distance();
            for (Edge edge : graph.get(entry.node()))
                if (distances[edge.to()] < 0) queue.add(new Entry(entry.distance() + edge.weight(), edge.to()));
        }
        StringBuilder out = new StringBuilder();
        for (long distance : distances) out.append(distance).append(' ');
        System.out.println(out);
    }

    static int next(StreamTokenizer in) throws IOException {
        in.nextToken();
        return (int) in.nval;
    }
}
"""
    connects = main("""
        int port = new Scanner(System.in).nextInt();
        try { new java.net.Socket("127.0.0.1", port); System.out.println("connected"); }
        catch (java.io.IOException e) { System.out.println("refused"); }
""")
    peeks = main("""
        boolean reached = false;
        for (String path : List.of("/etc/passwd", "/etc/shadow", "/proc/1/environ"))
            try { new java.io.FileInputStream(path).read(); reached = true; } catch (java.io.IOException e) {}
        for (String path : List.of("/root", "/home")) reached |= new java.io.File(path).list() != null;
        for (String path : List.of("/usr/mine", "/etc/mine"))
            try { new java.io.FileOutputStream(path); reached = true; } catch (java.io.IOException e) {}
        System.out.println(reached ? "reached" : "refused");
""")
    starts = main("""
        try { new ProcessBuilder("/usr/bin/true").start(); System.out.println("started"); }
        catch (java.io.IOException e) { System.out.println("refused"); }
""")

    async def test_classes_beside_the_public_one_and_packages(self) -> None:
        source = 'package a.b;\nclass Other { static String say() { return "said"; } }\npublic class It { public static void main(String[] x) { System.out.println(Other.say()); } }'
        await self.passes(source, ("", "said"))
        await self.passes(
            "class A {}\nclass Start { public static void main(String[] x) { System.out.println(1); } }", ("", "1")
        )

    async def test_a_program_without_main_fails(self) -> None:
        assert (await self.judge("public class A {}", ("", ""))).reason == pb.REASON_RUNTIME_ERROR

    async def test_deep_recursion_and_many_threads(self) -> None:
        await self.passes(
            "public class Main { static int f(int n) { return n == 0 ? 0 : 1 + f(n - 1); }\n"
            "public static void main(String[] a) { System.out.println(f(100000)); } }",
            ("", "100000"),
        )
        await self.passes(main("Thread t = new Thread(() -> System.out.println(42)); t.start(); t.join();"), ("", "42"))


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("public class A {}", "A"),
        ("// public class B\n/* public class C */ class D { public class E {} } public final class F<T> {}", "F"),
        ("class A { String s = \"public class B {\"; char c = '{'; } public record C(int x) {}", "C"),
        ('class A { String s = """\n public class B {\n"""; }\npublic enum D { X }', "D"),
        ("class A {}", "Main"),
        ("/* public class B", "Main"),
        ('"""' + "\\" * 100_001, "Main"),
        ("/*" * 500_000, "Main"),
    ],
)
async def test_the_file_is_called_like_the_public_class(source: str, name: str) -> None:
    assert java.names(source)["source"] == f"{name}.java"
