# ruff: noqa: E501 - programs of other languages
import pytest

from codaserve.v1 import scorer_pb2 as pb
from tests.scorer.code.languages.conformance import UNICODE, Conformance

pytestmark = pytest.mark.asyncio(loop_scope="package")


class TestC(Conformance):
    language = "c"
    hello = f'#include <stdio.h>\nint main(void) {{ puts("{UNICODE}"); return 0; }}'
    add = '#include <stdio.h>\nint main(void) { long s = 0, x; while (scanf("%ld", &x) == 1) s += x; printf("%ld\\n", s); }'
    broken = "int main(void) { return undeclared; }"
    fails = '#include <stdio.h>\nint main(void) { fputs("no luck today\\n", stderr); return 3; }'
    fault = "ended with exit status 3: no luck today"
    forever = "int main(void) { for (volatile long i = 0;; i++); }"
    hog = """
#include <stdlib.h>
#include <string.h>
int main(void) { for (;;) { char *p = malloc(1 << 20); memset(p, 1, 1 << 20); } }
"""
    # A program in C says nothing when it writes to memory that it did not get.
    hog_reasons = (pb.REASON_RUNTIME_ERROR, pb.REASON_MEMORY_LIMIT)
    lines = '#include <stdio.h>\nint main(void) { for (int i = 1; i <= 100000; i++) printf("%d\\n", i); }'
    endless = '#include <stdio.h>\nint main(void) { for (;;) puts("more"); }'
    shortest = """
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct { int to, weight, next; } Edge;
typedef struct { long distance; int node; } Entry;

static Entry *heap;
static int count;

static void push(long distance, int node) {
    int at = ++count;
    while (at > 1 && heap[at / 2].distance > distance) { heap[at] = heap[at / 2]; at /= 2; }
    heap[at] = (Entry){distance, node};
}

static Entry pop(void) {
    Entry top = heap[1], last = heap[count--];
    int at = 1;
    while (2 * at <= count) {
        int child = 2 * at;
        if (child < count && heap[child + 1].distance < heap[child].distance) child++;
        if (heap[child].distance >= last.distance) break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = last;
    return top;
}

int main(void) {
    int n, m;
    if (scanf("%d %d", &n, &m) != 2) return 1;
    Edge *edges = malloc(sizeof(Edge) * m);
    int *first = malloc(sizeof(int) * n);
    long *distances = malloc(sizeof(long) * n);
    heap = malloc(sizeof(Entry) * (m + 2));
    memset(first, -1, sizeof(int) * n);
    memset(distances, -1, sizeof(long) * n);
    for (int i = 0; i < m; i++) {
        int from;
        scanf("%d %d %d", &from, &edges[i].to, &edges[i].weight);
        edges[i].next = first[from];
        first[from] = i;
    }
    push(0, 0);
    while (count) {
        Entry entry = pop();
        if (distances[entry.node] >= 0) continue;
        distances[entry.node] = entry.distance;
        for (int e = first[entry.node]; e >= 0; e = edges[e].next)
            if (distances[edges[e].to] < 0) push(entry.distance + edges[e].weight, edges[e].to);
    }
    for (int i = 0; i < n; i++) printf("%ld ", distances[i]);
    puts("");
}
"""
    connects = """
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
int main(void) {
    int port;
    scanf("%d", &port);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int s = socket(AF_INET, SOCK_STREAM, 0);
    puts(s >= 0 && connect(s, (struct sockaddr *)&address, sizeof address) == 0 ? "connected" : "refused");
}
"""
    peeks = """
#include <dirent.h>
#include <stdio.h>
int main(void) {
    int reached = fopen("/etc/passwd", "r") || fopen("/etc/shadow", "r") || fopen("/proc/1/environ", "r");
    reached = reached || opendir("/root") || opendir("/home");
    reached = reached || fopen("/usr/mine", "w") || fopen("/etc/mine", "w");
    puts(reached ? "reached" : "refused");
}
"""
    starts = """
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
int main(void) {
    pid_t pid = fork();
    if (pid == 0) _exit(0);
    int status = system("true");
    puts(pid < 0 && status != 0 ? "refused" : "started");
}
"""

    async def test_files_of_the_machine_do_not_get_into_messages(self) -> None:
        for line in ('#include "/etc/shadow"', '#include "/proc/1/environ"', 'asm(".incbin \\"/etc/shadow\\"");'):
            verdict = await self.judge(f"{line}\nint main(void) {{ return 0; }}", ("", ""))
            assert verdict.reason == pb.REASON_COMPILE_ERROR, verdict
            assert "root" not in verdict.detail and "PATH" not in verdict.detail

    async def test_a_compiler_without_end_is_a_compile_error(self) -> None:
        verdict = await self.judge('#include "/dev/zero"\nint main(void) { return 0; }', ("", ""))
        assert verdict.reason == pb.REASON_COMPILE_ERROR, verdict

    async def test_data_larger_than_memory(self) -> None:
        source = "static char huge[1L << 33]; int main(void) { return huge[0]; }"
        assert not (await self.judge(source, ("", "x"))).correct
        source = "char huge[1L << 33] = {1}; int main(void) { return huge[0]; }"
        assert (await self.judge(source, ("", "x"))).reason == pb.REASON_COMPILE_ERROR

    async def test_processes_where_the_task_allows_them(self) -> None:
        source = '#include <stdlib.h>\nint main(void) { return system("echo started"); }'
        await self.passes(source, ("", "started"), profile=pb.PROFILE_PROC)
