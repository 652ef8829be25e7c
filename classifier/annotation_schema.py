"""The table of annotations: what people, not models, say of posts."""

from sqlalchemy import Column, Connection, Float, ForeignKey, MetaData, String, Table

from collector.schema import posts

__all__ = ["add_annotations", "annotations"]

annotations = Table(
    "annotations",
    MetaData(),
    # Cascade, unlike labels: no count hangs on these rows, so the database itself sees to it that
    # they go with their post, whoever deletes it.
    Column("post_id", ForeignKey(posts.c.id, ondelete="CASCADE"), primary_key=True),
    Column("coder", String(32), primary_key=True),
    Column("codebook", String(8), primary_key=True),
    Column("text_hash", String(32), nullable=False),
    Column("stance", String(16), nullable=False),
    Column("frame", String(24), nullable=False),
    Column("drawn_because", String(64), nullable=False),
    Column("probability", Float),
)
"""`frame` is empty where only the stance was coded; `probability` is null where it is not known,
as for posts picked by hand. `text_hash` is empty once the text has expired."""


def add_annotations(connection: Connection) -> None:
    """Create annotations."""
    annotations.create(connection, checkfirst=True)
