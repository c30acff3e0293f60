import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorer.code.extract import extract_program
from scorer.code.languages import LANGUAGES

PYTHON = LANGUAGES["python"]


def found(response: str) -> tuple[str, str] | None:
    program = extract_program(response, PYTHON)
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
        ("use `x` here", "use `x` here", "whole"),
        ("```bash\nls\n```", "```bash\nls\n```", "whole"),
    ],
)
def test_the_program_is_found_in_the_documented_order(response: str, source: str, rule: str) -> None:
    assert found(response) == (source, rule)


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
