"""Annotations: the stance that a person gave to a post, and by what chance the post was drawn."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from classifier.annotation_schema import annotations
from classifier.errors import AnnotationError
from collector.forgetting import PostId
from collector.schema import posts
from collector.store import Change
from config.codebook import FRAMES, STANCES, stance_of_frame

__all__ = [
    "AnnotatedPost",
    "Annotation",
    "Recorded",
    "check_annotation",
    "follow_posts",
    "read_annotations",
    "record_annotations",
]

CHUNK = 500
CODER = re.compile(r"[A-Za-z0-9]{1,32}")
CODEBOOK = re.compile(r"(?=.{1,8}$)[0-9]+(\.[0-9]+)*")
LONGEST_REASON = 64
KEY = ("post_id", "coder", "codebook")
CODED = ("stance", "frame", "drawn_because", "probability")
CODES = ("coder", "codebook", *CODED, "text_hash")

NOT_STORED = "The post is not stored here. Import it first, unless it was forgotten."
EXPIRED = "The text of the post has expired, so nothing tells what was read."
OTHER_TEXT = "The text that was read is not the one stored now. Annotate the post again."
REPEATED = "The same coder annotates the post again further down. The last one counts."


@dataclass(frozen=True, slots=True)
class Annotation:
    """What one coder says of one post under one version of the codebook.

    `frame` is empty where only the stance was coded. `probability` is that of drawing the post for
    annotation, above 0 and at most 1; None where it is not known, as for posts picked by hand.
    `text_hash` is that of the text that was read; empty, when it is recorded: the stored one.
    """

    post: PostId
    coder: str
    stance: str
    codebook: str
    drawn_because: str
    probability: float | None
    frame: str = ""
    text_hash: str = ""


@dataclass(frozen=True, slots=True)
class AnnotatedPost:
    """An annotation with its post."""

    annotation: Annotation
    current: bool
    """Whether it is of the text that the post has now, or had last where that has expired."""
    text: str | None
    """The text that was annotated; None where it was edited since or has expired."""
    form: str
    country: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of the annotations; `left_out` says why, by their place in the sequence."""

    new: int
    replaced: int
    unchanged: int
    left_out: Mapping[int, str]


def follow_posts(connection: Connection, post_ids: Sequence[int], change: Change) -> None:
    """Keep annotations true when the collector changes posts (see `Store.on_change`).

    A forgotten post's annotations go with its row (see the schema); those of an edited post stay,
    and the hash tells that they are of an earlier text.
    """
    if change != "expired":
        return
    # As with labels, the code of the last text outlives it: beside the label of that same text it
    # says how often the model is right, and without text and hash it tells no more than the label
    # does. A code of an earlier text is compared with nothing, so it goes.
    chosen = annotations.c.post_id.in_(post_ids)
    last = select(posts.c.text_hash).where(posts.c.id == annotations.c.post_id).scalar_subquery()
    connection.execute(delete(annotations).where(chosen, annotations.c.text_hash != last))
    connection.execute(update(annotations).where(chosen).values(text_hash=""))


def check_annotation(one: Annotation) -> None:
    """Raise AnnotationError, repeating nothing that it holds, where it cannot be recorded."""
    if one.stance not in STANCES:
        raise AnnotationError(f"The stance is not known. Use one of {', '.join(STANCES)}.")
    if one.frame and one.frame not in FRAMES:
        raise AnnotationError(f"The frame is not known. Use one of {', '.join(FRAMES)}, or none.")
    if one.frame and stance_of_frame(one.frame) != one.stance:
        raise AnnotationError("The frame belongs to another stance. Correct one of the two.")
    if not CODER.fullmatch(one.coder):
        raise AnnotationError(
            "The coder needs a code of 1 to 32 Latin letters and digits. Never use a name or an"
            " e-mail address."
        )
    if not CODEBOOK.fullmatch(one.codebook):
        raise AnnotationError("The codebook needs its version. Write it as in 1.3.")
    because = one.drawn_because
    if not (0 < len(because) <= LONGEST_REASON and because.isprintable()) or "@" in because:
        raise AnnotationError(
            f"The reason for the draw is missing or too long. Give up to {LONGEST_REASON}"
            " characters without @, as in random or unsure."
        )
    if one.probability is not None and not 0 < one.probability <= 1:
        raise AnnotationError(
            "The probability of the draw is not above 0 and at most 1. Leave it empty where it is"
            " not known."
        )


