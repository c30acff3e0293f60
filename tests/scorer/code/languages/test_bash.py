import pytest

from codaserve.v1 import scorer_pb2 as pb
from tests.scorer.code.languages.conformance import UNICODE, Conformance

pytestmark = pytest.mark.asyncio(loop_scope="package")


class TestBash(Conformance):
    language = "bash"
    hello = f"echo '{UNICODE}'"
    add = "s=0; while read -r -a xs || [ ${#xs[@]} -gt 0 ]; do for x in ${xs[@]}; do ((s += x)); done; done; echo $s"
    broken = "if true; then echo 1"
    fails = "echo no luck today >&2; exit 3"
    fault = "ended with exit status 3: no luck today"
    forever = "while :; do :; done"
    hog = "x=xxxxxxxxxxxxxxxx; while :; do x=$x$x; done"
    lines = "for ((i = 1; i <= 100000; i++)); do echo $i; done"
    endless = "while :; do echo more; done"
    shortest = """
read -r n m
declare -a heads nexts tos weights distances
for ((i = 0; i < n; i++)); do heads[i]=-1 distances[i]=-1; done
for ((i = 0; i < m; i++)); do
  read -r a b w
  tos[i]=$b weights[i]=$w nexts[i]=${heads[a]} heads[a]=$i
done
declare -a keys nodes
size=0
push() {
  local at=$((++size)) parent
  while ((at > 1 && keys[at / 2] > $1)); do
    parent=$((at / 2)) keys[at]=${keys[parent]} nodes[at]=${nodes[parent]} at=$parent
  done
  keys[at]=$1 nodes[at]=$2
}
pop() {
  distance=${keys[1]} node=${nodes[1]}
  local key=${keys[size]} last=${nodes[size]} at=1 child
  ((size--))
  while ((2 * at <= size)); do
    child=$((2 * at))
    ((child < size && keys[child + 1] < keys[child] && child++))
    ((keys[child] >= key)) && break
    keys[at]=${keys[child]} nodes[at]=${nodes[child]} at=$child
  done
  keys[at]=$key nodes[at]=$last
}
push 0 0
while ((size)); do
  pop
  ((distances[node] >= 0)) && continue
  distances[node]=$distance
  for ((e = heads[node]; e >= 0; e = nexts[e])); do
    ((distances[tos[e]] < 0)) && push $((distance + weights[e])) ${tos[e]}
  done
done
echo "${distances[@]}"
"""
    graph = (1000, 3000)
    connects = "read -r port; { exec 3<>/dev/tcp/127.0.0.1/$port; } 2>&- && echo connected; echo refused"
    peeks = """
for path in /etc/passwd /etc/shadow /proc/1/environ; do [ -r $path ] && echo reached; done
for path in /root/* /home/*; do [ -e "$path" ] && echo reached; done
for path in /usr/mine /etc/mine; do { : > $path; } 2>&- && echo reached; done
echo refused
"""
    starts = "/usr/bin/true; echo started"

    async def test_a_process_cannot_be_started_unless_the_task_allows_it(self) -> None:
        verdict = await self.judge(self.starts, ("", "started"))
        assert verdict.reason == pb.REASON_FORBIDDEN_OPERATION, verdict

    async def test_pipes_need_the_profile_with_processes(self) -> None:
        source = "seq 1 5 | sort -r | awk '{ s += $1 } END { print s, $(1) }'; cat /dev/stdin"
        await self.passes(source, ("more", "15 1\nmore"), profile=pb.PROFILE_PROC)
        verdict = await self.judge('x=$(echo 1); [ "$x" = 1 ]', ("", ""))
        assert verdict.reason == pb.REASON_FORBIDDEN_OPERATION, verdict
