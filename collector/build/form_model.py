"""Trains the model that tells English, romanised Hindi/Urdu and other Latin text apart.

    python -m collector.build.form_model ../shared/data/unlabelled_posts.parquet

Needs the extras `dev`, and wordfreq and langdetect for the other languages. Sources name their
form only roughly, so rows that a model trained on the other half finds implausible are left
out of training, never out of the held-out eighth that the report is about.
"""

import random
import re
import sys
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse  # type: ignore[import-untyped, unused-ignore]
from sklearn.linear_model import (  # type: ignore[import-untyped, unused-ignore]
    LogisticRegression,
)

from collector.build.other_languages import write_texts
from collector.form import decide_latin
from collector.letters import BUCKETS, count_scripts, hash_ngrams, read_letters, strip

MODEL = Path(__file__).parents[1] / "data" / "roman_model.npz"

ENGLISH, ROMAN, OTHER = range(3)
SOURCES = {
    "hinglish:english": ENGLISH,
    "metooma": ENGLISH,
    "trac2:trac2_eng": ENGLISH,
    "ru30k": ROMAN,
    "uci_ru": ROMAN,
    "ruhsold": ROMAN,
    "hinglish:hindi": ROMAN,
    "hinglish:Hate-speech-": ROMAN,
    "trac2:trac2_hin": ROMAN,
    "trac2:trac2_iben": OTHER,  # romanised Bengali, which the stance model does not read
}
SEED = 20181008
STRENGTH = 10.0  # inverse regularisation of the final model
DOUBT = 0.10  # rows whose own label gets less than this from the other half are dropped
FRAGMENTS = 0.3  # share of posts that also give a fragment of 3 to 5 words: replies are short
HELD_OUT = 8  # one text in so many

SHORTEST = 6  # letters in a text worth learning from, words in one worth cutting
LATIN_SHARE = 0.8  # of the letters of a text

Matrix = Any  # scipy.sparse.csr_matrix, which has no types


class Row(NamedTuple):
    """A text without links and handles, its source and its class."""

    source: str
    label: int
    text: str


def read_rows(path: Path) -> list[Row]:
    """Return the Latin texts of the sources we know, each once."""
    rows: dict[str, Row] = {}
    for source, text in pl.read_parquet(path, columns=["src", "text"]).iter_rows():
        label = next((SOURCES[name] for name in SOURCES if source.startswith(name)), None)
        row = Row(source.split(".")[0], label or 0, strip(text))
        key = _key(row.text)
        if label is not None and len(key) >= SHORTEST:
            rows.setdefault(key, row)
    counts = count_scripts(read_letters([row.text for row in rows.values()]))
    share = counts[:, 1] / np.maximum(counts[:, 1:].sum(axis=1), 1)
    kept = [row for row, latin in zip(rows.values(), share, strict=True) if latin > LATIN_SHARE]
    rng = random.Random(SEED)  # noqa: S311 - a sample, not a secret
    return kept + [
        Row(f"words:{language}", ENGLISH if language == "en" else OTHER, text)
        for language, text in write_texts(rng)
    ]


def _key(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower())


def _draw(text: str, salt: str = "") -> int:
    return blake2b((_key(text) + salt).encode(), digest_size=4).digest()[0]


def cut_fragments(rows: list[Row]) -> list[Row]:
    """Return runs of a few words out of some posts."""
    rng = random.Random(SEED)  # noqa: S311 - a sample, not a secret
    fragments = []
    for row in rows:
        words = row.text.split()
        if row.label != OTHER and len(words) > SHORTEST and rng.random() < FRAGMENTS:
            size = rng.randint(3, 5)
            start = rng.randrange(len(words) - size)
            fragments.append(row._replace(text=" ".join(words[start : start + size])))
    return fragments


def vectorise(rows: list[Row]) -> tuple[Matrix, NDArray[np.int64]]:
    """Return n-gram counts over the root of their number, as `collector.form` weighs them."""
    owners, buckets = hash_ngrams(read_letters([row.text for row in rows]))
    ones = np.ones(len(owners), np.float32)
    counts = sparse.coo_matrix((ones, (owners, buckets)), shape=(len(rows), BUCKETS))
    sizes = np.maximum(np.bincount(owners, minlength=len(rows)), 1)
    scale = sparse.diags(1 / np.sqrt(sizes).astype(np.float32))
    return (scale @ counts.tocsr()).tocsr(), sizes


def fit(features: Matrix, labels: NDArray[np.int64], strength: float) -> LogisticRegression:
    """Fit the three-way logistic regression."""
    return LogisticRegression(C=strength, max_iter=100, tol=1e-3).fit(features, labels)


def find_doubtful(rows: list[Row], features: Matrix) -> NDArray[np.bool_]:
    """Mark the rows that a model of the other half takes for another class."""
    labels = np.array([row.label for row in rows])
    half = np.array([_draw(row.text, "half") % 2 for row in rows])
    doubtful = np.zeros(len(rows), np.bool_)
    for side in (0, 1):
        here = np.flatnonzero(half == side)
        model = fit(features[half != side], labels[half != side], STRENGTH / 3)
        chances = model.predict_proba(features[here])
        doubtful[here] = chances[np.arange(len(here)), labels[here]] < DOUBT
    return doubtful


def report(rows: list[Row], weights: NDArray[np.float32], bias: NDArray[np.float32]) -> None:
    """Print what each source's held-out texts are read as."""
    features, sizes = vectorise(rows)
    found = decide_latin(features @ weights.T + bias, sizes)
    sources = np.array([row.source.replace("words:", "w:") for row in rows])
    print(f"{'source':<24}{'texts':>7}{'en':>8}{'roman':>8}{'other':>8}")
    for source in np.unique(sources):
        mine = found[sources == source]
        shares = "".join(f"{np.mean(mine == form):8.3f}" for form in ("en", "roman", "other"))
        print(f"{source:<24}{len(mine):>7}{shares}")


def main(path: Path) -> None:
    """Train, write the artefact, report."""
    rows = read_rows(path)
    held_out = [row for row in rows if _draw(row.text) % HELD_OUT == 0]
    training = [row for row in rows if _draw(row.text) % HELD_OUT]
    training += cut_fragments(training)
    features, labels = vectorise(training)[0], np.array([row.label for row in training])
    doubtful = find_doubtful(training, features)
    model = fit(features[~doubtful], labels[~doubtful], STRENGTH)
    weights = (model.coef_[1:] - model.coef_[0]).astype(np.float16)
    bias = (model.intercept_[1:] - model.intercept_[0]).astype(np.float32)
    np.savez_compressed(MODEL, weights=weights, bias=bias)
    print(f"{len(training)} texts, {doubtful.sum()} left out; wrote {MODEL}")
    report(held_out, weights.astype(np.float32), bias)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
