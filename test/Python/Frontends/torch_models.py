# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tiny models, a family each, as (module, inputs by name); the module returns its loss, first."""

import torch
from torch import nn
from torch.nn import functional as F

VOCABULARY = 31


class Mlp(nn.Module):
    def __init__(self, width=6):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(width, 13), nn.GELU(), nn.LayerNorm(13), nn.Linear(13, 5), nn.ReLU())
        self.head = nn.Linear(5, 3)

    def forward(self, x, targets):
        return F.cross_entropy(self.head(self.body(x)), targets)


class Block(nn.Module):
    """nanoGPT's block: one projection for queries, keys and values, `spelling` of attention as people write it."""

    def __init__(self, width, heads, spelling):
        super().__init__()
        self.heads, self.spelling = heads, spelling
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.c_attn, self.c_proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU("tanh"), nn.Linear(4 * width, width))

    def attend(self, q, k, v):
        if self.spelling == "fused":
            return F.scaled_dot_product_attention(q, k, v, is_causal=True)
        length = q.shape[-2]
        mask = torch.ones(length, length, dtype=torch.bool).tril()
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if self.spelling == "masked_fill":
            return scores.masked_fill(~mask, float("-inf")).softmax(-1) @ v
        bias = torch.zeros(length, length).masked_fill(~mask, torch.finfo(torch.float32).min)
        return torch.einsum("bhqk,bhkd->bhqd", F.softmax(scores + bias, dim=-1), v)

    def forward(self, x):
        batch, length, width = x.shape
        q, k, v = self.c_attn(self.ln_1(x)).split(width, dim=2)
        q, k, v = (t.view(batch, length, self.heads, -1).transpose(1, 2) for t in (q, k, v))
        y = self.attend(q, k, v).transpose(1, 2).reshape(batch, length, width)
        x = x + self.c_proj(y)
        return x + self.mlp(self.ln_2(x))


class Gpt(nn.Module):
    def __init__(self, spelling="fused", layers=2, width=16, heads=2, length=8, vocabulary=VOCABULARY):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(vocabulary, width), nn.Embedding(length, width)
        self.h = nn.ModuleList(Block(width, heads, spelling) for _ in range(layers))
        self.ln_f = nn.LayerNorm(width)
        self.lm_head = nn.Linear(width, vocabulary, bias=False)
        self.lm_head.weight = self.wte.weight

    def forward(self, tokens, targets):
        x = self.wte(tokens) + self.wpe(torch.arange(tokens.shape[1]))
        for block in self.h:
            x = block(x)
        logits = self.lm_head(self.ln_f(x))
        return F.cross_entropy(logits.view(-1, logits.shape[-1]), targets.view(-1)), logits


class Mixer(nn.Module):
    """MLP-Mixer's blocks, without the patches."""

    def __init__(self, tokens=6, width=10, layers=2):
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2 * layers))
        self.token_mixers = nn.ModuleList(self.mlp(tokens, 7) for _ in range(layers))
        self.channel_mixers = nn.ModuleList(self.mlp(width, 14) for _ in range(layers))

    def mlp(self, width, inner):
        return nn.Sequential(nn.Linear(width, inner), nn.GELU(), nn.Linear(inner, width))

    def forward(self, x, targets):
        for place, (token_mixer, channel_mixer) in enumerate(zip(self.token_mixers, self.channel_mixers, strict=True)):
            x = x + token_mixer(self.norms[2 * place](x).mT).mT
            x = x + channel_mixer(self.norms[2 * place + 1](x))
        return F.mse_loss(x.mean(1), targets)


class ConvNet(nn.Module):
    """Convolutions with group norm, pooling, and an upsampling path as in a U-Net."""

    def __init__(self):
        super().__init__()
        self.down = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.GroupNorm(2, 8), nn.SiLU())
        self.middle = nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(8, 8, 3, 1, 1, groups=4), nn.ReLU())
        self.up = nn.ConvTranspose2d(8, 8, 2, stride=2)
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 3))

    def forward(self, x, targets):
        fine = self.down(x)
        return F.cross_entropy(self.head(torch.cat([fine, self.up(self.middle(fine))], 1)), targets)


