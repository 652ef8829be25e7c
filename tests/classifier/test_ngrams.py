"""N-grams: what is hashed is what a plain loop finds, and a text's neighbours do not matter."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from classifier.ngrams import HALF, LONGEST, count_ngrams

words = st.lists(st.text("abcएक🙂ی", min_size=1, max_size=7), max_size=6)
texts = st.lists(words.map(" ".join), min_size=1, max_size=5)


def plain_ngrams(text: str) -> set[str]:
    """Return the distinct n-grams of characters inside words, borders included, by a loop."""
    found = set()
    for word in text.split():
        bordered = f" {word} "
        for n in range(2, LONGEST + 1):
            found |= {bordered[i : i + n] for i in range(len(bordered) - n + 1)}
    return found


@given(texts)
def test_every_ngram_is_counted_once_per_place(given_texts: list[str]) -> None:
    counts = count_ngrams(given_texts)
    for number, text in enumerate(given_texts):
        low = (counts.owners == number) & (counts.buckets < HALF)
        total = sum(
            max(0, len(f" {word} ") - n + 1) for word in text.split() for n in range(2, LONGEST + 1)
        )
        assert counts.counts[low].sum() == total
        assert low.sum() <= len(plain_ngrams(text))  # fewer only where two share a bucket
        high = (counts.owners == number) & (counts.buckets >= HALF)
        size = len(text.split())
        assert counts.counts[high].sum() == size + max(0, size - 1)


@given(texts)
def test_a_text_is_hashed_alike_alone_and_among_others(given_texts: list[str]) -> None:
    together = count_ngrams(given_texts)
    for number, text in enumerate(given_texts):
        alone = count_ngrams([text])
        mine = together.owners == number
        np.testing.assert_array_equal(together.buckets[mine], alone.buckets)
        np.testing.assert_array_equal(together.counts[mine], alone.counts)


def test_few_ngrams_collide() -> None:
    text = " ".join(f"word{n} sister{n * 7}" for n in range(200))
    counts = count_ngrams([text])
    low = (counts.buckets < HALF).sum()
    assert low > 0.98 * len(plain_ngrams(text))


def test_word_pairs_tell_order() -> None:
    first, second = (count_ngrams([text]) for text in ("believe her", "her believe"))
    high = Counter(first.buckets[first.buckets >= HALF].tolist())
    assert len(high & Counter(second.buckets[second.buckets >= HALF].tolist())) == 2
    assert len(high) == 3
