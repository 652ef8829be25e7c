"""Posts: as a platform gives them (`Sighting`) and as the house keeps them (`Post`)."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Literal, get_args
from zoneinfo import ZoneInfo

__all__ = [
    "COUNTRIES",
    "FORMS",
    "KINDS",
    "Country",
    "Evidence",
    "Form",
    "Kind",
    "Post",
    "Sighting",
    "hash_text",
    "local_day",
]

Form = Literal["en", "hi", "ur", "roman", "other"]
Country = Literal["PK", "IN", "other", "unknown"]
Evidence = Literal["place", "location", "community", "declared", "text", "hashtag", "none"]
Kind = Literal["post", "reply", "quote", "repost", "comment"]

FORMS: tuple[Form, ...] = get_args(Form)
COUNTRIES: tuple[Country, ...] = get_args(Country)
KINDS: tuple[Kind, ...] = get_args(Kind)

DAY_ZONES = {"PK": ZoneInfo("Asia/Karachi"), "IN": ZoneInfo("Asia/Kolkata")}


@dataclass(frozen=True, slots=True)
class Sighting:
    """A post as one platform gave it, with the hints that tell its country.

    The hints live in memory only: `place_country`, `location` and `community` are read by
    `collector.enrich` and dropped; `authors` is compared with the opt-outs and goes no further.
    `revision` orders versions of the same post, greater is newer (X: the current id; Reddit: the
    time of the edit); equal revisions are the same text.
    """

    platform: str
    native_id: str
    text: str
    created_at: datetime
    kind: Kind = "post"
    language: str | None = None
    current_id: str | None = None
    revision: int = 0
    place_country: str | None = None
    """ISO 3166 alpha-2 code that the platform attached to the post."""
    location: str | None = field(default=None, repr=False)
    """The author's stated location, free text."""
    community: str | None = None
    """Subreddit or other community whose country the configuration may name."""
    authors: tuple[str, ...] = field(default=(), repr=False, compare=False)
    """Name of the author, and `id:` with that of the account, where the platform tells them."""
    country: Country | None = None
    """Set only when an export of our own is read back."""
    about: Country | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """The one record that crosses rooms; it says nothing of who wrote it."""

    platform: str
    native_id: str
    text: str
    created_at: datetime
    collected_at: datetime
    kind: Kind
    form: Form
    language: str | None
    country: Country
    country_evidence: Evidence
    about: Country
    about_evidence: Evidence
    current_id: str | None = None
    revision: int = 0
    weight: float = 1.0
    """Inverse of the probability with which the post was sampled; 1 where all were taken."""

    @property
    def public_id(self) -> str:
        """The id shown and exported, as in `x:1052`."""
        return f"{self.platform}:{self.native_id}"

    @property
    def day(self) -> date:
        """The local day of the post where it comes from."""
        return local_day(self.created_at, self.country)


def local_day(moment: datetime, country: str) -> date:
    """Return the day of `moment` in Karachi for PK, in Kolkata for IN, in UTC otherwise."""
    return moment.astimezone(DAY_ZONES.get(country, UTC)).date()


def hash_text(text: str) -> str:
    """Return the hash by which a label remembers the text it read."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
