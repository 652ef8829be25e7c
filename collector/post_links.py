"""Posts as people name them: by id, or by a link, of which only the id is taken."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from collector.errors import StoreError
from collector.forgetting import PostId

__all__ = ["parse_id", "parse_ids"]

HOW_TO = "Write platform:id, as in x:1052, or the link of a post on X or of one on Reddit."
X_ID = re.compile(r"[1-9][0-9]{0,18}")
REDDIT_ID = re.compile(r"t[13]_[0-9a-z]{1,13}")
PLATFORM = re.compile(r"[a-z][a-z0-9_.-]{0,15}")

X_HOSTS = frozenset({"x.com", "twitter.com"})
X_PATH = re.compile(r"/(?:i/web|i|\w{1,30})/status(?:es)?/(?P<id>[1-9][0-9]{0,18})(?:/.*)?")
REDDIT_HOSTS = frozenset({"reddit.com", "redd.it"})
REDDIT_PATH = re.compile(
    r"(?:/(?:r|u|user)/[\w-]+)?/comments/(?P<post>[0-9a-z]{1,13})"
    r"(?:/[^/]*(?:/(?P<comment>[0-9a-z]{1,13}))?)?(?:/.*)?"
)
SHORT_PATH = re.compile(r"/(?P<post>[0-9a-z]{1,13})/?")
SUBDOMAINS = re.compile(r"(?:www|m|mobile|old|new|np|sh)\.")


def parse_id(text: str) -> PostId:
    """Read `platform:id`, or the link of a post; raises StoreError for anything else.

    A link may name its author, so no message repeats it.
    """
    text = text.strip()
    if "://" in text or text.casefold().startswith(("x.com/", "twitter.com/", "www.")):
        return parse_link(text if "://" in text else f"https://{text}")
    platform, divider, native_id = text.partition(":")
    platform = platform.lower()
    if not (divider and PLATFORM.fullmatch(platform) and is_id(platform, native_id)):
        raise StoreError(f"This is not a post. {HOW_TO}")
    return PostId(platform, native_id)


def parse_ids(lines: Iterable[str]) -> list[PostId]:
    """Read one post per line; blank lines and those that begin with # are none.

    Raises StoreError with the numbers of the lines that are no posts, not with what they hold.
    """
    found: dict[PostId, None] = {}
    wrong: list[int] = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            found[parse_id(line)] = None
        except StoreError:
            wrong.append(number)
    if wrong:
        some = ", ".join(map(str, wrong[:10])) + (" ..." if len(wrong) > 10 else "")  # noqa: PLR2004
        raise StoreError(f"{len(wrong)} lines are no posts (line {some}). {HOW_TO}")
    return list(found)


def is_id(platform: str, native_id: str) -> bool:
    """Say whether the platform gives such ids; of one that is not ours any word may be one."""
    if platform == "x":
        return X_ID.fullmatch(native_id) is not None
    if platform == "reddit":
        return REDDIT_ID.fullmatch(native_id) is not None
    return bool(native_id) and native_id.isprintable() and " " not in native_id


def parse_link(link: str) -> PostId:
    """Return the post that a link leads to; of a comment's link the comment."""
    try:
        parts = urlsplit(link)
        host = SUBDOMAINS.sub("", (parts.hostname or "").lower(), count=1)
    except ValueError:
        host = ""
    if host in X_HOSTS and (found := X_PATH.fullmatch(parts.path)):
        return PostId("x", found["id"])
    pattern = SHORT_PATH if host == "redd.it" else REDDIT_PATH
    if host in REDDIT_HOSTS and (found := pattern.fullmatch(parts.path)):
        comment = found.groupdict().get("comment")
        return PostId("reddit", f"t1_{comment}" if comment else f"t3_{found['post']}")
    raise StoreError(f"This link leads to no post on X or Reddit that can be told by it. {HOW_TO}")
