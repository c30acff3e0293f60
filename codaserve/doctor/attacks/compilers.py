"""Sources that attack the compiler: files of the host drawn in, bombs of templates, macros and arrays."""

# One attack a line, however long.
# ruff: noqa: E501
from codaserve.doctor.attack import WRONG, Attack

GROUP = "compilers"
LAYERS = ("mount_namespace", "landlock", "rlimits")
HIDDEN = "int printf(const char *, ...);\n"


def _source(language: str, name: str, tries: str, source: str) -> Attack:
    return Attack(GROUP, f"{language}: {name}", tries, source, language=language, ends=WRONG, layers=LAYERS)


ATTACKS = (
    _source("c", "include of passwd", "draw the host's users in and have the compiler quote them", '#include "/etc/passwd"\nint main(void) { return 1; }\n'),
    _source("c", "incbin of passwd", "draw the host's users in as data and print them", HIDDEN + '__asm__(".global start\\nstart: .incbin \\"/etc/passwd\\"\\n.byte 0\\n");\nextern char start;\nint main(void) { printf("BREACH %.60s", &start); return 0; }\n'),
    _source("c", "incbin of shadow", "draw the host's password hashes in as data and print them", HIDDEN + '__asm__(".global start\\nstart: .incbin \\"/etc/shadow\\"\\n.byte 0\\n");\nextern char start;\nint main(void) { printf("BREACH %.60s", &start); return 0; }\n'),
    _source("c", "embed of the environment", "draw the compiler's environment in and print it", HIDDEN + '__asm__(".global start\\nstart: .incbin \\"/proc/self/environ\\"\\n.byte 0\\n");\nextern char start;\nint main(void) { printf(start ? "BREACH %.60s" : "HELD empty", &start); return 0; }\n'),
    _source("c", "include of an endless file", "draw in a file that never ends", '#include "/dev/zero"\nint main(void) { return 1; }\n'),
    _source("c", "include of itself", "draw itself in again and again", '#include __FILE__\n#include __FILE__\nint main(void) { return 1; }\n'),
    _source("c", "giant array", "make an executable of many gigabytes", "char x[1ull << 33] = {1};\nint main(void) { return x[5] + 1; }\n"),
    _source("c", "macro bomb", "macros that grow to billions of tokens", "#define A x x x x x x x x x x\n#define B A A A A A A A A A A\n#define C B B B B B B B B B B\n#define D C C C C C C C C C C\n#define E D D D D D D D D D D\n#define F E E E E E E E E E E\n#define G F F F F F F F F F F\n#define H G G G G G G G G G G\nint main(void) { H; }\n"),
    _source("c", "fill by the assembler", "have the assembler write many gigabytes", '__asm__(".fill 1 << 34, 1, 1");\nint main(void) { return 1; }\n'),
    _source("c", "repeat by the assembler", "have the assembler loop for ever", '__asm__(".rept 1 << 40\\nnop\\n.endr");\nint main(void) { return 1; }\n'),
    _source("c", "pragma of a library", "have the linker draw in a file of the host", '#pragma comment(lib, "/etc/passwd")\n__asm__(".section .note.codaserve\\n.incbin \\"/etc/passwd\\"");\nint main(void) { return 1; }\n'),
    _source("c", "no main", "leave out what the linker needs", "int f(void) { return 0; }\n"),
    _source("c", "messages without end", "have the compiler write a gigabyte of messages", "\n".join(["#define W1 _Pragma(\"GCC warning \\\"x\\\"\")", *[f"#define W{n + 1} W{n} W{n} W{n} W{n} W{n} W{n} W{n} W{n} W{n} W{n}" for n in range(1, 8)], "W8", "int main(void) { return 1; }"]) + "\n"),
    _source("c", "constructor before main", "print before the program begins, and end", HIDDEN + 'void _exit(int);\n__attribute__((constructor)) void early(void) { printf("passed"); _exit(0); }\nint main(void) { return 1; }\n'),
    _source("cpp", "template bomb", "templates that grow without end", "template <int N, int M> struct A { static const int v = A<N - 1, M * 2>::v + A<N - 1, M * 2 + 1>::v; };\ntemplate <int M> struct A<0, M> { static const int v = M; };\nint main() { return A<40, 1>::v; }\n"),
    _source("cpp", "constexpr bomb", "compute for ever while compiling", "constexpr long f(long n) { return n < 2 ? n : f(n - 1) + f(n - 2); }\ntemplate <long N> struct S { static constexpr long v = f(26) + S<N - 1>::v; };\ntemplate <> struct S<0> { static constexpr long v = 0; };\nint main() { return S<800>::v != 0; }\n"),
    _source("cpp", "include of shadow", "draw the host's password hashes in and have the compiler quote them", '#include "/etc/shadow"\nint main() { return 1; }\n'),
    _source("cpp", "giant array", "make an executable of many gigabytes", "char x[1ull << 33] = {1};\nint main() { return x[5] + 1; }\n"),
    _source("rust", "include of passwd", "draw the host's users in and print them", 'fn main() { println!("BREACH {}", &include_str!("/etc/passwd")[..20]); }\n'),
    _source("rust", "the compiler's environment", "draw secrets of the compiler's environment in", 'fn main() { match option_env!("PATH") { Some(p) if p.contains("codaserve") => println!("BREACH {}", p), _ => println!("HELD") } }\n'),
    _source("rust", "macro bomb", "macros that grow without end", "macro_rules! a { ($($x:tt)*) => { a!($($x)* $($x)* x) } }\nfn main() { a!(x); std::process::exit(1) }\n"),
    _source("rust", "type bomb", "types that grow without end", "fn f<T: Copy>(n: u32, t: T) { if n > 0 { f(n - 1, (t, t)) } }\nfn main() { f(1000, 1); std::process::exit(1) }\n"),
    _source("go", "embed of passwd", "draw the host's users in and print them", 'package main\n\nimport (\n\t_ "embed"\n\t"fmt"\n)\n\n//go:embed /etc/passwd\nvar s string\n\nfunc main() { fmt.Println("BREACH", s[:20]) }\n'),
    _source("go", "flags for the linker", "pass flags to a C compiler", 'package main\n\n// #cgo LDFLAGS: -Wl,-T,/etc/passwd\n// #include "/etc/passwd"\nimport "C"\n\nfunc main() { panic("x") }\n'),
    _source("go", "giant array", "make an executable of many gigabytes", "package main\n\nvar x = [1 << 33]byte{1 << 32: 1}\n\nfunc main() { panic(x[5]) }\n"),
    _source("java", "giant constant", "a method larger than a class may hold", "public class Main { static int[] x = {" + "1," * 20000 + "};\n public static void main(String[] a) { System.exit(1); } }\n"),
    _source("java", "annotation processor", "run code in the compiler", "import javax.annotation.processing.*;\n@SupportedAnnotationTypes(\"*\")\npublic class Main extends AbstractProcessor { static { System.out.println(\"passed\"); }\n public boolean process(java.util.Set<? extends javax.lang.model.element.TypeElement> a, RoundEnvironment r) { return true; }\n public static void main(String[] a) { System.exit(1); } }\n"),
    _source("typescript", "reference to passwd", "draw the host's users in by a reference and an import", '/// <reference path="/etc/passwd" />\nimport data from "/etc/passwd";\nconsole.log("BREACH", data);\n'),
    _source("typescript", "type bomb", "types that grow without end", "type D<T extends any[], N extends number> = N extends 0 ? T : D<[...T, ...T, 1], N>;\nconst x: D<[1], 5> = null as any;\nprocess.exit(1);\n"),
)  # fmt: skip
