"""The companion: a linear model over hashed n-grams whose opinion is weighed in with the encoder's.

An encoder and a bag of n-grams err on different posts; their weighted geometric mean (a product of
experts; Hinton 2002) errs less than either. `classifier/README.md` has the figures.
"""

import zlib
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from classifier.calibration import FRAME_TO_STANCE
from classifier.errors import ModelError
from classifier.ngrams import BUCKETS, HALF, Counts, count_ngrams
from config.codebook import STANCES

__all__ = ["COMPANION_FILE", "Companion", "weigh", "weigh_in"]

COMPANION_FILE = "companion.npz"
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Companion:
    """TF-IDF weights of the buckets and a linear stance model over them."""

    idf: Floats
    """(BUCKETS,); zero for buckets seen in too few posts to be learnt from."""
    weights: Floats
    """(4, BUCKETS)."""
    bias: Floats
    """(4,)."""

    @classmethod
    def load(cls, path: Path) -> "Companion":
        """Read a companion; raises ModelError where the file is damaged."""
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                found = cls(*(arrays[n].astype(np.float32) for n in ("idf", "weights", "bias")))
        except (OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error) as error:
            raise ModelError(f"{path} is damaged ({error}). Copy the whole folder again.") from None
        if found.weights.shape != (len(STANCES), BUCKETS):
            raise ModelError(f"{path} is of another version of awaaz. Train the model again.")
        return found

    def save(self, path: Path) -> None:
        """Write the companion in half precision."""
        np.savez_compressed(
            path,
            idf=self.idf.astype(np.float16),
            weights=self.weights.astype(np.float16),
            bias=self.bias.astype(np.float32),
        )

    def predict(self, normalised: list[str]) -> Floats:
        """Return stance probabilities (n, 4) of normalised texts."""
        counts = count_ngrams(normalised)
        values = weigh(counts, self.idf, len(normalised))
        logits = np.stack(
            [
                np.bincount(counts.owners, values * row[counts.buckets], len(normalised)) + bias
                for row, bias in zip(self.weights, self.bias, strict=True)
            ],
            axis=1,
        )
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=1, keepdims=True), dtype=np.float32)


def weigh_in(frame: Floats, opinion: Floats) -> Floats:
    """Multiply frame probabilities (n, 16) by odds of their stances (n, 4); rows sum to one."""
    both = frame * (opinion @ FRAME_TO_STANCE.T)
    return np.asarray(both / both.sum(axis=1, keepdims=True), dtype=np.float32)


def weigh(counts: Counts, idf: Floats, size: int) -> Floats:
    """Return sublinear TF-IDF; a text's characters have length one, and so have its words."""
    values = (1 + np.log(counts.counts)) * idf[counts.buckets]
    parts = counts.owners * 2 + (counts.buckets >= HALF)
    lengths = np.sqrt(np.bincount(parts, values**2, size * 2))
    return np.asarray(values / np.maximum(lengths[parts], 1e-9), dtype=np.float32)
