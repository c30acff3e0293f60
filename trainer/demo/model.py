"""The demo's policy: a small Qwen2 for the demo's tokenizer."""

from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

MOST_PARAMETERS = 3_000_000


def build(tokenizer: PreTrainedTokenizerFast) -> Qwen2ForCausalLM:
    """A policy with random weights (torch's generator), in float32."""
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=128,
        intermediate_size=384,
        num_hidden_layers=4,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=512,
        tie_word_embeddings=False,
        # A narrow model needs larger weights than the usual 0.02, about 1/sqrt(width), or attention starts very late.
        initializer_range=0.06,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return Qwen2ForCausalLM(config)
