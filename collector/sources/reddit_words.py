"""Words to look for on Reddit: asked of a search, and sifted out of what a listing gives."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from collector.post import Sighting
from collector.sources.protocol import Skip, Window
from collector.sources.reddit_thing import sighting_from_thing
from collector.sources.terms import TermMatcher

__all__ = ["join_terms", "sift"]


def sift(
    things: Iterable[Mapping[str, Any]], matcher: TermMatcher, window: Window
) -> tuple[list[Sighting], list[Skip]]:
    """Return the posts of `window` that hold a term, and what could not be taken."""
    sightings: list[Sighting] = []
    skips: list[Skip] = []
    for found in map(sighting_from_thing, things):
        if isinstance(found, Skip):
            skips.append(found)
        elif window.since <= found.created_at < window.until and matcher.matches(found.text):
            sightings.append(found)
    return sightings, skips


def join_terms(terms: Iterable[str]) -> str:
    """Write terms as Reddit's search reads them: quoted, without a hashtag's sign, OR between."""
    plain = (" ".join(re.sub(r'[#＃"\\]', " ", term).split()) for term in terms)
    return " OR ".join(f'"{words}"' for words in dict.fromkeys(plain))
