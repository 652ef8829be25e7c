"""Where a post is from and which country it speaks of, with the kind of evidence.

Every name found says "one of these countries" (Hyderabad: PK or IN); what all names agree on is
the answer. Where they leave more than one, or contradict each other, it is `unknown`. Script is
never evidence.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from collector.gazetteer import ANYWHERE, Hit, find_between, find_places, fold
from collector.letters import Parts, compose, drop_noise, split_humps, take_apart
from collector.post import Country, Evidence

__all__ = ["about_of", "country_of", "read_about"]

Finding = tuple[Country, Evidence]
UNKNOWN: Finding = ("unknown", "none")
OTHER: frozenset[Country] = frozenset({"other"})

LONGEST_LOCATION = 200  # characters; platforms allow 30 to 150

STATE_CODE = re.compile(
    # of the USA and Canada, less those that name Indian states too (TN, AR, CT, UT, IN ...)
    r",\s*(?:AL|AK|AZ|CA|CO|DC|DE|FL|GA|HI|IA|ID|IL|KS|KY|LA|MA|MD|ME|MI|MN|MO|MS|MT|NC|ND|NE|NH"
    r"|NJ|NM|NV|NY|OH|OK|OR|PA|RI|SC|SD|TX|VA|VT|WA|WI|WV|WY|ON|BC|QC|AB|NSW|VIC|QLD)\b"
)
BETWEEN_QUALIFIED = re.compile(r"\s*,\s*")

TAG_SIGNS = re.compile(
    r"(?P<PK>pakistan|(?:metoo|timesup)pk$|aurat(?:azadi)?march|merajism)"
    r"|(?P<none>(?:native|american|west|red)_?indian|indian(?:ocean|a(?:$|polis|jones)))"
    r"|(?P<IN>india|bollywood|^bharat)"
)


def country_of(
    place_country: str | None, location: str | None, community_country: Country | None
) -> Finding:
    """Return where a post is from: platform place code, else stated location, else community.

    A location that contradicts itself ("Lahore / Delhi") is `unknown` whatever the community.
    """
    code = (place_country or "").strip().upper()
    if code and re.fullmatch("[A-Z]{2}", code):
        return ("PK" if code == "PK" else "IN" if code == "IN" else "other"), "place"
    possible = _agree(_read_location(location)) if location else ANYWHERE
    if len(possible) == 1:
        return next(iter(possible)), "location"
    if possible and community_country is not None and community_country != "unknown":
        return community_country, "community"
    return UNKNOWN


def about_of(text: str) -> Finding:
    """Return the country that a post speaks of, by names and hashtags in its text."""
    return read_about(take_apart(compose(text)))


def read_about(post: Parts) -> Finding:
    """Return the country that a post, taken apart before, speaks of; see `about_of`."""
    running = fold(post.running)
    found = _qualify(find_places(running, stated=False), running)
    said = [hit for hit in found if hit.place.reach == "text"]
    tagged = [place for tag in post.hashtags for place in _read_tag(tag)]
    if not said and not tagged:
        return UNKNOWN
    hits = [(hit.place.kind, hit.place.countries) for hit in said] + tagged
    # Hollywood in a post on Bollywood is a comparison, not a second subject
    firm = [countries for kind, countries in hits if (kind, countries) != ("sign", OTHER)]
    possible = _agree(firm or [countries for _, countries in hits])
    if len(possible) != 1:
        return UNKNOWN
    return next(iter(possible)), _name_evidence(possible, said)


def _name_evidence(possible: frozenset[Country], said: Sequence[Hit]) -> Evidence:
    return "text" if any(hit.place.countries == possible for hit in said) else "hashtag"


def _read_location(location: str) -> list[frozenset[Country]]:
    location = drop_noise(location[:LONGEST_LOCATION])
    folded = fold(STATE_CODE.sub(", united states", location))
    return [hit.place.countries for hit in _qualify(find_places(folded, stated=True), folded)]


@lru_cache(maxsize=8_192)  # the same hashtags come again and again
def _read_tag(tag: str) -> list[tuple[str, frozenset[Country]]]:
    folded = fold(split_humps(tag))
    hits = [hit for hit in find_places(folded, stated=False) if hit.place.reach == "text"]
    found = [(hit.place.kind, hit.place.countries) for hit in hits]
    for sign in TAG_SIGNS.finditer(folded.replace(" ", "")):
        if sign.lastgroup == "PK":
            found.append(("sign", frozenset({"PK"})))
        elif sign.lastgroup == "IN":
            found.append(("sign", frozenset({"IN"})))
    return found


def _qualify(hits: Sequence[Hit], folded: str) -> list[Hit]:
    """Drop the places that a country or state elsewhere follows, as in "Lahore, Virginia"."""
    if not hits:
        return []
    return [
        hit
        for hit, after in zip(hits, [*hits[1:], None], strict=False)
        if after is None or not _is_elsewhere(hit, after, folded)
    ]


def _is_elsewhere(hit: Hit, after: Hit, folded: str) -> bool:
    return (
        hit.place.kind in ("city", "region")
        and after.place.kind in ("country", "region")
        and after.place.countries == OTHER
        and BETWEEN_QUALIFIED.fullmatch(find_between(hit, after, folded)) is not None
    )


def _agree(all_countries: Iterable[frozenset[Country]]) -> frozenset[Country]:
    """Return the countries that every name allows; all of them where nothing was named."""
    return ANYWHERE.intersection(*all_countries)
