"""Which of our invented posts say nearly the same."""

from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer

BLOCK = 512  # posts compared with all others at a time, which bounds memory


def near_pairs(texts: Sequence[str]) -> list[tuple[int, int]]:
    """The pairs whose sets of character 5-grams have a Jaccard index of 0.5 or more."""
    grams = CountVectorizer(analyzer="char", ngram_range=(5, 5), binary=True, dtype=np.int32)
    own = grams.fit_transform(" ".join(text.split()) for text in texts)
    size = own.getnnz(axis=1)
    near: list[tuple[int, int]] = []
    for start in range(0, len(texts), BLOCK):
        shared = (own[start : start + BLOCK] @ own.T).tocoo()
        later, earlier = shared.row + start, shared.col
        # both / (one + other - both) >= 1/2, without the division
        found = (later > earlier) & (3 * shared.data >= size[later] + size[earlier])
        near += zip(earlier[found].tolist(), later[found].tolist(), strict=True)
    return near
