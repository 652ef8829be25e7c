"""Fit an encoder's vocabulary to the posts it will read, before pretraining goes on.

Rows of the base vocabulary that such posts never use are dropped; subwords of romanised Hindi
and Urdu, and emoji, are added, each started from the mean of the pieces it was split into
before (Hewitt 2021, "Initializing new word embeddings"). What looks like a name is not added.

    python -m classifier.vocabulary --base FOLDER --texts POSTS.parquet --out FOLDER
"""

import argparse
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path

import torch
from tokenizers import (
    AddedToken,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from transformers import AutoConfig, AutoModel, AutoTokenizer, PreTrainedTokenizerBase

from classifier.dataset import read_texts
from classifier.text import URL, USER, normalise

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", URL, USER)
KEPT_RANK = 15_000  # base vocabularies are ordered by frequency; commoner rows stay in any case
ADDED = 9_000  # new subwords, at most
FEWEST_POSTS = 5  # a subword from fewer posts could give a person away
POSITIONS = 128
LAST_LETTER = 0x218F  # beyond it come symbols and pictures
NAME_SHARE = 0.6  # capitalised in the middle of a sentence this often: taken for a name
_WORD = re.compile(r"[^\W\d_]+")


def main() -> None:
    """Write a base encoder with the fitted vocabulary."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--texts", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    raw = [text for path in arguments.texts for text in read_texts(path)]
    names = find_names(raw) | read_names()
    posts = sorted({normalise(text) for text in raw} - {""})
    old = AutoTokenizer.from_pretrained(arguments.base)
    pieces = choose_pieces(posts, old.get_vocab(), names)
    write_base(arguments.base, arguments.out, old, build_tokenizer(pieces))
    print(f"{len(posts):,} posts, {len(pieces):,} pieces, {len(names):,} names left out")


def find_names(texts: Iterable[str]) -> frozenset[str]:
    """Words that stand capitalised in mid-sentence in most of their uses, or behind an @."""
    capital: Counter[str] = Counter()
    total: Counter[str] = Counter()
    handles: set[str] = set()
    for text in texts:
        handles.update(h.lower() for h in re.findall(r"@(\w{3,})", text))
        if text.isupper() or text.istitle():
            continue
        for word in re.findall(r"(?<=[a-z,] )[A-Za-z][a-z]+", text):
            total[word.lower()] += 1
            capital[word.lower()] += word[0].isupper()
    named = {word for word, n in total.items() if capital[word] >= NAME_SHARE * n}
    return frozenset(named | {h for h in handles if capital[h] or not total[h]})


def read_names() -> frozenset[str]:
    """Names that are often written without a capital, from `lexicon/names.txt`."""
    text = files("classifier").joinpath("lexicon", "names.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return frozenset(" ".join(lines).split())


def choose_pieces(posts: Sequence[str], old: dict[str, int], names: frozenset[str]) -> list[str]:
    """The new vocabulary: special tokens, kept pieces of the old one, then new subwords."""
    words = _count_words(posts)
    kept = _keep(words, old)
    fresh = [p for p in _train_pieces(words, names) if p not in kept and p not in old]
    emoji = [
        w for w, n in words.items() if n >= FEWEST_POSTS and len(w) == 1 and ord(w) > LAST_LETTER
    ]
    candidates = [*SPECIAL, *kept, *sorted(emoji), *fresh]
    counts = _count_pieces(words, candidates)
    ranked = sorted((p for p in fresh if counts[p] >= FEWEST_POSTS), key=lambda p: -counts[p])
    return list(dict.fromkeys([*SPECIAL, *kept, *sorted(emoji), *ranked[:ADDED]]))


def build_tokenizer(pieces: Sequence[str]) -> Tokenizer:
    """A WordPiece tokenizer over normalised text; it neither pads nor truncates by itself."""
    vocabulary = {piece: index for index, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))  # noqa: S106
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True, strip_accents=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.add_special_tokens([AddedToken(t, normalized=False) for t in SPECIAL])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        special_tokens=[(t, vocabulary[t]) for t in ("[CLS]", "[SEP]")],
    )
    return tokenizer


def write_base(base: Path, out: Path, old: PreTrainedTokenizerBase, new: Tokenizer) -> None:
    """Write the encoder with its rows carried over to the new vocabulary."""
    config = AutoConfig.from_pretrained(base)
    encoder = AutoModel.from_pretrained(base, add_pooling_layer=False, dtype=torch.float32)
    rows = encoder.embeddings.word_embeddings.weight.detach()
    pieces = sorted(new.get_vocab(), key=new.get_vocab().__getitem__)
    known = old.get_vocab()
    fresh = torch.stack([_start(piece, old, known, rows) for piece in pieces])
    config.vocab_size, config.pad_token_id = len(pieces), 0
    config.max_position_embeddings = POSITIONS
    resized = AutoModel.from_config(  # type: ignore[no-untyped-call]
        config, add_pooling_layer=False, dtype=torch.float32
    )
    state = encoder.state_dict()
    state["embeddings.word_embeddings.weight"] = fresh
    state["embeddings.position_embeddings.weight"] = state["embeddings.position_embeddings.weight"][
        :POSITIONS
    ]
    state = {k: v for k, v in state.items() if not k.endswith(("position_ids", "token_type_ids"))}
    resized.load_state_dict(state, strict=False)
    resized.save_pretrained(out)
    new.save(str(out / "tokenizer.json"))
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": POSITIONS,
        **{f"{n}_token": f"[{n.upper()}]" for n in ("pad", "unk", "cls", "sep", "mask")},
    }
    (out / "tokenizer_config.json").write_text(json.dumps(settings, indent=1), encoding="utf-8")


def _start(
    piece: str, old: PreTrainedTokenizerBase, known: dict[str, int], rows: torch.Tensor
) -> torch.Tensor:
    if piece in known:
        return rows[known[piece]]
    text = {URL: "link", USER: "user"}.get(piece, piece)
    if len(piece) == 1 and ord(piece) > LAST_LETTER:
        text = unicodedata.name(piece, "symbol").lower()
    if text.startswith("##"):
        parts = old.tokenize(f"a{text[2:]}")
        ids = [known[p] for p in (parts[1:] or parts)]
    else:
        ids = [known[p] for p in old.tokenize(text)]
    return rows[ids].mean(0)


def _count_words(posts: Iterable[str]) -> Counter[str]:
    split = pre_tokenizers.BertPreTokenizer()
    counts: Counter[str] = Counter()
    for post in posts:
        plain = post.replace(URL, " ").replace(USER, " ")
        counts.update({word for word, _ in split.pre_tokenize_str(plain)})
    return counts


def _keep(words: Counter[str], old: dict[str, int]) -> list[str]:
    used = _count_pieces(words, list(old))
    kept: list[str] = []
    for piece, index in sorted(old.items(), key=lambda item: item[1]):
        bare = piece.removeprefix("##")
        plain = bare.isascii() and not (piece.startswith("[") and len(piece) > 1)
        common = index < KEPT_RANK and (bare.isalpha() or len(bare) == 1)
        if plain and (common or used[piece] >= FEWEST_POSTS or len(bare) == 1):
            kept.append(piece)
    return kept


def _train_pieces(words: Counter[str], names: frozenset[str]) -> list[str]:
    """WordPiece subwords of the words that are no names, commonest first."""
    rest = {w: n for w, n in words.items() if n >= FEWEST_POSTS and w not in names and w.isascii()}
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))  # noqa: S106
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    trainer = trainers.WordPieceTrainer(
        vocab_size=26_000, min_frequency=FEWEST_POSTS, show_progress=False
    )
    tokenizer.train_from_iterator((f"{w} " * n for w, n in rest.items()), trainer)
    found = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    return [p for p, _ in found if p.removeprefix("##").isalpha() and p not in names]


def _count_pieces(words: Counter[str], pieces: Sequence[str]) -> Counter[str]:
    """In how many posts each piece stands (a post counts once for each of its words)."""
    tokenizer = Tokenizer(
        models.WordPiece({p: i for i, p in enumerate(dict.fromkeys(pieces))}, unk_token="[UNK]")  # noqa: S106
    )
    counts: Counter[str] = Counter()
    items = list(words.items())
    encodings = tokenizer.encode_batch([w for w, _ in items], add_special_tokens=False)
    for (_, number), encoding in zip(items, encodings, strict=True):
        for piece in set(encoding.tokens):
            counts[piece] += number
    return counts


if __name__ == "__main__":
    main()