def record_annotations(connection: Connection, given: Sequence[Annotation]) -> Recorded:
    """Write annotations inside the caller's transaction; writing them twice changes nothing.

    The same coder's annotation of the same post under the same codebook is replaced. Raises
    AnnotationError for one that cannot be recorded, before any is written.
    """
    for one in given:
        check_annotation(one)
    placed, left_out = place_annotations(given, find_posts(connection, given))
    known = read_known(connection, [post_id for post_id, _, _ in placed])
    fresh = [one for key, one in placed.items() if key not in known]
    changed = [one for key, one in placed.items() if key in known and one.differs(known[key])]
    write_rows(connection, [one.row for one in (*fresh, *changed)])
    unchanged = len(placed) - len(fresh) - len(changed)
    return Recorded(len(fresh), len(changed), unchanged, left_out)


Key = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class Placed:
    """An annotation whose post was found: its row, and whether it told which text was read."""

    row: dict[str, object]
    tells_text: bool

    def differs(self, stored: RowMapping) -> bool:
        """Say whether it says something else; of an unnamed text it may still be the stored one.

        Otherwise a table imported again after an edit would pass for annotations of the new text.
        """
        names = (*CODED, "text_hash") if self.tells_text else CODED
        return any(self.row[name] != stored[name] for name in names)


def place_annotations(
    given: Sequence[Annotation], found: Mapping[PostId, RowMapping]
) -> tuple[dict[Key, Placed], dict[int, str]]:
    """Return what can be written, the last of each key, and why the others are left out."""
    placed: dict[Key, Placed] = {}
    places: dict[Key, int] = {}
    left_out: dict[int, str] = {}
    for place, one in enumerate(given):
        post = found.get(one.post)
        reason = find_hindrance(one, post)
        if post is None or reason:
            left_out[place] = reason
            continue
        key = (post["id"], one.coder, one.codebook)
        if key in places:
            left_out[places[key]] = REPEATED
        row = dict(zip(KEY, key, strict=True)) | {name: getattr(one, name) for name in CODED}
        placed[key] = Placed({**row, "text_hash": post["text_hash"]}, bool(one.text_hash))
        places[key] = place
    return placed, left_out


def find_hindrance(one: Annotation, post: RowMapping | None) -> str:
    """Return why an annotation cannot be kept with this stored post; empty where it can."""
    if post is None:
        return NOT_STORED
    if post["expired"]:
        return EXPIRED
    return OTHER_TEXT if one.text_hash not in ("", post["text_hash"]) else ""


def find_posts(connection: Connection, given: Sequence[Annotation]) -> dict[PostId, RowMapping]:
    """Return the stored posts that are annotated, by whichever of their ids they are named."""
    found: dict[PostId, RowMapping] = {}
    for platform in {one.post.platform for one in given}:
        natives = sorted({one.post.native_id for one in given if one.post.platform == platform})
        for start in range(0, len(natives), CHUNK):
            chunk = natives[start : start + CHUNK]
            query = select(
                *(posts.c[name] for name in ("id", "native_id", "current_id", "text_hash")),
                posts.c.text.is_(None).label("expired"),
            ).where(
                posts.c.platform == platform,
                or_(posts.c.native_id.in_(chunk), posts.c.current_id.in_(chunk)),
            )
            for row in connection.execute(query).mappings():
                ids = (row["native_id"], row["current_id"])
                found.update((PostId(platform, i), row) for i in ids if i)
    return found


def read_known(connection: Connection, post_ids: Sequence[int]) -> dict[Key, RowMapping]:
    """Return the stored annotations of these posts by key."""
    known: dict[Key, RowMapping] = {}
    for start in range(0, len(post_ids), CHUNK):
        chosen = annotations.c.post_id.in_(post_ids[start : start + CHUNK])
        for row in connection.execute(select(annotations).where(chosen)).mappings():
            known[row["post_id"], row["coder"], row["codebook"]] = row
    return known


def write_rows(connection: Connection, rows: Sequence[dict[str, object]]) -> None:
    """Insert rows, or overwrite those of the same key."""
    if not rows:
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(annotations)
    newest = {name: statement.excluded[name] for name in (*CODED, "text_hash")}
    connection.execute(statement.on_conflict_do_update(index_elements=KEY, set_=newest), rows)


def read_annotations(connection: Connection) -> Iterator[AnnotatedPost]:
    """Yield every annotation with its post, in the order in which the posts were stored."""
    current = annotations.c.text_hash == posts.c.text_hash
    of_post = ("platform", "native_id", "text", "form", "country")
    query = (
        select(*(annotations.c[name] for name in CODES), *(posts.c[name] for name in of_post))
        .add_columns(current.label("current"))
        .join(posts, posts.c.id == annotations.c.post_id)
        .order_by(*(annotations.c[name] for name in KEY))
    )
    for row in connection.execute(query).mappings():
        codes = {name: row[name] for name in CODES}
        one = Annotation(PostId(row["platform"], row["native_id"]), **codes)
        text = row["text"] if row["current"] else None
        yield AnnotatedPost(one, bool(row["current"]), text, row["form"], row["country"])