class Residual(nn.Module):
    """Two convolutions with group norms around a skip, the first of them with a stride."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.norm_1, self.norm_2 = nn.GroupNorm(2, inputs), nn.GroupNorm(4, outputs)
        self.conv_1 = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        self.conv_2 = nn.Conv2d(outputs, outputs, 3, padding="same")
        self.skip = nn.Conv2d(inputs, outputs, 1, stride)

    def forward(self, x):
        inner = self.conv_1(F.relu(self.norm_1(x)))
        return self.skip(x) + self.conv_2(F.silu(self.norm_2(inner)))


class ResNet(nn.Module):
    """Group norms, residual blocks, a depthwise convolution, the mean over the image."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        self.blocks = nn.Sequential(Residual(8, 12, 2), Residual(12, 16, 1))
        self.depthwise = nn.Conv2d(16, 16, (3, 5), padding=(1, 2), dilation=(1, 1), groups=16)
        self.head = nn.Linear(16, 5)

    def forward(self, x, targets):
        x = self.depthwise(self.blocks(self.stem(x)))
        return F.cross_entropy(self.head(x.mean((2, 3))), targets)


class UNet(nn.Module):
    """Down by strides, up by transposed convolutions, with what was before beside it: what noise was added?"""

    def __init__(self):
        super().__init__()
        self.stem, self.stem_norm = nn.Conv2d(3, 8, 3, padding=1), nn.GroupNorm(4, 8)
        self.down_1, self.down_2 = nn.Conv2d(8, 12, 3, 2, 1), nn.Conv2d(12, 16, 4, 2, 1)
        self.middle, self.norm = nn.Conv2d(16, 16, 3, padding=2, dilation=2, groups=2), nn.GroupNorm(4, 16)
        self.up_2 = nn.ConvTranspose2d(16, 12, 4, 2, 1)
        self.up_1 = nn.ConvTranspose2d(24, 8, 3, 2, 1, output_padding=1, groups=4)
        self.out = nn.Conv2d(16, 3, 3, padding=1)

    def forward(self, x, noise):
        fine = F.silu(self.stem_norm(self.stem(x + noise)))
        half = F.silu(self.down_1(fine))
        deep = F.silu(self.norm(self.middle(self.down_2(half))))
        half = torch.cat([half, F.silu(self.up_2(deep))], 1)
        return F.mse_loss(self.out(torch.cat([fine, F.silu(self.up_1(half))], 1)), noise)


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.lstm, self.head = (
            nn.Embedding(VOCABULARY, 8),
            nn.LSTM(8, 9, 2, batch_first=True),
            nn.Linear(9, 5),
        )

    def forward(self, x, targets):
        return F.cross_entropy(self.head(self.lstm(self.embedding(x))[0][:, -1]), targets)


def tokens(batch=2, length=8, vocabulary=VOCABULARY):
    return torch.randint(0, vocabulary, (batch, length))


def mlp():
    return Mlp(), dict(x=torch.randn(4, 6), targets=torch.tensor([0, 2, 1, -100]))


def gpt(spelling="fused"):
    return Gpt(spelling), dict(tokens=tokens(), targets=tokens())


def convnet():
    return ConvNet(), dict(x=torch.randn(2, 3, 6, 8), targets=torch.tensor([0, 2]))


# ===--- Hugging Face's own implementations, from configurations ------------------------------------------------=== #

TINY = dict(
    hidden_size=16,
    intermediate_size=24,
    num_hidden_layers=2,
    num_attention_heads=4,
    vocab_size=VOCABULARY,
    max_position_embeddings=16,
    hidden_dropout_prob=0.0,
    attention_probs_dropout_prob=0.0,
)


def language_model(module, **inputs):
    return module, dict(input_ids=tokens(), labels=tokens(), **inputs)


