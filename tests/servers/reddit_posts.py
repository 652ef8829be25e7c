"""The invented submissions and comments of the Reddit on this machine."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

CEILING = 1_000
LISTINGS = {"new": "t3_", "search": "t3_", "comments": "t1_"}

Thing = dict[str, Any]


class RedditPosts:
    """Holds things by fullname and gives them in Reddit's listings."""

    def __init__(self) -> None:
        self.things: dict[str, Thing] = {}
        self.subreddits: set[str] = set()

    def submit(self, subreddit: str, title: str, at: datetime, selftext: str = "") -> str:
        """Add a submission and return its fullname."""
        extra = {"title": title, "selftext": selftext, "is_self": bool(selftext), "num_comments": 0}
        return self._add("t3", subreddit, at, extra)

    def comment(self, subreddit: str, body: str, at: datetime) -> str:
        """Add a comment and return its fullname."""
        extra = {"body": body, "link_id": "t3_zzz", "parent_id": "t3_zzz", "replies": ""}
        return self._add("t1", subreddit, at, extra)

    def edit(self, fullname: str, text: str, at: datetime) -> None:
        """Change a text as its author would."""
        key = "body" if fullname.startswith("t1_") else "selftext"
        self.things[fullname] |= {key: text, "edited": at.timestamp()}

    def delete(self, fullname: str, word: str = "[deleted]") -> None:
        """Empty a thing as Reddit does when its author deletes it or, `[removed]`, a moderator."""
        key = "body" if fullname.startswith("t1_") else "selftext"
        self.things[fullname] |= {key: word, "author": "[deleted]"}

    def give_listing(self, subreddit: str, kind: str, params: Mapping[str, str]) -> Thing:
        """Return one page of a newest-first listing, never more than 1,000 things in all."""
        found = [
            thing
            for thing in self.things.values()
            if thing["subreddit"].lower() == subreddit.lower()
            and thing["name"].startswith(LISTINGS[kind])
            and (kind != "search" or _found(thing, params.get("q", "")))
        ]
        found.sort(key=lambda thing: (thing["created_utc"], thing["name"]), reverse=True)
        return _cut_page(found[:CEILING], params)

    def give_info(self, ids: str) -> Thing:
        """Return the things with these fullnames; unknown ones are left out."""
        found = [self.things[name] for name in ids.split(",")[:100] if name in self.things]
        return _listing(found, None, None)

    def _add(self, kind: str, subreddit: str, at: datetime, extra: Thing) -> str:
        bare = _base36(46_656 + len(self.things))
        name = f"{kind}_{bare}"
        self.subreddits.add(subreddit.lower())
        self.things[name] = {
            "name": name,
            "id": bare,
            "subreddit": subreddit,
            "author": f"invented_{bare}",
            "created_utc": at.timestamp(),
            "edited": False,
            "score": 1,
            **extra,
        }
        return name


def _cut_page(found: Sequence[Thing], params: Mapping[str, str]) -> Thing:
    limit = min(int(params.get("limit", 25)), 100)
    names = [thing["name"] for thing in found]
    if params.get("before") in names:
        end = names.index(params["before"])
        start = max(0, end - limit)
    else:
        start = names.index(params["after"]) + 1 if params.get("after") in names else 0
        end = min(start + limit, len(found))
    after = names[end - 1] if start < end < len(found) else None
    return _listing(found[start:end], after, names[start] if 0 < start < end else None)


def _listing(things: Sequence[Thing], after: str | None, before: str | None) -> Thing:
    children = [{"kind": thing["name"][:2], "data": thing} for thing in things]
    data = {"after": after, "before": before, "dist": len(children), "children": children}
    return {"kind": "Listing", "data": data | {"modhash": None}}


def _found(thing: Thing, query: str) -> bool:
    """Search as loosely as Reddit: any of the quoted terms, anywhere, in parts of words too."""
    text = f"{thing['title']} {thing['selftext']}".casefold()
    return any(term.strip('" ').casefold() in text for term in query.split(" OR "))


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits
