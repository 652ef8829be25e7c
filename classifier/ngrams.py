"""Character and word n-grams of normalised posts, hashed: no vocabulary that could hold a name."""

import zlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["BUCKETS", "HALF", "Counts", "count_ngrams"]

BUCKETS = 1 << 19
"""The lower half is for n-grams of characters, the upper half for words."""
HALF = BUCKETS >> 1
LONGEST = 5
"""Characters of the longest n-gram; the shortest has two."""

BASE = np.uint64(0x9E3779B97F4A7C15)
SPACE = 0x20


class Counts(NamedTuple):
    """How often each bucket occurs in each text: a sparse matrix, ordered by text."""

    owners: NDArray[np.int64]
    buckets: NDArray[np.int64]
    counts: NDArray[np.float32]


def count_ngrams(texts: Sequence[str]) -> Counts:
    """Return the hashed 2- to 5-grams inside words, borders included, and 1- and 2-grams of words.

    `texts` are normalised: lower case, words parted by single spaces.
    """
    characters, words = hash_characters(texts), hash_words(texts)
    low, half = np.uint64(HALF - 1), np.uint64(HALF)
    owners = np.concatenate([characters[0], words[0]])
    buckets = np.concatenate([characters[1] & low, (words[1] & low) | half])
    cells, counts = np.unique(owners * BUCKETS + buckets.astype(np.int64), return_counts=True)
    return Counts(cells // BUCKETS, cells % BUCKETS, counts.astype(np.float32))


def hash_characters(texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Return owner and hash of every n-gram of characters."""
    joined = "".join(f" {text} " for text in texts)
    lengths = np.fromiter((len(text) + 2 for text in texts), np.int64, len(texts))
    # spaces at the end, so that the longest n-gram of the last word has its places
    padded = (joined + " " * LONGEST).encode("utf-32-le", "surrogatepass")
    codes = np.frombuffer(padded, np.uint32).astype(np.uint64)
    owners = np.concatenate([np.repeat(np.arange(len(texts)), lengths), np.zeros(LONGEST, int)])
    letter = codes != SPACE
    found_owners, found = [], []
    # of an n-gram only the first and the last place may be the border of a word, not both of two
    kept = letter[:-1] | letter[1:]
    inside = np.ones(len(codes), np.bool_)
    hashes = codes.copy()
    for n in range(2, LONGEST + 1):
        size = len(codes) - n + 1
        hashes = hashes[:size] * BASE + codes[n - 1 :]
        if n > 2:  # noqa: PLR2004
            inside = inside[:size] & letter[n - 2 : n - 2 + size]
            kept = inside
        found_owners.append(owners[:size][kept])
        found.append(mix(hashes[kept] + np.uint64(n)))
    return np.concatenate(found_owners), np.concatenate(found)


def hash_words(texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Return owner and hash of every word and of every pair of neighbouring words."""
    words = [text.split() for text in texts]
    sizes = np.fromiter((len(each) for each in words), np.int64, len(words))
    flat = (zlib.crc32(word.encode("utf-8", "surrogatepass")) for each in words for word in each)
    single = np.fromiter(flat, np.uint64, int(sizes.sum()))
    owners = np.repeat(np.arange(len(texts)), sizes)
    same = owners[1:] == owners[:-1]
    pairs = single[:-1][same] * BASE + single[1:][same]
    hashes = np.concatenate([mix(single + np.uint64(77)), mix(pairs + np.uint64(78))])
    return np.concatenate([owners, owners[1:][same]]), hashes


def mix(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread the bits of a hash, so that its lowest ones name a bucket."""
    hashes = (hashes ^ (hashes >> np.uint64(31))) * np.uint64(0xBF58476D1CE4E5B9)
    return hashes ^ (hashes >> np.uint64(29))
