"""A small transformer learns the language of Python's own help texts, character by character, and writes some.

    python docs/examples/transformer.py [--steps 600]

A decoder as in Vaswani et al., "Attention is all you need" (2017), with the normalization before each part: causal
attention with several heads, and a dense network, twice. The blocks have the same shapes, so they are one `scan` over
stacked parameters. Writing is a `scan`, too: each character is drawn from what the network expects after the last ones.
"""

from __future__ import annotations

import argparse
import pydoc_data.topics

import numpy as np

import lamina as la
import lamina.numpy as lnp
from lamina import lax, nn, random, tree

CONTEXT, WIDTH, HEADS, BLOCKS = 48, 64, 4, 2
BATCH, RATE = 32, 2e-3


def corpus():
    """The text as numbers, and the characters they stand for."""
    text = "\n".join(pydoc_data.topics.topics[name] for name in sorted(pydoc_data.topics.topics))
    text = "".join(c for c in text if c.isascii())
    characters = sorted(set(text))
    number = {c: i for i, c in enumerate(characters)}
    return np.array([number[c] for c in text], np.int32), characters


def initial_params(key, characters):
    keys = iter(random.split(key, 8))

    def weights(*shape):
        return random.normal(next(keys), shape) / np.sqrt(shape[-2])

    return {
        "characters": 0.3 * random.normal(next(keys), (characters, WIDTH)),
        "places": 0.3 * random.normal(next(keys), (CONTEXT, WIDTH)),
        "blocks": {
            "qkv": weights(BLOCKS, WIDTH, 3 * WIDTH), "out": weights(BLOCKS, WIDTH, WIDTH) / 2,
            "up": weights(BLOCKS, WIDTH, 4 * WIDTH), "down": weights(BLOCKS, 4 * WIDTH, WIDTH) / 2,
        },
        "last": weights(WIDTH, characters),
    }  # fmt: skip


def block(x, layer):
    """One block on [n, time, width], in the form that scan takes."""
    n, time, _ = x.shape
    q, k, v = lnp.split((nn.standardize(x) @ layer["qkv"]).reshape(n, time, HEADS, -1), 3, axis=-1)
    x = x + nn.dot_product_attention(q, k, v, is_causal=True).reshape(x.shape) @ layer["out"]
    return x + nn.gelu(nn.standardize(x) @ layer["up"]) @ layer["down"], None


def logits(params, text):
    """Scores [n, time, characters] of what comes after each character of texts i32[n, time]."""
    x = params["characters"][text] + params["places"][: text.shape[1]]
    x, _ = lax.scan(block, x, params["blocks"])
    return nn.standardize(x) @ params["last"]


def loss(params, text):
    """Mean negative log-likelihood of every character but the first, in nats."""
    scores = nn.log_softmax(logits(params, text[:, :-1]))
    return -lnp.mean(lnp.take_along_axis(scores, text[:, 1:, None], axis=-1))


@la.jit
def step(state, text):
    """Parameters and moments after one step of Adam (Kingma and Ba 2015), and the loss before it."""
    params, first, second, count = state
    value, gradient = la.value_and_grad(loss)(params, text)
    first = tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
    second = tree.map(lambda v, g: 0.99 * v + 0.01 * g * g, second, gradient)
    scale = RATE * lnp.sqrt(1 - 0.99**count) / (1 - 0.9**count)
    params = tree.map(lambda p, m, v: p - scale * m / (lnp.sqrt(v) + 1e-8), params, first, second)
    return (params, first, second, count + 1), value


@la.jit(static_argnames="count")
def written(params, key, start, count):
    """`count` characters that follow on `start` i32[context]."""

    def character(window, key):
        new = random.categorical(key, logits(params, window[None])[0, -1])
        return lnp.append(window[1:], new), new

    return lax.scan(character, start, random.split(key, count))[1]


def main(argv=None):
    """The loss on a part of the text that was not learned, before and after, and what the network writes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--characters", type=int, default=300, help="how many to write at the end")
    options = parser.parse_args(argv)
    text, characters = corpus()
    windows = np.lib.stride_tricks.sliding_window_view(text, CONTEXT + 1)
    learned, unseen = windows[: -len(windows) // 10], windows[-len(windows) // 10 + CONTEXT :: 331]
    params, rng = initial_params(random.key(0), len(characters)), np.random.default_rng(0)
    zeros = tree.map(lnp.zeros_like, params)
    state, before = (params, zeros, zeros, lnp.array(1.0)), float(la.jit(loss)(params, unseen))
    for i in range(options.steps):
        state, value = step(state, learned[rng.integers(len(learned), size=BATCH)])
        if i % 100 == 99:
            print(f"step {i + 1}: {float(value) / np.log(2):.2f} bits a character")
    after = float(la.jit(loss)(state[0], unseen))
    print(f"unseen text: {before / np.log(2):.2f} bits a character before, {after / np.log(2):.2f} after")
    sample = written(state[0], random.key(2), unseen[0][:CONTEXT], options.characters)
    sample = "".join(characters[i] for i in np.asarray(sample))
    print(sample)
    return before, after, sample


if __name__ == "__main__":
    main()
