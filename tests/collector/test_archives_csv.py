"""CSV and TSV: what is sound is taken, what is broken is one skip."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.archives import open_archive
from collector.archives.csv_rows import MAX_LINES
from collector.archives.refusal import Item
from collector.errors import ArchiveError
from collector.post import Sighting
from collector.sources.protocol import Skip

HEADER = "id,platform,created_at,text\n"


def row(number: int, text: str = "an invented post") -> str:
    return f"{number},x,2018-10-10T20:19:24Z,{text}\n"


def read(path: Path, content: str | bytes) -> list[Item]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(open_archive(path).items())


def ids(items: list[Item]) -> list[str]:
    return [item.native_id for item in items if isinstance(item, Sighting)]


def skips(items: list[Item]) -> list[tuple[str, str]]:
    return [(item.where, item.reason) for item in items if isinstance(item, Skip)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "posts.csv"


def test_texts_keep_their_line_ends_quotes_and_delimiters(path: Path) -> None:
    text = 'she said: "no",\nand again,\r\n\nno; پھر نہیں\t!'
    buffer = io.StringIO()
    csv.writer(buffer).writerows([["id", "text", "date"], ["1", text, "2018-10-10"]])
    (item,) = read(path, "\ufeff" + buffer.getvalue())
    assert isinstance(item, Sighting)
    assert item.text == text


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_delimiters_and_line_ends_of_all_tools(path: Path, delimiter: str, end: str) -> None:
    cells = [["id", "text", "date"], ["1", "invented", "2018-10-10"], ["2", "more", "2018-10-11"]]
    assert len(read(path, end.join(delimiter.join(each) for each in cells))) == 2


def test_blank_rows_are_no_rows(path: Path) -> None:
    assert ids(read(path, f"\n\n{HEADER}\n{row(1)},,,\n\r\n{row(2)}\n")) == ["1", "2"]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (b"2,x\n", "fewer cells than the header"),
        (b"2,x,2018-10-10,a text, with a comma\n", "more cells than the header"),
        (b"2,x,2018-10-10,caf\xe9\n", "not UTF-8"),
        (b"2,x,2018-10-10,a\0b\n", "NUL byte"),
        (b"2,x,2018-10-10,a\rb\n", "not CSV"),
        (b"2,x,2018-10-10," + b"x" * 200_000 + b"\n", "not CSV"),
        (b"2,x,2018-10-10,\n", "no text"),
        (b"2,x,,invented\n", "no date"),
        (b"2,x,10/11/2018,invented\n", "date in no known format"),
        (b"2,x,0001-01-01,invented\n", "implausible date"),
        (b"2,x,9999-12-31,invented\n", "implausible date"),
        (b"2,x,2005-12-31,invented\n", "implausible date"),
        (b"1.05E+18,x,2018-10-10,invented\n",
         "id rounded by a spreadsheet (like 1.05E+18): export the ids as text"),
        (b'2,x,2018-10-10,"never closed\n', "quotation mark that never closes"),
    ],
)  # fmt: skip
def test_a_broken_row_is_one_skip_at_its_line(path: Path, broken: bytes, reason: str) -> None:
    content = (HEADER + row(1)).encode() + broken + (row(3) + row(4)).encode()
    items = read(path, content)
    assert ids(items) == ["1", "3", "4"]
    assert skips(items) == [("line 3", reason)]


def test_spare_empty_cells_are_no_fault(path: Path) -> None:
    assert ids(read(path, HEADER + "1,x,2018-10-10,invented,,\n")) == ["1"]


def test_line_numbers_count_the_lines_within_texts(path: Path) -> None:
    items = read(path, HEADER + row(1, '"one\ntwo\nthree"') + "5,x\n")
    assert ids(items) == ["1"]
    assert skips(items) == [("line 5", "fewer cells than the header")]


def test_a_stray_quote_costs_its_own_row_only(path: Path) -> None:
    lines = [row(number) for number in range(MAX_LINES + 500)]
    lines[7] = row(7, '"never closed')
    lines[300] = row(300, 'says "so" in the middle')
    items = read(path, HEADER + "".join(lines[1:]))
    assert skips(items) == [("line 8", "quotation mark that never closes")]
    assert len(ids(items)) == MAX_LINES + 498


def test_two_stray_quotes_swallow_nothing_between_them(path: Path) -> None:
    lines = [row(1, '"opened'), row(2), row(3), row(4, 'closed"'), row(5)]
    items = read(path, HEADER + "".join(lines))
    assert ids(items) == ["2", "3", "4", "5"]
    assert skips(items) == [("line 2", "quotation mark that never closes")]


def test_quotes_in_unquoted_tab_separated_values_are_text(path: Path) -> None:
    lines = [
        "id\ttext\tdate",
        '1\t"yes" she said\t2018-10-10',
        '2\t"no\t2018-10-10',
        "3\tb\t2018-10-10",
    ]
    items = read(path, "\n".join(lines))
    assert [item.text for item in items if isinstance(item, Sighting)] == [
        '"yes" she said', '"no', "b",
    ]  # fmt: skip


def test_a_header_that_cannot_be_read_is_an_error(path: Path) -> None:
    path.write_bytes(b"id,text,date\rno,line,ends\r")
    with pytest.raises(ArchiveError, match="no header"):
        open_archive(path, "csv")


@given(
    rows=st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
            min_size=3,
            max_size=3,
        ),
        max_size=20,
    )
)
def test_what_a_csv_writer_wrote_comes_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "written.csv"
    buffer = io.StringIO(newline="")
    numbered = [[str(n), "2018-10-10", *cells] for n, cells in enumerate(rows, 1)]
    csv.writer(buffer).writerows([["id", "date", "location", "note", "text"], *numbered])
    items = read(path, buffer.getvalue())
    assert len(items) == len(rows)
    taken = {item.native_id: item for item in items if isinstance(item, Sighting)}
    for number, _, location, _, text in numbered:
        assert (number in taken) == bool(text.strip())
        if number in taken:
            assert taken[number].text == text
            assert taken[number].location in {location.strip(), None}


@given(content=st.binary())
def test_any_bytes_under_a_header_are_rows_or_skips(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "bytes.csv"
    items = read(path, HEADER.encode() + content + b"\n" + row(1).encode())
    assert items or not content.strip()
