#!/usr/bin/env python3
"""Make a tiny, valid, llama-architecture GGUF chat model, with no download.

    pip install gguf numpy            # random and bigram modes
    pip install torch==2.13.0         # only for --mode train
    python make_tiny_gguf.py OUT.gguf [--mode random|bigram|train] [--steps 1200]

Modes
  random  weights from a seeded normal: uniform gibberish, never stops by itself.
  bigram  (default) no training: the residual stream carries an exact low-rank
          factorisation of a bigram log-probability table counted on text that
          ships with Python. Word-like text, and it does emit the end-of-turn token.
  train   a few transformer layers trained with torch on synthetic chats
          (greetings, arithmetic facts, echo, tool calls, <think>), for --steps.

The tokenizer is a byte-level BPE learned here (GPT-2 pre-tokenisation), with
ChatML control tokens and a chat template (tools, tool results, thinking).
Only our own code; the text it counts comes from the running interpreter.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import random
import re
import sys
import time
from collections import Counter, defaultdict

import numpy as np

# ---------------------------------------------------------------- chat format
IM_START, IM_END, EOT = "<|im_start|>", "<|im_end|>", "<|endoftext|>"
CONTROL = [EOT, IM_START, IM_END]
USER_DEFINED = ["<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>", "<think>", "</think>"]

CHAT_TEMPLATE = r"""
{%- if tools %}
    {{- '<|im_start|>system\n' }}
    {%- if messages and messages[0].role == 'system' %}
        {{- messages[0].content + '\n\n' }}
    {%- endif %}
    {{- 'Tools:\n' }}
    {%- for tool in tools %}
        {{- tool | tojson }}
        {{- '\n' }}
    {%- endfor %}
    {{- 'To call one, answer with:\n<tool_call>{"name": NAME, "arguments": ARGUMENTS}</tool_call><|im_end|>\n' }}
{%- elif messages and messages[0].role == 'system' %}
    {{- '<|im_start|>system\n' + messages[0].content + '<|im_end|>\n' }}
{%- endif %}
{%- for message in messages %}
    {%- if message.role == 'user' or (message.role == 'system' and not loop.first) %}
        {{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}
    {%- elif message.role == 'assistant' %}
        {{- '<|im_start|>assistant\n' }}
        {%- if message.reasoning_content %}
            {{- '<think>\n' + message.reasoning_content + '\n</think>\n\n' }}
        {%- endif %}
        {%- if message.content %}
            {{- message.content }}
        {%- endif %}
        {%- if message.tool_calls %}
            {%- for call in message.tool_calls %}
                {%- if (loop.first and message.content) or not loop.first %}
                    {{- '\n' }}
                {%- endif %}
                {%- if call.function %}
                    {%- set call = call.function %}
                {%- endif %}
                {{- '<tool_call>{"name": "' + call.name + '", "arguments": ' }}
                {%- if call.arguments is string %}
                    {{- call.arguments }}
                {%- else %}
                    {{- call.arguments | tojson }}
                {%- endif %}
                {{- '}</tool_call>' }}
            {%- endfor %}
        {%- endif %}
        {{- '<|im_end|>\n' }}
    {%- elif message.role == 'tool' %}
        {%- if loop.first or messages[loop.index0 - 1].role != 'tool' %}
            {{- '<|im_start|>user' }}
        {%- endif %}
        {{- '\n<tool_response>\n' + message.content + '\n</tool_response>' }}
        {%- if loop.last or messages[loop.index0 + 1].role != 'tool' %}
            {{- '<|im_end|>\n' }}
        {%- endif %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\n\n</think>\n\n' }}
    {%- endif %}
{%- endif %}
""".strip()


def render(messages, tools=None):
    """The same text the template makes (kept in step by hand; used for training)."""
    out, rest = [], list(messages)
    system = rest.pop(0)["content"] if rest and rest[0]["role"] == "system" else None
    if tools:
        out.append(f"{IM_START}system\n")
        if system:
            out.append(system + "\n\n")
        out.append("Tools:\n" + "".join(json.dumps(t, separators=(", ", ": ")) + "\n" for t in tools))
        out.append(
            f'To call one, answer with:\n<tool_call>{{"name": NAME, "arguments": ARGUMENTS}}</tool_call>{IM_END}\n'
        )
    elif system:
        out.append(f"{IM_START}system\n{system}{IM_END}\n")
    for m in rest:
        if m["role"] == "tool":
            out.append(f"{IM_START}user\n<tool_response>\n{m['content']}\n</tool_response>{IM_END}\n")
            continue
        text = m.get("content") or ""
        if m.get("think"):
            text = f"<think>\n{m['think']}\n</think>\n\n{text}"
        if m.get("call"):
            name, arguments = m["call"]
            text += "\n" if text else ""
            text += f'<tool_call>{{"name": "{name}", "arguments": {json.dumps(arguments)}}}</tool_call>'
        out.append(f"{IM_START}{m['role']}\n{text}{IM_END}\n")
    return "".join(out)


# ------------------------------------------------------------------ tokenizer
WORDS = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?[A-Za-z]+| ?[0-9]+| ?[^\sA-Za-z0-9]+|\s+(?!\S)|\s+")


def byte_alphabet():
    """GPT-2's printable stand-in for each of the 256 bytes."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    spare = (chr(256 + n) for n in range(256))
    return {b: chr(b) if b in printable else next(spare) for b in range(256)}


class Bpe:
    def __init__(self, text, size):
        self.alphabet = byte_alphabet()
        words = Counter(WORDS.findall(text))
        splits = {w: [self.alphabet[b] for b in w.encode()] for w in words}
        pairs, where = Counter(), defaultdict(set)
        for w, parts in splits.items():
            for pair in itertools.pairwise(parts):
                pairs[pair] += words[w]
                where[pair].add(w)
        self.tokens = [self.alphabet[b] for b in range(256)]
        self.merges = []
        room = size - len(self.tokens) - len(CONTROL) - len(USER_DEFINED)
        while len(self.merges) < room and pairs:
            best = max(pairs, key=lambda p: (pairs[p], p))
            if pairs[best] < 2:
                break
            joined = best[0] + best[1]
            self.merges.append(best)
            if joined not in self.tokens:
                self.tokens.append(joined)
            for w in list(where.pop(best)):
                parts, n = splits[w], words[w]
                for pair in itertools.pairwise(parts):
                    pairs[pair] -= n
                    if pairs[pair] <= 0:
                        del pairs[pair]
                    where[pair].discard(w) if pair in where else None
                parts = splits[w] = self._join(parts, best)
                for pair in itertools.pairwise(parts):
                    pairs[pair] += n
                    where[pair].add(w)
        self.base = len(self.tokens)
        self.tokens += CONTROL + USER_DEFINED
        while len(self.tokens) % 32:
            self.tokens.append(f"<|unused{len(self.tokens)}|>")
        self.ids = {t: i for i, t in enumerate(self.tokens)}
        self.ranks = {m: i for i, m in enumerate(self.merges)}
        self.special = re.compile("(" + "|".join(map(re.escape, CONTROL + USER_DEFINED)) + ")")
        self.cache = {}

    @staticmethod
    def _join(parts, pair):
        out, i = [], 0
        while i < len(parts):
            if i + 1 < len(parts) and parts[i] == pair[0] and parts[i + 1] == pair[1]:
                out.append(pair[0] + pair[1])
                i += 2
            else:
                out.append(parts[i])
                i += 1
        return out

    def _word(self, word):
        if word not in self.cache:
            parts = [self.alphabet[b] for b in word.encode()]
            while len(parts) > 1:
                rank, pair = min((self.ranks.get(p, math.inf), p) for p in itertools.pairwise(parts))
                if rank is math.inf:
                    break
                parts = self._join(parts, pair)
            self.cache[word] = [self.ids[p] for p in parts]
        return self.cache[word]

    def encode(self, text):
        ids = []
        for piece in self.special.split(text):
            if piece in self.ids and self.special.fullmatch(piece):
                ids.append(self.ids[piece])
            else:
                for word in WORDS.findall(piece):
                    ids += self._word(word)
        return ids

    def types(self):
        from gguf import TokenType

        kinds = [TokenType.NORMAL] * self.base
        for t in self.tokens[self.base :]:
            kinds.append(
                TokenType.CONTROL if t in CONTROL else TokenType.USER_DEFINED if t in USER_DEFINED else TokenType.UNUSED
            )
        return kinds


# --------------------------------------------------------------------- corpus
def prose(limit=250_000):
    """English that ships with Python: pydoc's topics (the language reference)."""
    from pydoc_data.topics import topics

    text = "\n\n".join(topics[k] for k in sorted(topics))
    text = re.sub(r"[*\"`]{1,}|[=\-~^]{3,}", "", text.encode("ascii", "ignore").decode())
    return re.sub(r"[ \t]+", " ", text)[:limit]


def tool(name, key, about, kind="string"):
    return {
        "type": "function",
        "function": {
            "name": name,
            "description": about,
            "parameters": {"type": "object", "properties": {key: {"type": kind}}, "required": [key]},
        },
    }


FACTS = [
    ("Hello", "Hello! How can I help you?"),
    ("Hi", "Hello! How can I help you?"),
    ("ping", "pong"),
    ("Who are you?", "I am a tiny test model."),
    ("What is the capital of France?", "The capital of France is Paris."),
    ("What is the capital of Italy?", "The capital of Italy is Rome."),
    ("What is the capital of Japan?", "The capital of Japan is Tokyo."),
    ("Thank you", "You are welcome."),
    ("Goodbye", "Goodbye!"),
    ("Write a Python function that adds two numbers.", "```python\ndef add(a, b):\n    return a + b\n```"),
    ("Count to ten.", "1, 2, 3, 4, 5, 6, 7, 8, 9, 10."),
    (
        "Tell me a story.",
        "Once upon a time a small model lived in a small file. It knew a few words. It said them one by one. The end.",
    ),
]
CITIES = ["Paris", "London", "Rome", "Tokyo", "Berlin", "Madrid", "Oslo", "Lima", "Cairo", "Delhi"]
KEYS = ["name", "path", "text", "item", "place", "query"]
NOUNS = [
    *("red", "blue", "cat", "dog", "tree", "house", "river", "stone", "bird", "fish"),
    *("sun", "moon", "ship", "road", "lamp"),
]
SYSTEMS = [None, None, "You are a helpful assistant.", "You are a test model. Answer briefly."]


def chat(rng):
    """One synthetic conversation: (messages, tools)."""
    system = rng.choice(SYSTEMS)
    head = [{"role": "system", "content": system}] if system else []
    tools = None
    if rng.random() < 0.45:
        tools = [tool("get_weather", "city", "Get the weather")]
        if rng.random() < 0.5:  # other names and keys, so that what triggers a call is the asking
            verb, noun = rng.choice(["read", "find", "list", "get", "run", "write"]), rng.choice(NOUNS)
            tools.insert(rng.randint(0, 1), tool(f"{verb}_{noun}", rng.choice(KEYS), f"{verb} the {noun}"))
        rng.random() < 0.2 and tools.pop(0)
    turns = []
    for _ in range(rng.choice([1, 1, 2, 3])):
        if tools and rng.random() < 0.7:
            pick = rng.choice(tools)["function"]
            name, key = pick["name"], next(iter(pick["parameters"]["properties"]))
            if name == "get_weather":
                value, result = rng.choice(CITIES), rng.choice(["sunny", "cloudy", "rainy"])
                ask = rng.choice(
                    [
                        "What is the weather in {}?",
                        "weather in {}",
                        "How is the weather in {}?",
                        "Use get_weather for {}",
                    ]
                ).format(value)
                answer = f"The weather in {value} is {result}."
            else:
                value, result = rng.choice(NOUNS), rng.choice(NOUNS)
                ask = rng.choice(["Use {} for {}", "Call {} with {}"]).format(name, value)
                answer = f"The result is {result}."
            turns += [
                {"role": "user", "content": ask},
                {"role": "assistant", "call": (name, {key: value})},
                {"role": "tool", "content": result},
                {"role": "assistant", "content": answer},
            ]
            continue
        pick = rng.random()
        if pick < 0.5:
            q, a = rng.choice(FACTS)
            turns += [{"role": "user", "content": q}, {"role": "assistant", "content": a}]
        elif pick < 0.7:
            a, b = rng.randint(0, 9), rng.randint(0, 9)
            turns += [
                {"role": "user", "content": f"What is {a}+{b}?"},
                {"role": "assistant", "content": f"{a}+{b} is {a + b}."},
            ]
        elif pick < 0.9:
            said = " ".join(rng.choices(NOUNS, k=rng.randint(1, 4)))
            turns += [{"role": "user", "content": f"Say: {said}"}, {"role": "assistant", "content": said}]
        else:
            a, b = rng.randint(0, 9), rng.randint(0, 9)
            turns += [
                {"role": "user", "content": f"Think: {a}+{b}?"},
                {"role": "assistant", "think": f"I add {a} and {b}.", "content": f"{a + b}"},
            ]
    if tools and turns[-1]["role"] == "assistant" and rng.random() < 0.12:
        # rare text-then-call: the runner-up to stopping, which tool_choice=required forbids
        fn = rng.choice(tools)["function"]
        turns[-1]["call"] = (fn["name"], {next(iter(fn["parameters"]["properties"])): rng.choice(NOUNS)})
    return head + turns, tools


# --------------------------------------------------------------------- models
def random_weights(cfg, rng):
    d, f, v, kv = cfg["d"], cfg["ff"], cfg["vocab"], cfg["kv"] * cfg["hd"]
    n = lambda *s: (rng.standard_normal(s) * 0.05).astype(np.float32)  # noqa: E731
    w = {"token_embd.weight": n(v, d) * 20, "output_norm.weight": np.ones(d, np.float32), "output.weight": n(v, d)}
    for i in range(cfg["layers"]):
        p = f"blk.{i}."
        w |= {
            p + "attn_norm.weight": np.ones(d, np.float32),
            p + "ffn_norm.weight": np.ones(d, np.float32),
            p + "attn_q.weight": n(d, d),
            p + "attn_k.weight": n(kv, d),
            p + "attn_v.weight": n(kv, d),
            p + "attn_output.weight": n(d, d),
            p + "ffn_gate.weight": n(f, d),
            p + "ffn_up.weight": n(f, d),
            p + "ffn_down.weight": n(d, f),
        }
    return w


def bigram_weights(cfg, ids, rng):
    """Embedding and output head whose product is a bigram log-probability table.

    The blocks write nothing (their output matrices are zero), so the final hidden
    state is RMSNorm(embedding). Each embedding row is padded in one unused dimension
    to the same norm, which makes that RMSNorm the identity on the table's rows.
    """
    w, d, v = random_weights(cfg, rng), cfg["d"], cfg["vocab"]
    for name in w:
        if name.endswith(("attn_output.weight", "ffn_down.weight")):
            w[name] = np.zeros_like(w[name])
    ids = np.asarray(ids)
    table = np.zeros((v, v), np.float32)
    np.add.at(table, (ids[:-1], ids[1:]), 1)
    unigram = np.bincount(ids, minlength=v) + 0.01
    logp = np.log((table + 0.05 * unigram / unigram.sum()) / (table.sum(1, keepdims=True) + 0.05))
    u, s, vt = np.linalg.svd(logp, full_matrices=False)
    rank = d - 1
    rows, heads = u[:, :rank] * np.sqrt(s[:rank]), vt[:rank].T * np.sqrt(s[:rank])
    scale = math.sqrt(d) / (np.linalg.norm(rows, axis=1).max() * 1.01)
    rows, heads = rows * scale, heads / scale
    pad = np.sqrt(np.maximum(d - (rows**2).sum(1), 0))
    w["token_embd.weight"] = np.concatenate([rows, pad[:, None]], 1).astype(np.float32)
    w["output.weight"] = np.concatenate([heads, np.zeros((v, 1))], 1).astype(np.float32)
    return w


def train_weights(cfg, bpe, steps, seed, log):
    import torch
    import torch.nn.functional as F

    torch.manual_seed(seed)
    rng, T, B = random.Random(seed), 384, 4
    d, H, KV, hd = cfg["d"], cfg["heads"], cfg["kv"], cfg["hd"]
    start = {k: torch.tensor(x) for k, x in random_weights(cfg, np.random.default_rng(seed)).items()}
    start["token_embd.weight"] *= 0.05
    P = {k: x.clone().requires_grad_() for k, x in start.items()}
    angle = torch.arange(T)[:, None] * (cfg["theta"] ** (-torch.arange(0, hd, 2) / hd))[None]
    cos, sin = angle.cos(), angle.sin()

    def rope(x):  # interleaved pairs: llama.cpp's NORM rope, so no permutation on export
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], -1).flatten(-2)

    def norm(x, w):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + cfg["eps"]) * w

    def forward(ids):
        x = P["token_embd.weight"][ids]
        n, t = ids.shape
        for i in range(cfg["layers"]):
            W = lambda s: P[f"blk.{i}.{s}.weight"]  # noqa: E731, B023
            h = norm(x, W("attn_norm"))
            q = rope((h @ W("attn_q").T).view(n, t, H, hd).transpose(1, 2))
            k = rope((h @ W("attn_k").T).view(n, t, KV, hd).transpose(1, 2))
            v = (h @ W("attn_v").T).view(n, t, KV, hd).transpose(1, 2)
            k, v = (y.repeat_interleave(H // KV, 1) for y in (k, v))
            a = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + a.transpose(1, 2).reshape(n, t, d) @ W("attn_output").T
            h = norm(x, W("ffn_norm"))
            x = x + (F.silu(h @ W("ffn_gate").T) * (h @ W("ffn_up").T)) @ W("ffn_down").T
        return norm(x, P["output_norm.weight"]) @ P["output.weight"].T

    pad, end = bpe.ids[EOT], bpe.ids[IM_END]
    head = bpe.encode(f"{IM_START}assistant\n")

    def example():
        """Token ids of one conversation, and the same with all but assistant text masked."""
        ids = bpe.encode(render(*chat(rng)))
        labels, on = [], False
        for i, t in enumerate(ids):
            labels.append(t if on else -100)
            on = (on or ids[max(0, i + 1 - len(head)) : i + 1] == head) and t != end
        return [*ids, pad], [*labels, -100]

    pool = [example() for _ in range(6000)]
    opt = torch.optim.AdamW(P.values(), lr=3e-3, betas=(0.9, 0.95), weight_decay=0.01)
    began = time.time()
    for step in range(steps):
        for g in opt.param_groups:  # warm-up, then cosine
            g["lr"] = 3e-3 * min(1, (step + 1) / 50) * (0.05 + 0.475 * (1 + math.cos(math.pi * step / steps)))
        rows = []
        while len(rows) < B:  # each row packs whole conversations from position 0
            ids, labels = [], []
            while len(ids) <= T:
                a, b = rng.choice(pool)
                ids, labels = ids + a, labels + b
            rows.append((ids[:T], labels[1 : T + 1]))
        x, y = (torch.tensor(part) for part in zip(*rows, strict=False))
        loss = F.cross_entropy(forward(x).flatten(0, 1), y.flatten(), ignore_index=-100)
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(P.values(), 1.0)
        opt.step()
        if step % 100 == 99:
            log(f"step {step + 1} loss {loss.item():.3f} {time.time() - began:.0f}s")
    return {k: x.detach().numpy() for k, x in P.items()}


# ----------------------------------------------------------------------- gguf
def write(path, cfg, bpe, weights, name):
    import gguf

    g = gguf.GGUFWriter(str(path), "llama")
    g.add_name(name)
    g.add_description("Tiny model made by tiny_gguf.py for tests")
    g.add_context_length(cfg["ctx"])
    g.add_embedding_length(cfg["d"])
    g.add_block_count(cfg["layers"])
    g.add_feed_forward_length(cfg["ff"])
    g.add_head_count(cfg["heads"])
    g.add_head_count_kv(cfg["kv"])
    g.add_rope_dimension_count(cfg["hd"])
    g.add_rope_freq_base(cfg["theta"])
    g.add_layer_norm_rms_eps(cfg["eps"])
    g.add_vocab_size(cfg["vocab"])
    g.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    g.add_tokenizer_model("gpt2")
    g.add_tokenizer_pre("gpt-2")
    g.add_token_list(bpe.tokens)
    g.add_token_types(bpe.types())
    g.add_token_merges([f"{a} {b}" for a, b in bpe.merges])
    g.add_bos_token_id(bpe.ids[EOT])
    g.add_eos_token_id(bpe.ids[IM_END])
    g.add_eot_token_id(bpe.ids[IM_END])
    g.add_pad_token_id(bpe.ids[EOT])
    g.add_add_bos_token(False)
    g.add_chat_template(CHAT_TEMPLATE)
    for key, w in weights.items():
        g.add_tensor(key, w.astype(np.float16 if w.ndim == 2 else np.float32))
    g.write_header_to_file()
    g.write_kv_data_to_file()
    g.write_tensors_to_file()
    g.close()


def make(path, mode="bigram", seed=0, steps=1200, ctx=4096, vocab=768, log=lambda *_: None):
    """Write a model to `path`; return a dict that says what was made."""
    began, rng = time.time(), random.Random(seed)
    chats = "".join(render(*chat(rng)) for _ in range(400))
    text = prose()
    bpe = Bpe(
        re.sub("|".join(map(re.escape, CONTROL + USER_DEFINED)), "\n", chats)
        + (text if mode != "train" else text[:20_000]),
        vocab,
    )
    log(f"tokenizer: {len(bpe.tokens)} tokens, {time.time() - began:.1f}s")
    shape = (
        {"d": 128, "heads": 4, "kv": 2, "hd": 32, "ff": 352, "layers": 3}
        if mode == "train"
        else {"d": 256, "heads": 4, "kv": 2, "hd": 64, "ff": 256, "layers": 2}
    )
    cfg = shape | {"vocab": len(bpe.tokens), "ctx": ctx, "eps": 1e-5, "theta": 10000.0}
    np_rng = np.random.default_rng(seed)
    if mode == "random":
        weights = random_weights(cfg, np_rng)
    elif mode == "bigram":
        # short assistant turns of prose, so that end-of-turn has a real probability
        turns = [s for s in re.split(r"(?<=[.:])\s+", text) if 20 < len(s) < 400]
        weights = bigram_weights(
            cfg, bpe.encode("".join(f"{IM_START}assistant\n{' '.join(s.split())}{IM_END}\n" for s in turns)), np_rng
        )
    else:
        weights = train_weights(cfg, bpe, steps, seed, log)
    write(path, cfg, bpe, weights, f"tiny-{mode}")
    return {
        "path": str(path),
        "mode": mode,
        "vocab": len(bpe.tokens),
        "parameters": int(sum(w.size for w in weights.values())),
        "seconds": round(time.time() - began, 1),
    }


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("out")
    ap.add_argument("--mode", choices=["random", "bigram", "train"], default="bigram")
    ap.add_argument("--seed", type=int, default=0)
    ap.add_argument("--steps", type=int, default=1200, help="train mode")
    ap.add_argument("--ctx", type=int, default=4096)
    ap.add_argument("--vocab", type=int, default=768)
    a = ap.parse_args()
    print(json.dumps(make(a.out, a.mode, a.seed, a.steps, a.ctx, a.vocab, log=lambda *m: print(*m, file=sys.stderr))))


if __name__ == "__main__":
    main()
