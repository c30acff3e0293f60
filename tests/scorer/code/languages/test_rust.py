# ruff: noqa: E501 - programs of other languages
import pytest

from tests.scorer.code.languages.conformance import UNICODE, Conformance

pytestmark = pytest.mark.asyncio(loop_scope="package")


class TestRust(Conformance):
    language = "rust"
    hello = f'fn main() {{ println!("{UNICODE}"); }}'
    add = """
use std::io::Read;
fn main() {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).unwrap();
    println!("{}", text.split_whitespace().map(|x| x.parse::<i64>().unwrap()).sum::<i64>());
}
"""
    broken = 'fn main() { let x: i32 = "text"; }'
    fails = 'fn main() { panic!("no luck today"); }'
    fault = "panicked at 'no luck today'"
    forever = "fn main() { loop {} }"
    hog = "fn main() { let mut all = Vec::new(); loop { all.push(vec![1u8; 1 << 20]); } }"
    lines = 'use std::io::Write;\nfn main() { let mut out = std::io::BufWriter::new(std::io::stdout()); for i in 1..=100000 { writeln!(out, "{}", i).unwrap(); } }'
    endless = 'fn main() { loop { println!("more"); } }'
    shortest = """
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, Read, Write};

fn main() {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).unwrap();
    let mut numbers = text.split_ascii_whitespace().map(|word| word.parse::<usize>().unwrap());
    let mut next = || numbers.next().unwrap();
    let (n, m) = (next(), next());
    let mut graph: Vec<Vec<(usize, i64)>> = vec![Vec::new(); n];
    for _ in 0..m {
        let (a, b, w) = (next(), next(), next());
        graph[a].push((b, w as i64));
    }
    let mut distances = vec![-1i64; n];
    let mut queue = BinaryHeap::new();
    queue.push(Reverse((0i64, 0usize)));
    while let Some(Reverse((distance, node))) = queue.pop() {
        if distances[node] >= 0 {
            continue;
        }
        distances[node] = distance;
        for &(to, weight) in &graph[node] {
            if distances[to] < 0 {
                queue.push(Reverse((distance + weight, to)));
            }
        }
    }
    let mut out = io::BufWriter::new(io::stdout());
    for distance in distances {
        write!(out, "{} ", distance).unwrap();
    }
    writeln!(out).unwrap();
}
"""
    connects = """
use std::io::Read;
fn main() {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).unwrap();
    let address = format!("127.0.0.1:{}", text.trim());
    println!("{}", if std::net::TcpStream::connect(address).is_ok() { "connected" } else { "refused" });
}
"""
    peeks = """
use std::fs;
fn main() {
    let read = ["/etc/passwd", "/etc/shadow", "/proc/1/environ"].iter().any(|path| fs::read(path).is_ok());
    let listed = ["/root", "/home"].iter().any(|path| fs::read_dir(path).is_ok());
    let written = ["/usr/mine", "/etc/mine"].iter().any(|path| fs::write(path, "x").is_ok());
    println!("{}", if read || listed || written { "reached" } else { "refused" });
}
"""
    starts = """
fn main() {
    let started = std::process::Command::new("/usr/bin/true").status().is_ok();
    println!("{}", if started { "started" } else { "refused" });
}
"""

    async def test_files_of_the_machine_do_not_get_into_the_program(self) -> None:
        for path in ("/etc/shadow", "/proc/1/environ"):
            verdict = await self.judge(f'fn main() {{ print!("{{}}", include_str!("{path}")); }}', ("", "x"))
            assert "couldn't read" in verdict.detail, verdict

    async def test_threads(self) -> None:
        source = 'fn main() { let t = std::thread::spawn(|| 42); println!("{}", t.join().unwrap()); }'
        await self.passes(source, ("", "42"))
