"""Archives: files of posts that others collected, read as a stream."""

from collector.archives.archive import FORMATS, Archive, Item, open_archive

__all__ = ["FORMATS", "Archive", "Item", "open_archive"]
