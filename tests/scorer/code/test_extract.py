import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorer.code.extract import extract_program
from scorer.code.languages import LANGUAGES

PYTHON = LANGUAGES["python"]


def found(response: str, entry_point: str = "") -> tuple[str, str] | None:
    program = extract_program(response, PYTHON, [entry_point] if entry_point else [])
    return None if program is None else (program.source, program.rule)


@pytest.mark.parametrize(
    ("response", "source", "rule"),
    [
        ("Text.\n```python\na = 1\n```\nMore.", "a = 1\n", "fence"),
        ("```python\na = 1\n```\n```python\na = 2\n```", "a = 2\n", "fence"),
        ("```py\na\n```\n```bash\nls\n```\n```\nb\n```", "a\n", "fence"),
        ("```Python3 title=x\na\n```", "a\n", "fence"),
        ("```{.python}\na\n```", "a\n", "fence"),
        ("~~~python\na\n~~~", "a\n", "fence"),
        ("````python\n```\na\n```\n````", "```\na\n```\n", "fence"),
        ("1. So:\n   ```python\n   if x:\n       y\n   ```", "if x:\n    y\n", "fence"),
        ("```python\r\na\r\n```\r\n", "a\n", "fence"),
        ("```python\na = 1", "a = 1\n", "fence"),
        ('```python\ndef f():\n    """\n    ```\n    """\n```', 'def f():\n    """\n    ```\n    """\n', "fence"),
        ("  ```python\n  a\n\t```\n  b\n     ```\n", "a\n", "fence"),
        ("```python\na\n   ```\nText.", "a\n", "fence"),
        ("```\na\n```\n```bash\nls\n```", "a\n", "fence_untagged"),
        ("```python\n\n```\n```\na\n```", "a\n", "fence_untagged"),
        ("def f(): pass", "def f(): pass", "whole"),
        ("```\noutput\n\nSo:\n```python\na\n```", "a\n", "fence"),
        ("<think>\n```python\ndraft\n```\n</think>\n```python\na\n```", "a\n", "fence"),
        ("<think>\n```python\ndraft\n```\n</think>\n```\na\n```", "a\n", "fence_untagged"),
        ("<think>x</think><think>y</think>a = 1", "a = 1", "whole"),
        ("thoughts\n```python\ndraft\n```\n</think>\n\na = 1", "\n\na = 1", "whole"),
        ("<think>\n```python\na\n```\n</think>\n \n", "a\n", "fence"),
        ("<think>\n```python\na\n```\n", "a\n", "fence"),
        ("```python\nprint('</think>')\n```", "print('</think>')\n", "fence"),
        ("\ufeff<think>x</think>\n```python\na\n```", "a\n", "fence"),
        ("Text.\n\n    a = 1\n", "Text.\n\n    a = 1\n", "whole"),
        ("use `x` here", "use `x` here", "whole"),
        ("```bash\nls\n```", "```bash\nls\n```", "whole"),
    ],
)
def test_the_program_is_found_in_the_documented_order(response: str, source: str, rule: str) -> None:
    assert found(response) == (source, rule)


@pytest.mark.parametrize(
    ("blocks", "index", "rule"),
    [
        (["def f(x):\n    return x", "print(f(1))"], 0, "fence_entry_point"),
        (["def f(): pass", "async def f(): pass", "f(2)"], 1, "fence_entry_point"),
        (["class f:\n    pass", "f()"], 0, "fence_entry_point"),
        (["f = lambda x: x", "f == 2"], 0, "fence_entry_point"),
        (["def f(:", "f(1)"], 0, "fence_entry_point"),
        (["    def f(self): pass", "def g(): pass"], 1, "fence"),
        (["def ff(): pass", "print(f(1))"], 1, "fence"),
    ],
)
def test_the_block_that_defines_the_entry_point_comes_first(blocks: list[str], index: int, rule: str) -> None:
    response = "\n".join(f"Text.\n```python\n{block}\n```" for block in blocks)
    assert found(response, "f") == (blocks[index] + "\n", rule)


@pytest.mark.parametrize(
    "hostile",
    [
        "`" * 10**6, "```\n" * 250_000, "~~~\n" * 250_000, "`" * 500_000 + "\n" + "```\n" * 125_000,
        " " * 500_000 + "```\n" + "```\n" * 125_000, "<think>" * 140_000, "<think></think>" * 60_000,
        "</think>\n" * 100_000, "\t" * 10**6, "```python\n" * 100_000, "``` `\n" * 160_000, "def f\n" * 160_000,
        "```python\n" + "async def  " * 90_000, "```" + "a " * 500_000, (" " * 999 + "```a\n") * 1000,
    ],
    ids=range(15),
)  # fmt: skip
def test_a_megabyte_of_anything_is_read(hostile: str) -> None:
    """Work that grew with the square of the length would take hours."""
    found(hostile, "f")
    found("<think>" + hostile, "f")


@pytest.mark.parametrize("response", ["", " \n\t\n", "So:\n```python\n```\nDone.", "```py\n\n"])
def test_an_empty_response_has_no_program(response: str) -> None:
    assert found(response) is None


@given(st.text(alphabet="`~a \n\t"))
def test_any_text_gives_a_program_or_is_blank(response: str) -> None:
    assert (found(response) is None) == (not response.strip())


@given(st.text(alphabet="ab =\n"))
def test_a_fenced_program_comes_back_unchanged(source: str) -> None:
    if source.strip():
        assert found(f"Here:\n```python\n{source}\n```\nDone.") == (source + "\n", "fence")


def test_a_fence_behind_text_counts_where_there_is_no_other() -> None:
    assert found("Answer: ```python\nprint(1)\n```\nDone.") == ("print(1)\n", "fence")
    assert found("Not ```python\nx\n```\n\n```python\nprint(2)\n```") == ("print(2)\n", "fence")
