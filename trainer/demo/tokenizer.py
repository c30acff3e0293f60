"""The policy's tokenizer: single characters, except for the words of the task family."""

from collections.abc import Sequence

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

PADDING, END, UNKNOWN = "<pad>", "<end>", "<unk>"
WORDS = (
    "Compute ", "Write f(", "\\boxed{", "```python", "```", "def f(", "    ", "return ", " for x in xs", " if ",
    "sum(", "len(", "max(", "sorted(", ", default=0", " = ", " + ", " - ", " * ", " // ", " % ", " == 0", " != 0",
    " > ", " < ", "): ", "):", ", ", "xs", "x",
    "add ", "subtract ", "multiply by ", "divide by ", "take the rest by ",
    "keep the multiples of ", "drop the multiples of ", "keep those above ", "keep those below ",
    "return the sum", "return the count", "return the list", "return them sorted", "return the largest or 0",
    "a) ", "b) ", "c) ", "d) ", "e) ", "f) ", "g) ", "h) ", "i) ", "# step by step",
)  # fmt: skip
CHARACTERS = "\n" + "".join(chr(code) for code in range(32, 127))


def build(words: Sequence[str] = WORDS) -> PreTrainedTokenizerFast:
    """The tokenizer, made from nothing.

    Every token is a literal piece of the text, so character offsets add up and decoding gives the text back. The
    longest word wins; printable ASCII stands for itself; anything else is the unknown token.
    """
    tokens = dict.fromkeys([PADDING, END, UNKNOWN, *CHARACTERS, *words])
    vocabulary = {token: index for index, token in enumerate(tokens)}
    core = Tokenizer(models.WordLevel(vocabulary, unk_token=UNKNOWN))
    pattern = "|".join([*(_quote(word) for word in sorted(words, key=len, reverse=True)), "[\\s\\S]"])
    core.pre_tokenizer = pre_tokenizers.Split(Regex(pattern), "isolated")
    core.decoder = decoders.Fuse()
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        pad_token=PADDING,
        eos_token=END,
        unk_token=UNKNOWN,
        padding_side="left",
        clean_up_tokenization_spaces=False,
        model_max_length=512,
    )


def _quote(text: str) -> str:
    return "".join(f"\\{character}" if character in r"\.+*?()[]{}|^$/-" else character for character in text)
