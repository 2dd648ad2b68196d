# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tiny configs of the families that `ds-model --hf` builds, and what their models read.

Nothing here needs transformers. A golden holds the config; values of parameters are made of their names and shapes by
`value`, inputs by `entry`.
"""

import math
import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import values  # noqa: E402

SEED = 11
STEPS = 10
BATCH = 4
VOCAB = 61
SEQ = 12
DECODER = {
    "vocab_size": VOCAB,
    "hidden_size": 24,
    "intermediate_size": 40,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": SEQ,
}
ENCODER = {
    "hidden_size": 24,
    "intermediate_size": 40,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "hidden_dropout_prob": 0.0,
    "attention_probs_dropout_prob": 0.0,
}
LLAMA3 = {
    "rope_type": "llama3",
    "rope_theta": 10000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 16,
}
T5 = {
    "model_type": "t5",
    "vocab_size": VOCAB,
    "d_model": 24,
    "d_kv": 6,
    "d_ff": 40,
    "num_layers": 2,
    "num_heads": 4,
    "relative_attention_num_buckets": 8,
    "relative_attention_max_distance": 10,
    "dropout_rate": 0.0,
    "decoder_start_token_id": 0,
    "pad_token_id": 0,
    "n_positions": SEQ,
}

# Name -> config.json.
CONFIGS = {
    "gpt2": {
        "model_type": "gpt2",
        "vocab_size": VOCAB,
        "n_positions": SEQ,
        "n_embd": 24,
        "n_layer": 2,
        "n_head": 4,
        "resid_pdrop": 0.0,
        "embd_pdrop": 0.0,
        "attn_pdrop": 0.0,
    },
    "llama": {"model_type": "llama", **DECODER, "attention_bias": True, "mlp_bias": True, "rope_parameters": LLAMA3},
    "mistral": {"model_type": "mistral", **DECODER, "head_dim": 8, "sliding_window": 5},
    "mixtral": {"model_type": "mixtral", **DECODER, "num_local_experts": 5, "num_experts_per_tok": 2},
    "qwen2": {"model_type": "qwen2", **DECODER, "tie_word_embeddings": True},
    "qwen3": {"model_type": "qwen3", **DECODER, "head_dim": 10},
    "gemma": {"model_type": "gemma", **DECODER, "num_key_value_heads": 1, "head_dim": 8},
    "bert": {"model_type": "bert", "vocab_size": VOCAB, "max_position_embeddings": SEQ, **ENCODER},
    "vit": {"model_type": "vit", **ENCODER, "image_size": 12, "patch_size": 4, "num_channels": 3,
            "id2label": {str(i): f"LABEL_{i}" for i in range(5)}},
    "t5": T5,
    "t5_gated": T5 | {"feed_forward_proj": "gated-gelu", "tie_word_embeddings": False, "num_decoder_layers": 1},
}


def value(parameter):
    """A parameter's first value: what the golden says, in our own rule."""
    count = math.prod(parameter["shape"])
    if "constant" in parameter:
        return np.full(parameter["shape"], parameter["constant"], np.float32)
    made = values.normal(parameter["name"], SEED, count, parameter.get("mean", 0.0), parameter["std"])
    return made.reshape(parameter["shape"])


def integers(name, step, shape, bound):
    count = math.prod(shape)
    drawn = values.uniform(f"data.{name}", SEED, step * count, count)
    return np.floor(drawn * bound).astype(np.int32).reshape(shape)


def batch(family, step):
    """{input of ds-model: array} of one step."""
    shape = (BATCH, SEQ)
    if family == "vit":
        count = BATCH * 3 * 12 * 12
        pixels = values.normal("data.pixel_values", SEED, count, 0.0, 1.0, step * count)
        return {"pixel_values": pixels.reshape(BATCH, 3, 12, 12), "labels": integers("labels", step, (BATCH,), 5)}
    tokens = integers("tokens", step, shape, VOCAB)
    labels = integers("labels", step, shape, VOCAB)
    if family == "bert":
        # Every sample is padded to another length, and few positions have labels.
        mask = (np.arange(SEQ)[None, :] < (SEQ - np.arange(BATCH))[:, None]).astype(np.int32)
        hidden = integers("hidden", step, shape, 3) > 0
        return {"input_ids": tokens, "token_type_ids": integers("types", step, shape, 2), "attention_mask": mask,
                "labels": np.where(hidden | (mask == 0), -100, labels).astype(np.int32)}
    if family.startswith("t5"):
        labels[:, -2:] = np.where(np.arange(BATCH)[:, None] % 2 == 0, -100, labels[:, -2:])
        return {"input_ids": tokens, "labels": labels}
    return {"tokens": tokens, "targets": labels}