def hf_gpt2():
    from transformers import GPT2Config, GPT2LMHeadModel

    dropouts = dict(resid_pdrop=0, embd_pdrop=0, attn_pdrop=0, bos_token_id=0, eos_token_id=0)
    shape = dict(n_layer=2, n_embd=16, n_head=2, vocab_size=VOCABULARY, n_positions=8)
    return language_model(GPT2LMHeadModel(GPT2Config(**shape, **dropouts)))


def hf_llama():
    from transformers import LlamaConfig, LlamaForCausalLM

    return language_model(LlamaForCausalLM(LlamaConfig(num_key_value_heads=2, **TINY)))


def hf_bert():
    """With a mask that leaves tokens out, padding tokens, and a decoder tied to the embedding."""
    from transformers import BertConfig, BertForMaskedLM

    module, inputs = language_model(BertForMaskedLM(BertConfig(**TINY)))
    inputs["attention_mask"] = torch.tensor([[1] * 8, [1] * 5 + [0] * 3])
    inputs["input_ids"][1, 5:] = 0
    return module, inputs


def hf_vit():
    from transformers import ViTConfig, ViTForImageClassification

    config = ViTConfig(image_size=8, patch_size=4, num_labels=3, **TINY)
    return ViTForImageClassification(config), dict(pixel_values=torch.randn(2, 3, 8, 8), labels=torch.tensor([0, 2]))


def hf_t5():
    from transformers import T5Config, T5ForConditionalGeneration

    shape = dict(d_model=16, d_kv=4, d_ff=24, num_layers=2, num_heads=4, vocab_size=VOCABULARY)
    config = T5Config(**shape, dropout_rate=0.0, decoder_start_token_id=0, pad_token_id=0)
    return language_model(T5ForConditionalGeneration(config))


class LongRecurrent(nn.Module):
    """A bidirectional GRU over more steps than a compiler writes out, with a loss at every step."""

    def __init__(self):
        super().__init__()
        self.gru, self.head = nn.GRU(3, 4, bidirectional=True), nn.Linear(8, 2)

    def forward(self, x, y):
        return F.mse_loss(self.head(self.gru(x)[0]), y)


class Pooled(nn.Module):
    """Running sums and pooling along a line, without a convolution."""

    def __init__(self, width=6):
        super().__init__()
        self.first, self.last = nn.Linear(width, 8), nn.Linear(8, 3)

    def forward(self, x, targets):
        x = torch.tanh(self.first(x).cumsum(1) / 4).transpose(1, 2)
        x = F.max_pool1d(x, 3, 2, 1) + F.avg_pool1d(x, 3, 2, 1, count_include_pad=False)
        return F.cross_entropy(self.last(x.transpose(1, 2).logcumsumexp(1)[:, -1]), targets)


MODELS = {
    "mlp": mlp,
    "gpt": gpt,
    "gpt_masked_fill": lambda: gpt("masked_fill"),
    "gpt_additive_mask": lambda: gpt("additive"),
    "mixer": lambda: (Mixer(), dict(x=torch.randn(3, 6, 10), targets=torch.randn(3, 10))),
    "pooled": lambda: (Pooled(), dict(x=torch.randn(4, 9, 6), targets=torch.tensor([0, 2, 1, 1]))),
    "convnet": convnet,
    "resnet": lambda: (ResNet(), dict(x=torch.randn(3, 3, 8, 10), targets=torch.tensor([0, 4, 2]))),
    "unet": lambda: (UNet(), dict(x=torch.randn(2, 3, 8, 12), noise=torch.randn(2, 3, 8, 12))),
    "lstm": lambda: (Recurrent(), dict(x=tokens(3), targets=torch.tensor([0, 4, 1]))),
    "gru": lambda: (LongRecurrent(), dict(x=torch.randn(90, 2, 3), y=torch.randn(90, 2, 2))),
    "hf_gpt2": hf_gpt2,
    "hf_llama": hf_llama,
    "hf_bert": hf_bert,
    "hf_vit": hf_vit,
    "hf_t5": hf_t5,
}


def make(name):
    """A model of MODELS with its inputs, always the same ones."""
    torch.manual_seed(0)
    return MODELS[name]()
