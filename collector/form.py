"""The form of a post: English, Hindi, Urdu, romanised Hindi or Urdu, or other.

The script with the most letters decides; words in hashtags count only where there are hardly
any others. Inside a script: function words and letters part Urdu from Arabic, Persian, Sindhi
and Pashto, and Hindi from Marathi and Nepali; a logistic regression over hashed character
n-grams parts English from romanised Hindi/Urdu and from other languages in Latin letters.
"""

from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import cast

import numpy as np
from numpy.typing import NDArray

from collector.letters import (
    SCRIPTS,
    Letters,
    Parts,
    compose,
    count_scripts,
    hash_ngrams,
    read_letters,
    spread,
    take_apart,
)
from collector.native import read_arabic, read_devanagari
from collector.post import Form

__all__ = ["decide_latin", "detect_form", "detect_forms", "read_forms"]

ROMAN_MODEL = resources.files("collector") / "data" / "roman_model.npz"

BATCH = 512  # posts; the arrays of their n-grams fit a processor's cache
FEW = 3  # letters; with fewer in the running text, hashtags are read too

ROMAN_FROM = 2.5  # log-odds against English; fewer than 4 in 1,000 English posts lie above
OTHER_FROM = 2.0  # log-odds against English; a post read as other is lost to the trend
OTHER_AHEAD = 1.0  # and so much more than romanised Hindi/Urdu
THIN = np.array([40, 200], np.float32)  # over the number of n-grams: what short texts need more

NEVER = 99.0
HINT = 1.5  # log-odds that the platform's declared language is worth
DECLARED: dict[str, Form] = {"en": "en", "hi": "hi", "ur": "ur"}
TRUSTED_OTHER = frozenset(
    "ca cs da de es fi fr hu it ja ko lt lv nl no pl pt ro sv tr vi "
    "ar bn ckb fa gu kn ml mr ne or pa ps sd si ta te".split()
)
"""Languages of X that it seldom gives to romanised Hindi or Urdu, as it does in, tl, et, ht."""


def detect_form(text: str, language: str | None = None) -> Form:
    """Return the form of one post; see `detect_forms`."""
    return detect_forms([text], [language])[0]


def detect_forms(texts: Sequence[str], languages: Sequence[str | None] | None = None) -> list[Form]:
    """Return the form of each post, any Unicode taken.

    `languages` are the platform's declared ones (BCP 47 or X's codes): a hint in Latin and
    Arabic script, and all there is to go by where a post has no letters (without it: `other`).
    """
    return read_forms(
        [take_apart(compose(text)) for text in texts], languages or [None] * len(texts)
    )


def read_forms(posts: Sequence[Parts], languages: Sequence[str | None]) -> list[Form]:
    """Return the form of each post that was taken apart before; see `detect_forms`."""
    hints = [_read_hint(language) for language in languages]
    forms: list[Form] = []
    for start in range(0, len(posts), BATCH):
        stop = start + BATCH
        forms += _read_batch(posts[start:stop], hints[start:stop])
    return forms


def _read_hint(language: str | None) -> Form | None:
    if not language:
        return None
    code = language.replace("_", "-").split("-")[0].lower()
    return DECLARED.get(code) or ("other" if code in TRUSTED_OTHER else None)


def _read_batch(posts: Sequence[Parts], hints: Sequence[Form | None]) -> list[Form]:
    plain = [post.running for post in posts]
    counts = count_scripts(read_letters(plain))
    few = np.flatnonzero(counts[:, 1:].sum(axis=1) < FEW).tolist()
    for index in few:
        plain[index] = spread(posts[index])
    counts[few] = count_scripts(read_letters([plain[index] for index in few]))
    # columns reversed: where two scripts tie, the native one is meant
    scripts = len(SCRIPTS) - 1 - np.argmax(counts[:, :0:-1], axis=1)
    scripts[counts[:, 1:].sum(axis=1) == 0] = 0
    forms: list[Form] = [hint or "other" for hint in hints]
    latin = _find(scripts, "latin")
    found = _read_latin([plain[index] for index in latin], [hints[index] for index in latin])
    for index, form in zip(latin, found, strict=True):
        forms[index] = form
    for index in _find(scripts, "devanagari"):
        forms[index] = read_devanagari(plain[index])
    for index in _find(scripts, "arabic"):
        forms[index] = read_arabic(plain[index], hints[index])
    for index in _find(scripts, "other"):
        forms[index] = "other"
    return forms


def _find(scripts: NDArray[np.int64], name: str) -> list[int]:
    return np.flatnonzero(scripts == SCRIPTS.index(name)).tolist()


def _read_latin(texts: Sequence[str], hints: Sequence[Form | None]) -> list[Form]:
    if not texts:
        return []
    scores, sizes = score_latin(read_letters(texts))
    scores += HINTS[[HINT_ROWS.index(hint) for hint in hints]]
    return cast("list[Form]", decide_latin(scores, sizes).tolist())


HINT_ROWS: tuple[Form | None, ...] = (None, "en", "hi", "ur", "other")
# X calls mixed posts English too, but no other language: a name is not to cost a post
HINTS = np.array([[0, 0], [-HINT / 2, -NEVER], [HINT, 0], [HINT, 0], [0, HINT]], np.float32)


def score_latin(letters: Letters) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return log-odds of `roman` and `other` against `en`, shape (n, 2), and n-grams read."""
    weights, bias = _load_model()
    owners, buckets = hash_ngrams(letters)
    sizes = np.maximum(np.bincount(owners, minlength=letters.size), 1)
    sums = [np.bincount(owners, row[buckets], minlength=letters.size) for row in weights]
    scores = np.stack(sums, axis=1) / np.sqrt(sizes)[:, None] + bias
    return scores.astype(np.float32), sizes


def decide_latin(scores: NDArray[np.float32], sizes: NDArray[np.int64]) -> NDArray[np.str_]:
    """Return `en`, `roman` or `other` for what `score_latin` gave, shape (n,)."""
    roman, other = (scores - THIN / sizes[:, None]).T
    is_other = (other > OTHER_FROM) & (scores[:, 1] > scores[:, 0] + OTHER_AHEAD)
    return np.where(is_other, "other", np.where(roman > ROMAN_FROM, "roman", "en"))


@cache
def _load_model() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    with ROMAN_MODEL.open("rb") as file, np.load(file, allow_pickle=False) as model:
        return model["weights"].astype(np.float32), model["bias"]
