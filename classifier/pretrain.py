"""Go on with masked-language pretraining of a small encoder on unlabelled posts.

    python -m classifier.pretrain --base FOLDER --texts POSTS.parquet --out FOLDER --minutes 30

The tied-embedding head follows BERT (Devlin et al. 2019); it starts untrained, since sentence
encoders ship without one, and is dropped at the end.
"""

import argparse
import math
import random
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from rich.console import Console
from tokenizers import Tokenizer
from torch import nn
from torch.nn import functional
from transformers import AutoModel, PreTrainedModel

from classifier.dataset import read_texts
from classifier.text import normalise

TOKENS = 2048  # per step, padding included
LONGEST = 72  # tokens of a post that are read
MASKED = 0.15  # share of tokens to be guessed
PEAK = 2.5e-4  # learning rate; more forgets what the sentence encoder knew
WARMUP = 0.04  # share of the time
CLIP = 1.0
SAVED_EVERY = 0.2  # share of the time
TO_MASK, TO_RANDOM = 0.8, 0.1  # of the chosen pieces; the rest stay as they are


class MaskedModel(nn.Module):
    """An encoder with a head that guesses masked pieces."""

    def __init__(self, encoder: PreTrainedModel, width: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.dense = nn.Linear(width, width)
        self.norm = nn.LayerNorm(width)
        self.bias = nn.Parameter(torch.zeros(encoder.config.vocab_size))

    def forward(self, ids: torch.Tensor, mask: torch.Tensor, chosen: torch.Tensor) -> torch.Tensor:
        """Logits over the vocabulary at the chosen places: (places, vocabulary)."""
        hidden = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state[chosen]
        rows = self.encoder.get_input_embeddings().weight
        assert isinstance(rows, torch.Tensor)  # noqa: S101  (for the type checker)
        hidden = self.norm(functional.gelu(self.dense(hidden)))
        return functional.linear(hidden, rows, self.bias)


def main() -> None:
    """Pretrain for a number of minutes and write the encoder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--texts", type=Path, nargs="+", required=True)
    parser.add_argument("--leave-out", type=Path, help="a table of posts that must not be seen")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=13)
    settings = parser.parse_args()
    torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)
    random.seed(settings.seed)
    hidden = {normalise(t) for t in read_texts(settings.leave_out)} if settings.leave_out else set()
    texts = {normalise(t) for path in settings.texts for t in read_texts(path)} - hidden - {""}
    tokenizer = Tokenizer.from_file(str(settings.base / "tokenizer.json"))
    tokenizer.enable_truncation(LONGEST)
    posts = [e.ids for e in tokenizer.encode_batch(sorted(texts))]
    # no dropout: two rounds over the posts do not overfit, and attention is faster without
    encoder = AutoModel.from_pretrained(
        settings.base,
        add_pooling_layer=False,
        dtype=torch.float32,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    encoder.train()
    model = MaskedModel(encoder, encoder.config.hidden_size)
    fit(model, posts, tokenizer.get_vocab(), settings.minutes * 60, settings.out)
    encoder.save_pretrained(settings.out)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(settings.base / name, settings.out / name)


def fit(
    model: MaskedModel, posts: list[list[int]], vocab: dict[str, int], seconds: float, out: Path
) -> None:
    """Train for `seconds`; the learning rate follows the clock: warm-up, then a cosine to zero."""
    console = Console()
    optimizer = torch.optim.AdamW(model.parameters(), lr=PEAK, weight_decay=0.01, fused=True)
    start, step, recent, saved = time.monotonic(), 0, 0.0, 0.0
    seen = 0
    for batch in _batches(posts):
        spent = (time.monotonic() - start) / seconds
        if spent >= 1:
            break
        falling = 0.5 + 0.5 * math.cos(math.pi * (spent - WARMUP) / (1 - WARMUP))
        rate = PEAK * (spent / WARMUP if spent < WARMUP else falling)
        for group in optimizer.param_groups:
            group["lr"] = rate
        loss = _step(model, batch, vocab)
        nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        step, seen = step + 1, seen + sum(map(len, batch))
        recent = loss if step == 1 else 0.98 * recent + 0.02 * loss
        if step % 50 == 0:
            console.print(
                f"step {step:,} loss {recent:.3f}, {seen:,} tokens, "
                f"{seen / (time.monotonic() - start):,.0f} tokens/s, {spent:.0%} of the time"
            )
        if spent - saved > SAVED_EVERY:
            model.encoder.save_pretrained(out)
            saved = spent


def _step(model: MaskedModel, batch: list[list[int]], vocab: dict[str, int]) -> float:
    longest = max(map(len, batch))
    ids = torch.zeros(len(batch), longest, dtype=torch.long)
    for row, post in enumerate(batch):
        ids[row, : len(post)] = torch.tensor(post)
    mask = ids != vocab["[PAD]"]
    special = ids < len([v for v in vocab if v.startswith("[") and len(v) > 1])
    chosen = (torch.rand(ids.shape) < MASKED) & ~special
    if not chosen.any():
        return 0.0
    targets = ids[chosen]
    dice = torch.rand(ids.shape)
    ids[chosen & (dice < TO_MASK)] = vocab["[MASK]"]
    swap = chosen & (dice > 1 - TO_RANDOM)
    ids[swap] = torch.randint(len(vocab), (int(swap.sum()),))
    with torch.autocast("cpu", torch.bfloat16):
        logits = model(ids, mask.long(), chosen)
    loss = functional.cross_entropy(logits.float(), targets)
    loss.backward()  # type: ignore[no-untyped-call]
    return loss.item()


def _batches(posts: list[list[int]]) -> Iterator[list[list[int]]]:
    """Batches of like length under the token budget, shuffled anew each round, without end."""
    while True:
        order = sorted(posts, key=lambda p: len(p) + random.random() * 6)  # noqa: S311
        batches: list[list[list[int]]] = [[]]
        for post in order:
            if (len(batches[-1]) + 1) * len(post) > TOKENS:
                batches.append([])
            batches[-1].append(post)
        random.shuffle(batches)
        yield from batches


if __name__ == "__main__":
    main()
