"""From sightings to posts: form and countries are told, hints on the author are dropped."""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime

from collector.country import country_of, read_about
from collector.form import read_forms
from collector.letters import Parts, take_apart
from collector.post import Country, Evidence, Form, Post, Sighting

__all__ = ["clean_text", "enrich"]

Hints = tuple[str | None, str | None, str | None]
Finding = tuple[Country, Evidence]


def enrich(
    sightings: Sequence[Sighting],
    collected_at: datetime,
    community_countries: Mapping[str, Country] | None = None,
) -> list[Post]:
    """Return the post of each sighting, in order.

    `community_countries` names the country of communities, whatever the case of their names.
    Stated location, place and community go no further than this function.
    """
    communities = {
        name.casefold(): country for name, country in (community_countries or {}).items()
    }
    texts = [clean_text(sighting.text) for sighting in sightings]
    parts = [take_apart(text) for text in texts]
    forms = read_forms(parts, [sighting.language for sighting in sightings])
    known: dict[Hints, Finding] = {}  # of this page alone: people state the same few places
    countries = [_find_country(sighting, communities, known) for sighting in sightings]
    abouts = [_find_about(*pair) for pair in zip(sightings, parts, strict=True)]
    told = zip(sightings, texts, forms, countries, abouts, strict=True)
    return [_build(*each, collected_at) for each in told]


def clean_text(text: str) -> str:
    """Return `text` as every store can keep it: NFC, no NUL, surrogates paired or replaced."""
    if text.isascii():
        return text.replace("\x00", "")
    paired = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return unicodedata.normalize("NFC", paired.replace("\x00", ""))


def _build(
    sighting: Sighting,
    text: str,
    form: Form,
    country: Finding,
    about: Finding,
    collected_at: datetime,
) -> Post:
    return Post(
        platform=sighting.platform,
        native_id=sighting.native_id,
        text=text,
        created_at=sighting.created_at,
        collected_at=collected_at,
        kind=sighting.kind,
        form=form,
        language=sighting.language,
        country=country[0],
        country_evidence=country[1],
        about=about[0],
        about_evidence=about[1],
        current_id=sighting.current_id,
        revision=sighting.revision,
    )


def _find_country(
    sighting: Sighting, communities: Mapping[str, Country], known: dict[Hints, Finding]
) -> Finding:
    if sighting.country is not None:
        return sighting.country, "declared"
    hints = (sighting.place_country, sighting.location, sighting.community)
    found = known.get(hints)
    if found is None:
        community = communities.get((sighting.community or "").casefold())
        found = country_of(sighting.place_country, sighting.location, community)
        known[hints] = found
    return found


def _find_about(sighting: Sighting, parts: Parts) -> Finding:
    if sighting.about is not None:
        return sighting.about, "declared"
    return read_about(parts)
