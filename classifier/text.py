"""A post as the model sees it: one function, used in training and in serving alike.

Everything is brought to lower-case Latin letters; links and mentions become `[url]` and `[user]`,
so that the model cannot lean on who is spoken to; hashtags become the words they are made of.
"""

import html
import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files

from classifier.romanise import romanise

__all__ = ["URL", "USER", "normalise", "split_hashtag"]

URL = "[url]"
USER = "[user]"

_LINK = re.compile(
    r"(?:https?:|www\.)[^\s\]]*|\b(?:t\.co|bit\.ly|youtu\.be|pic\.twitter\.com)/\S*|\[url\]",
    re.IGNORECASE,
)
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_MENTION = re.compile(r"@+[\w\u0900-\u097f]+|(?<![\w/])/?u/[\w-]{2,}")
_HASHTAG = re.compile(r"#+([A-Za-z0-9_]+)")
_METOO = re.compile(r"\bmetoo[a-z]*|\bme-too\b")
_LONG_LETTER = re.compile(r"([^\W\d_])\1{2,}")
_LONG_MARK = re.compile(r"([^\w\s])\1{2,}")
_LONG_TOKEN = re.compile(r"(\[(?:url|user)\])(?:\s*\1){2,}")
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u034f\u061c\u0640\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufffb\ufffd\ud800-\udfff\U0001f3fb-\U0001f3ff\U000e0000-\U000e0fff]"
)
_FLAGS = {"\U0001f1ee\U0001f1f3": " india ", "\U0001f1f5\U0001f1f0": " pakistan "}
_FLAG = re.compile("|".join(_FLAGS))
_PICTURE = re.compile(
    "([\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff])(?:\\s*(\\1))*"
)
_QUOTES = str.maketrans("‘’‚‛“”„‟′″´`–—―‐‑‒•·…", "''''\"\"\"\"'\"''-------..")
_LONGEST_TAG = 60


def normalise(text: str) -> str:
    """Return `text` as the model reads it: any string in, a single-spaced string out."""
    if "&" in text:
        text = _unescape(text)
    native = not text.isascii()
    if native:
        text = _to_plain_letters(text)
    if "@" in text or "u/" in text:
        text = _MENTION.sub(f" {USER} ", _MAIL.sub(f" {USER} ", text))
    text = _LINK.sub(f" {URL} ", text)
    if "#" in text:
        text = _HASHTAG.sub(_replace_hashtag, text).replace("#", " ")
    if native:
        text = _to_latin(text)
    text = text.lower().replace("_", " ")
    if "metoo" in text or "me-too" in text:
        text = _METOO.sub(_replace_metoo, text)
    return _shorten(" ".join(text.split()))


def _unescape(text: str) -> str:
    for _ in range(4):  # archives escape twice, sometimes thrice
        plain = html.unescape(text)
        if plain == text:
            break
        text = plain
    return text


def _to_plain_letters(text: str) -> str:
    text = _INVISIBLE.sub("", text)
    text = unicodedata.normalize("NFKC", text.translate(_QUOTES))
    return _INVISIBLE.sub("", text)


def _to_latin(text: str) -> str:
    text = _FLAG.sub(lambda match: _FLAGS[match[0]], text)
    text = romanise(text)
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKD", text.lower())
    text = "".join(c for c in text if not unicodedata.combining(c))
    return _PICTURE.sub(r" \1 \2 ", text.translate(_QUOTES))


def _shorten(text: str) -> str:
    text = _LONG_LETTER.sub(r"\1\1", text)
    text = _LONG_MARK.sub(r"\1\1", text)
    return _LONG_TOKEN.sub(r"\1 \1", text)


def _replace_hashtag(match: re.Match[str]) -> str:
    return f" {split_hashtag(match[1])} "


def _replace_metoo(match: re.Match[str]) -> str:
    return split_hashtag(match[0].replace("-", ""))


@lru_cache(maxsize=20_000)
def split_hashtag(tag: str) -> str:
    """Return the words of a hashtag without its sign: `MeTooIndia` gives `me too india`."""
    parts = _CAMEL.findall(tag.replace("_", " "))
    return " ".join(" ".join(_segment(part.lower())) for part in parts)


def _segment(word: str) -> list[str]:
    """Split a run of letters into known words, as few as will do; unknown runs stay whole."""
    if len(word) > _LONGEST_TAG:
        return [word]
    known = _tag_words()
    best: list[list[str] | None] = [[]]
    for end in range(1, len(word) + 1):
        found: list[str] | None = None
        for start in range(end):
            head, piece = best[start], word[start:end]
            if head is not None and piece in known and (not found or len(head) + 1 < len(found)):
                found = [*head, piece]
        best.append(found)
    return best[-1] or [word]


@cache
def _tag_words() -> frozenset[str]:
    text = files("classifier").joinpath("lexicon", "hashtags.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    # metoo, himtoo and the like are two words each; a word that is kept whole would hide that
    return frozenset(" ".join(lines).split()) - {"metoo", "timesup", "believewomen"}
