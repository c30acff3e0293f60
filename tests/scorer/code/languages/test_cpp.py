# ruff: noqa: E501 - programs of other languages
import pytest

from codaserve.v1 import scorer_pb2 as pb
from tests.scorer.code.languages.conformance import UNICODE, Conformance

pytestmark = pytest.mark.asyncio(loop_scope="package")


class TestCpp(Conformance):
    language = "cpp"
    hello = f'#include <iostream>\nint main() {{ std::cout << "{UNICODE}" << std::endl; }}'
    add = "#include <iostream>\nint main() { long s = 0, x; while (std::cin >> x) s += x; std::cout << s; }"
    broken = '#include <vector>\nint main() { std::vector<int> v = "text"; }'
    fails = '#include <stdexcept>\nint main() { throw std::runtime_error("no luck today"); }'
    fault = "no luck today"
    forever = "int main() { for (volatile long i = 0;; i = i + 1); }"
    hog = "#include <vector>\nint main() { std::vector<std::vector<int>> v; for (;;) v.emplace_back(1 << 20, 1); }"
    lines = "#include <iostream>\nint main() { for (int i = 1; i <= 100000; i++) std::cout << i << '\\n'; }"
    endless = '#include <iostream>\nint main() { for (;;) std::cout << "more" << std::endl; }'
    shortest = """
#include <bits/stdc++.h>
using namespace std;

int main() {
    ios::sync_with_stdio(false);
    cin.tie(nullptr);
    int n, m;
    cin >> n >> m;
    vector<vector<pair<int, int>>> graph(n);
    for (int i = 0, a, b, w; i < m; i++) {
        cin >> a >> b >> w;
        graph[a].emplace_back(b, w);
    }
    vector<long long> distances(n, -1);
    priority_queue<pair<long long, int>, vector<pair<long long, int>>, greater<>> queue;
    queue.emplace(0, 0);
    while (!queue.empty()) {
        auto [distance, node] = queue.top();
        queue.pop();
        if (distances[node] >= 0) continue;
        distances[node] = distance;
        for (auto [to, weight] : graph[node]) if (distances[to] < 0) queue.emplace(distance + weight, to);
    }
    for (auto distance : distances) cout << distance << ' ';
    cout << endl;
}
"""
    connects = """
#include <arpa/inet.h>
#include <iostream>
#include <sys/socket.h>
int main() {
    int port;
    std::cin >> port;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int s = socket(AF_INET, SOCK_STREAM, 0);
    bool reached = s >= 0 && connect(s, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0;
    std::cout << (reached ? "connected" : "refused") << std::endl;
}
"""
    peeks = """
#include <filesystem>
#include <fstream>
#include <iostream>
int main() {
    bool reached = false;
    for (auto path : {"/etc/passwd", "/etc/shadow", "/proc/1/environ"}) reached |= std::ifstream(path).good();
    for (auto path : {"/root", "/home"}) {
        std::error_code error;
        reached |= !error && std::filesystem::directory_iterator(path, error) != std::filesystem::directory_iterator();
    }
    for (auto path : {"/usr/mine", "/etc/mine"}) reached |= std::ofstream(path).good();
    std::cout << (reached ? "reached" : "refused") << std::endl;
}
"""
    starts = """
#include <cstdlib>
#include <iostream>
#include <unistd.h>
int main() {
    pid_t pid = fork();
    if (pid == 0) _exit(0);
    std::cout << (pid < 0 && std::system("true") != 0 ? "refused" : "started") << std::endl;
}
"""

    async def test_templates_without_end_are_a_compile_error(self) -> None:
        source = "template <int n> struct A { static const int x = A<n - 1>::x + A<n - 2>::x; };\nint main() { return A<0>::x; }"
        verdict = await self.judge(source, ("", ""))
        assert verdict.reason == pb.REASON_COMPILE_ERROR, verdict

    async def test_threads_work_as_far_as_the_limit_goes(self) -> None:
        source = """
#include <iostream>
#include <thread>
int main() { int x = 0; std::thread t([&] { x = 42; }); t.join(); std::cout << x; }
"""
        await self.passes(source, ("", "42"))
