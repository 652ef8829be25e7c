"""Lines of plain and packed files: whole, numbered, and never more than one in memory."""

import gzip
import random
import tracemalloc
from pathlib import Path

import pytest
import zstandard

from collector.archives import stream
from collector.archives.stream import LineStream
from collector.errors import ArchiveError

LINES = [b"one\n", b"\n", b"three\r\n", b"four"]
WINDOW_LOG = 31


def frame(payload: bytes, window_log: int = WINDOW_LOG) -> bytes:
    """A Zstandard frame of one raw block that asks for a window of 2**window_log bytes."""
    window = bytes([(window_log - 10) << 3])
    block = (len(payload) << 3 | 1).to_bytes(3, "little") + payload
    return b"\x28\xb5\x2f\xfd\x00" + window + block


def read(path: Path) -> list[tuple[int, bytes | None]]:
    return list(LineStream(path))


@pytest.mark.parametrize(
    "pack",
    [
        pytest.param(bytes, id="plain"),
        pytest.param(gzip.compress, id="gzip"),
        pytest.param(zstandard.compress, id="zstd"),
        pytest.param(frame, id="zstd-long-window"),
        pytest.param(lambda data: gzip.compress(data[:5]) + gzip.compress(data[5:]), id="members"),
        pytest.param(lambda data: frame(data[:5]) + frame(b"") + frame(data[5:]), id="frames"),
        pytest.param(
            lambda data: b"\x50\x2a\x4d\x18\x03\x00\x00\x00abc" + frame(data), id="skippable-first"
        ),
    ],
)
def test_lines_are_numbered_whatever_packs_them(tmp_path: Path, pack: object) -> None:
    assert callable(pack)
    path = tmp_path / "lines"
    path.write_bytes(pack(b"".join(LINES)))
    lines = LineStream(path)
    assert list(lines) == list(enumerate(LINES, 1))
    assert lines.position == path.stat().st_size


def test_a_byte_order_mark_is_not_part_of_the_first_line(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b"\xef\xbb\xbfone\n\xef\xbb\xbftwo\n")
    assert read(path) == [(1, b"one\n"), (2, b"\xef\xbb\xbftwo\n")]


def test_a_line_without_end_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "MAX_LINE", 10)
    path = tmp_path / "lines"
    path.write_bytes(b"short\n" + b"x" * 35 + b"\n123456789\n1234567890\nlast")
    assert read(path) == [
        (1, b"short\n"),
        (2, None),
        (3, b"123456789\n"),
        (4, None),
        (5, b"last"),
    ]


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress, frame])
def test_a_packed_file_that_breaks_off_is_an_error_wherever_it_does(
    tmp_path: Path, pack: object
) -> None:
    assert callable(pack)
    whole = pack(random.Random(1).randbytes(300))  # noqa: S311
    path = tmp_path / "lines"
    for length in range(4, len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(ArchiveError, match="Fetch it again"):
            read(path)


def test_damage_names_the_last_good_line(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(frame(b"one\ntwo\n") + b"\x28\xb5\x2f\xfd\xff\xff\xff\xff\xff\xff")
    with pytest.raises(ArchiveError, match="damaged after line"):
        read(path)


def test_a_packed_file_is_read_in_constant_memory(tmp_path: Path) -> None:
    path, drawn = tmp_path / "lines.zst", random.Random(1)  # noqa: S311
    lines = [drawn.randbytes(500).hex().encode() + b"\n" for _ in range(2000)]
    path.write_bytes(b"".join(zstandard.compress(b"".join(lines)) for _ in range(20)))
    tracemalloc.start()
    try:
        count = sum(1 for _ in LineStream(path))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 40_000
    assert peak < 2**20, "of 40 MB"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(Path.exists, "no such file", id="missing"),
        pytest.param(Path.mkdir, "is a folder", id="folder"),
    ],
)
def test_what_is_no_file_is_said_so(tmp_path: Path, make: object, message: str) -> None:
    assert callable(make)
    path = tmp_path / "thing"
    make(path)
    with pytest.raises(ArchiveError, match=message):
        read(path)


def test_a_device_is_not_read() -> None:
    if not Path("/dev/zero").exists():
        pytest.skip("this system has no /dev/zero")
    with pytest.raises(ArchiveError, match="device or pipe"):
        read(Path("/dev/zero"))
