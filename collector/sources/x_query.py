"""Groups of terms, written as the queries that X's search takes."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from collector.errors import QueryRefused
from collector.sources.protocol import Query

__all__ = ["ARCHIVE_LENGTH", "RECENT_LENGTH", "build_queries", "render"]

RECENT_LENGTH = 512
ARCHIVE_LENGTH = 1024
"""Characters that X allows in a query of a self-serve account, operators included."""

OPERATORS = frozenset({"AND", "OR"})
JOINERS = frozenset("_\u200c\u200d")
"""In words beside letters, marks and digits: Urdu and Hindi spell with (non-)joiners."""


def build_queries(groups: Mapping[str, Sequence[str]], limit: int) -> tuple[Query, ...]:
    """Write each named group as queries of at most `limit` characters.

    Terms fill queries in the order given, the first named as the group and the next `name/2`,
    `name/3` ..., so that a term added at the end leaves all full queries, and with them what
    they have covered, as they were. Raises `QueryRefused` on a term that no query can hold.
    """
    return tuple(
        Query(source="x", name=name if number == 1 else f"{name}/{number}", terms=terms)
        for name, group in groups.items()
        for number, terms in enumerate(_split(name, group, limit), start=1)
    )


def render(terms: Sequence[str]) -> str:
    """Return the text of a query: any of the terms, no retweets."""
    either = " OR ".join(_write(term) for term in terms)
    return f"({either}) -is:retweet" if len(terms) > 1 else f"{either} -is:retweet"


def _split(name: str, group: Sequence[str], limit: int) -> Iterator[tuple[str, ...]]:
    terms: tuple[str, ...] = ()
    for term in dict.fromkeys(" ".join(term.split()) for term in group):
        _check(name, term, limit)
        if terms and _length((*terms, term)) > limit:
            yield terms
            terms = ()
        terms = (*terms, term)
    if terms:
        yield terms


def _check(name: str, term: str, limit: int) -> None:
    where = f"the X query {name!r} of the configuration"
    if not any(map(_is_of_word, term)):
        raise QueryRefused(f"{where} has a term without a letter or digit: {term!r}; remove it")
    if term.startswith("#") and not _is_plain(term):
        raise QueryRefused(
            f"{where} has a hashtag that X would cut: {term!r}; "
            "a hashtag holds letters, digits and _ only"
        )
    if _length((term,)) > limit:
        raise QueryRefused(
            f"{where} has a term too long for X, {_length((term,))} of {limit} characters "
            f"with its operators; shorten the one that begins with {term[:30]!r}"
        )


def _write(term: str) -> str:
    """Write hashtags and single words as they are, all else as a phrase in quotation marks."""
    if _is_plain(term) and term not in OPERATORS:
        return term
    # X compares a phrase word by word, so that punctuation within it can go.
    return '"{}"'.format(" ".join(term.replace('"', " ").replace("\\", " ").split()))


def _is_plain(term: str) -> bool:
    return all(map(_is_of_word, term.removeprefix("#")))


def _is_of_word(character: str) -> bool:
    # Not str.isalnum: to it the vowel signs of Devanagari are no part of a word.
    return unicodedata.category(character)[0] in "LMN" or character in JOINERS


def _length(terms: Sequence[str]) -> int:
    """Count in UTF-16 units, the longer way, since X does not say how it counts emoji."""
    return len(render(terms).encode("utf-16-le")) // 2
