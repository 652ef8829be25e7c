"""Files as numbered lines of bytes, unpacked while they are read."""

import gzip
import io
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING

from collector.errors import ArchiveError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from zstandard import ZstdDecompressionObj

__all__ = ["MAX_LINE", "LineStream", "read_magic"]

MAX_LINE = 32 * 1024**2
"""Bytes of the longest line that is read; a page of 500 tweets takes about three million."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGICS = (b"\x28\xb5\x2f\xfd", *(bytes((n, 0x2A, 0x4D, 0x18)) for n in range(0x50, 0x60)))
MAGIC = 64
ZSTD_WINDOW = 2**31  # Reddit dumps are packed with `zstd --long=31`
ZSTD_STEP = 2048
"""Packed bytes taken at a time; 2 KiB of a hostile file unpack to 64 MiB at the worst."""


def read_magic(path: Path) -> bytes:
    """Return the first bytes of the file; raises `ArchiveError` if it cannot be read."""
    try:
        if not stat.S_ISREG(path.stat().st_mode) and not path.is_dir():
            raise ArchiveError(f"{path} is no file but a device or pipe. Save it to a file first.")
        with path.open("rb") as file:
            return file.read(MAGIC)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise ArchiveError(_explain(path, error)) from error


class LineStream:
    """The lines of a plain, gzip or Zstandard file, numbered from 1, in constant memory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.position = 0
        """Bytes of the file, as it lies on disk, that were consumed so far."""

    def __iter__(self) -> Iterator[tuple[int, bytes | None]]:
        """Yield (number, line), the line being None where it is longer than `MAX_LINE`.

        Raises `ArchiveError` if the file cannot be read or is damaged.
        """
        magic, number = read_magic(self.path), 0
        try:
            with self.path.open("rb") as raw, _unpack(raw, magic) as lines:
                while line := lines.readline(MAX_LINE):
                    number += 1
                    if number == 1:
                        line = line.removeprefix(BYTE_ORDER_MARK)
                    whole = _is_whole(line)
                    if not whole:
                        _drain(lines)
                    self.position = raw.tell()
                    yield number, line if whole else None
        except (OSError, EOFError, zlib.error, UnpackError) as error:
            where = f" after line {number}" if number else ""
            raise ArchiveError(_explain(self.path, error, where)) from error


class UnpackError(Exception):
    """A Zstandard file is damaged; private to this module."""


class ZstdFile(io.RawIOBase):
    """Unpacks Zstandard frames one after the other.

    zstandard's own stream reader takes a file that breaks off for one that ends, hence this.
    """

    def __init__(self, raw: IO[bytes]) -> None:
        import zstandard  # noqa: PLC0415  slow to import, and few archives need it

        self._raw = raw
        self._error = zstandard.ZstdError
        self._unpacker = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW)
        self._frame: ZstdDecompressionObj | None = None
        self._packed = b""
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        target = memoryview(buffer).cast("B")
        while not self._ready and self._advance():
            pass
        count = min(len(target), len(self._ready))
        target[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def _advance(self) -> bool:
        """Unpack one step; return False at the end of the last frame."""
        packed = self._packed or self._raw.read(ZSTD_STEP)
        if not packed:
            if self._frame is not None:
                raise UnpackError("it breaks off in the middle of a frame")
            return False
        frame = self._frame or self._unpacker.decompressobj()
        try:
            self._ready = memoryview(frame.decompress(packed))
        except self._error as error:
            raise UnpackError("its packed data is damaged") from error
        self._packed, self._frame = (frame.unused_data, None) if frame.eof else (b"", frame)
        return True


def _unpack(raw: IO[bytes], magic: bytes) -> IO[bytes]:
    if magic.startswith(GZIP_MAGIC):
        return gzip.GzipFile(fileobj=raw, mode="rb")  # type: ignore[return-value]
    if magic.startswith(ZSTD_MAGICS):
        return io.BufferedReader(ZstdFile(raw))
    return raw


def _is_whole(line: bytes) -> bool:
    return len(line) < MAX_LINE or line.endswith(b"\n")


def _drain(lines: IO[bytes]) -> None:
    """Pass over the rest of a line without keeping it."""
    while (part := lines.readline(MAX_LINE)) and not _is_whole(part):
        pass


def _explain(path: Path, error: Exception, where: str = "") -> str:
    match error:
        case FileNotFoundError():
            return f"{path}: there is no such file. Look at the path."
        case IsADirectoryError():
            return f"{path} is a folder. Name the files in it, as in {path}/*.jsonl."
        case PermissionError():
            return f"{path} may not be read. Give yourself the right to read it (chmod u+r)."
        case _:
            return (
                f"{path} is damaged{where} ({error}). Fetch it again and import it again; "
                "posts that are in already are not doubled."
            )
