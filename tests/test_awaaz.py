"""The command line, through its own process."""

import gzip
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa

from collector.errors import ArchiveError
from collector.importing import import_archive
from collector.schema import posts, runs
from dashboard.errors import ExportError
from dashboard.export_files import open_export, tell_faults
from tests.commanding import Command, call, wait_until
from tests.conftest import ROOT
from tests.servers.reddit_server import CLIENT_ID, CLIENT_SECRET, RedditServer
from tests.servers.x_server import XServer
from tests.stores import open_test_store
from tests.test_killed import write_archive

LINES = [
    {"id": "1050000000000000001", "text": "I believe every one of them. #MeToo"},
    {"id": "1050000000000000002", "text": "she only wants fame, it is all lies #MeToo"},
    {"id": "1050000000000000003", "text": "ہم ان کے ساتھ ہیں جو بول رہی ہیں"},
    {"id": "1050000000000000004", "text": "भारत में आज बारिश होगी"},
    {"id": "1050000000000000005", "text": "ইচ্ছা করে বলেনি কেউ"},
]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A small twarc archive with one bad line."""
    path = tmp_path / "archive.jsonl"
    rows = [{**line, "created_at": "2018-10-10T10:00:00.000Z", "lang": "und"} for line in LINES]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join([*lines[:2], "{broken", *lines[2:]]) + "\n", encoding="utf-8")
    return path


def test_the_whole_line_from_archive_to_export(archive: Path, tmp_path: Path) -> None:
    first = call("import", str(archive))
    assert "6 read, 5 new" in first.stdout
    assert "line 3" in first.stdout
    assert first.stderr == "", "cron mails whatever stands there, were it a blank line"
    assert "0 new" in call("import", str(archive)).stdout
    assert "4 posts labelled" in call("label").stdout
    assert "0 posts labelled" in call("label").stdout
    out = tmp_path / "out" / "posts.csv"
    shown = call("export", "--format", "csv", "--out", str(out), "--with-text")
    assert "5 posts written" in shown.stdout
    assert "texts" in shown.stderr
    assert "formula" in shown.stderr.replace("\n", " ")
    table = pl.read_csv(out)
    assert table.height == 5
    assert table["stance"].null_count() == 1
    assert table.filter(pl.col("form") == "other")["stance"].to_list() == [None]
    assert table["id"][0] == "x:1050000000000000001"
    manifest = json.loads(out.with_name("posts.csv.manifest.json").read_text(encoding="utf-8"))
    assert (manifest["rows"], manifest["labelled"]) == (5, 4)
    assert set(manifest["columns"]) == set(table.columns)
    status = call("status").stdout
    assert "waiting: 0" in status
    assert "import-twarc" in status


@pytest.mark.skipif(sys.platform != "linux", reason="file names are Unicode here")
def test_a_file_with_a_name_in_another_encoding_is_imported(archive: Path) -> None:
    named = archive.rename(archive.with_name(os.fsdecode(b"caf\xe9.jsonl")))
    assert "caf?.jsonl (twarc): 6 read, 5 new" in call("import", str(named)).stdout
    assert "caf?.jsonl" in call("status").stdout


def test_what_comes_before_a_damage_is_in_and_counted(tmp_path: Path) -> None:
    whole, cut = tmp_path / "archive.jsonl", tmp_path / "cut.jsonl.gz"
    write_archive(whole, 40)
    lines = whole.read_bytes().splitlines(keepends=True)
    packed = gzip.compress(b"".join([*lines[:30], b"{broken\n", *lines[30:]]), compresslevel=0)
    cut.write_bytes(packed[: packed.index(lines[31])])
    store = open_test_store(f"sqlite:///{tmp_path}/store.db")
    told = r"after line 32 .*Before the damage: 32 read, 31 new, .* 1 skipped\.$"
    with pytest.raises(ArchiveError, match=told):
        import_archive(store, cut)
    with store.reading() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(posts)) == 31
        assert connection.scalars(sa.select(runs.c.stop)).all() == ["error"]
    store.close()


@pytest.mark.parametrize("file_format", ["csv", "jsonl", "parquet"])
def test_an_export_can_be_imported_again(archive: Path, tmp_path: Path, file_format: str) -> None:
    call("import", str(archive))
    out = tmp_path / f"posts.{file_format}"
    call("export", "--format", file_format, "--out", str(out), "--with-text")
    fresh = f"sqlite:///{tmp_path}/fresh.db"
    again = call("import", str(out), AWAAZ_STORE__URL=fresh)
    assert "5 read, 5 new" in again.stdout
    assert "5 already there" in call("import", str(archive), AWAAZ_STORE__URL=fresh).stdout.replace(
        "\n", " "
    )


def test_export_filters_and_refuses_what_does_not_exist(archive: Path, tmp_path: Path) -> None:
    call("import", str(archive))
    out = str(tmp_path / "few.csv")
    filters = ("--form", "ur", "--form", "hi", "--until", "2018-10-10", "--platform", "Twitter")
    shown = call("export", "--out", out, *filters)
    assert "2 posts written" in shown.stdout
    assert (
        "There is no stance angry"
        in call("export", "--out", out, "--stance", "angry", code=1).stderr
    )
    refused = call("export", "--out", out, "--format", "parquet", code=2).stderr
    assert "--out ends in .csv, but --format is parquet" in " ".join(refused.split())
    assert pl.read_csv(out).height == 2, "a refused export leaves what was there"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with a name here")
def test_an_export_takes_the_place_of_files_only(archive: Path, tmp_path: Path) -> None:
    pipe, table, link = (tmp_path / name for name in ("pipe", "table.csv", "link.csv"))
    os.mkfifo(pipe)
    for place, told in ((pipe, "device or pipe"), (tmp_path, "is a folder"), (Path(), "a folder")):
        with pytest.raises(ExportError, match=told), open_export(place, "csv"):
            pytest.fail("its place was taken")
    assert pipe.is_fifo()
    link.symlink_to(table)
    with open_export(link, "csv") as write:
        write(pl.DataFrame({"id": ["x:1"]}))
    assert link.is_symlink()
    assert pl.read_csv(table).height == 1
    call("import", str(archive))
    assert "is a folder" in call("export", "--out", "", code=1).stderr


def test_an_export_without_room_says_so(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="no room left"), tell_faults(tmp_path):
        raise OSError("no room left")  # as Polars words it, without a number


def test_forget_is_for_good(archive: Path, tmp_path: Path) -> None:
    call("import", str(archive))
    call("label")
    assert "1 removed" in call("forget", "--yes", "x:1050000000000000001").stdout
    assert "1 barred" in call("import", str(archive)).stdout
    assert b"every one of them" not in b"".join(
        path.read_bytes() for path in (tmp_path / "data").glob("awaaz.db*")
    )
    assert "as in x:1052" in call("forget", "--yes", "nonsense", code=1).stderr


def test_predict_says_what_it_read(tmp_path: Path) -> None:
    shown = call("predict", "I believe her.", "سب جھوٹ ہے").stdout
    assert "I believe her." in shown
    assert "never of its author" in shown


@pytest.mark.parametrize("suffix", ["csv", "tsv", "jsonl", "parquet"])
def test_predict_keeps_every_column_and_row_of_a_table(tmp_path: Path, suffix: str) -> None:
    table = pl.DataFrame(
        {
            "id": ["0012", "2", "3"],
            "text": ["Stand with survivors #MeToo", None, 'a "quoted"\nline, with a comma'],
            "stance": ["mine", "mine", "mine"],
        }
    )
    source, out = tmp_path / f"in.{suffix}", tmp_path / "out.csv"
    match suffix:
        case "csv":
            table.write_csv(source)
        case "tsv":
            table.write_csv(source, separator="\t")
        case "jsonl":
            table.write_ndjson(source)
        case _:
            table.write_parquet(source)
    shown = call("predict", "--file", str(source), "--out", str(out)).stdout
    assert "stance_given" in shown
    read = pl.read_csv(out, infer_schema=False)
    assert read.columns == [
        "id",
        "text",
        "stance_given",
        "stance",
        "frame",
        "p_supportive",
        "p_skeptical",
        "p_hostile",
        "p_none",
    ]
    assert read["id"].to_list() == ["0012", "2", "3"]
    assert read["text"].to_list() == table["text"].to_list()
    assert read["stance"][1] is None
    total = sum(float(read[f"p_{s}"][0]) for s in ("supportive", "skeptical", "hostile", "none"))
    assert total == pytest.approx(1, abs=1e-4)
    assert not (tmp_path / "data" / "awaaz.db").exists(), "predict does not touch the store"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("import", "nowhere.jsonl"), "nowhere.jsonl"),
        (("predict", "--file", "nowhere.csv", "--out", "out.csv"), "nowhere.csv"),
        (("predict", "--file", "nowhere.csv", "--out", "out.xlsx"), "should end in"),
        (("predict", "--file", "nowhere.csv", "--out", ""), "should end in"),
        (("--config", "nowhere.toml", "status"), "cannot be read"),
        (("predict",), ""),
        (("collect", "myspace"), "myspace"),
    ],
)
def test_mistakes_are_told_in_a_sentence(arguments: tuple[str, ...], told: str) -> None:
    done = Command(arguments, {}).ended()
    assert done.returncode in {1, 2}
    assert "Traceback" not in done.stderr
    assert told in done.stderr + done.stdout


def test_doctor_names_what_is_missing_and_tells_no_secret() -> None:
    shown = call("doctor").stdout
    assert "AWAAZ_X_BEARER_TOKEN" in shown
    assert "approved by hand" in shown.replace("\n", " ")
    shown = call("doctor", AWAAZ_X_BEARER_TOKEN="a-very-secret-token").stdout
    assert "a-very-secret-token" not in shown
    assert "credential present" in shown


@pytest.fixture
def servers() -> Iterator[tuple[XServer, RedditServer]]:
    def now() -> datetime:
        return datetime.now(UTC)

    with XServer(token="invented-bearer", clock=now) as x, RedditServer() as reddit:
        x.corpus.post("I believe her. #MeToo", now() - timedelta(hours=3))
        reddit.submit("pakistan", "On #MeToo", now() - timedelta(hours=3), "What do you think?")
        yield x, reddit


def environment_of(x: XServer, reddit: RedditServer) -> dict[str, Any]:
    return {
        "AWAAZ_X__ENDPOINT": x.url,
        "AWAAZ_X_BEARER_TOKEN": "invented-bearer",
        "AWAAZ_REDDIT__ENDPOINT": reddit.url,
        "AWAAZ_REDDIT_CLIENT_ID": CLIENT_ID,
        "AWAAZ_REDDIT_CLIENT_SECRET": CLIENT_SECRET,
        "AWAAZ_REDDIT__SUBREDDITS": '{"pakistan": "PK"}',
        "AWAAZ_X__QUERIES": '{"latin": ["#MeToo"], "devanagari": ["मी टू"], "urdu": ["می ٹو"]}',
        "AWAAZ_SCHEDULE__LABEL_MINUTES": "0.02",
    }


def test_collect_brings_posts_from_both_platforms(servers: tuple[XServer, RedditServer]) -> None:
    shown = call("collect", **environment_of(*servers)).stdout
    assert shown.count("1 new") == 2
    assert "x: " in shown
    assert "reddit: " in shown


def test_collect_without_credentials_says_what_is_missing() -> None:
    told = call("collect", code=1).stderr.replace("\n", " ")
    assert "AWAAZ_X_BEARER_TOKEN is not set" in told
    assert "nothing was collected" in told, "a cron job must not think that all is well"
    call("collect", "x", code=1)


def test_run_collects_labels_and_ends_on_sigterm(
    servers: tuple[XServer, RedditServer], tmp_path: Path
) -> None:
    process = Command(("run",), environment_of(*servers))
    try:
        wait_for_rows(tmp_path / "data" / "awaaz.db", "labels", 2)
    finally:
        process.send_signal(signal.SIGTERM)
        done = process.ended()
    said = done.stderr
    assert done.returncode == 0, said
    assert "ending after the page at hand" in said
    assert "I believe her" not in said, "no text of a post in a log"
    assert "invented-bearer" not in said


def test_ctrl_c_ends_an_import_without_loss(tmp_path: Path) -> None:
    archive = tmp_path / "long.jsonl"
    write_archive(archive, 12_000)
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "awaaz.py"), "import", str(archive)],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_for_rows(tmp_path / "data" / "awaaz.db", "posts", 2000)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130, said
    assert "goes on there" in said
    assert "Traceback" not in said
    assert "interrupted: The import did not reach the end" in call("status").stdout
    assert "12,000 read" in call("import", str(archive)).stdout
    assert "12,000 already there" in call("import", str(archive)).stdout


@pytest.mark.parametrize("loading", ["typer", "dashboard.commands.pages", "config.settings"])
def test_ctrl_c_while_the_program_loads_is_no_traceback(loading: str) -> None:
    code = (
        "import signal, sys\n"
        "class Hand:\n"
        "    def find_spec(self, name, *_):\n"
        f"        if name == {loading!r}: signal.raise_signal(signal.SIGINT)\n"
        "sys.meta_path.insert(0, Hand())\n"
        "sys.argv = ['awaaz', 'status']\n"
        "from awaaz import main\n"  # as the console script does
        "main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 130, done.stderr
    assert done.stderr.startswith("Stopped.")
    assert "Traceback" not in done.stderr


def wait_for_rows(path: Path, table: str, count: int) -> None:
    """Wait until a table of the store has at least so many rows."""
    engine = sa.create_engine(f"sqlite:///{path}")

    def has_rows() -> bool:
        try:
            with engine.connect() as connection:
                rows = connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()  # noqa: S608  # a name of ours
        except sa.exc.OperationalError:  # the tables are being made
            return False
        return bool(rows >= count)

    wait_until(lambda: path.exists() and has_rows(), f"{count} rows of {table}")


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, awaaz; awaaz.load_app(); "
        "print([m for m in ('polars','onnxruntime','tweepy','praw','streamlit','sqlalchemy',"
        "'transformers','torch','pydantic') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_labelling_and_the_dashboard_need_no_torch() -> None:
    code = (
        "import sys; sys.modules['torch'] = None; sys.modules['transformers'] = None; "
        "from classifier.stance_classifier import StanceClassifier; "
        "print(StanceClassifier.load().predict(['I believe her']).stance.shape)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "(1, 4)"


def test_reading_makes_no_store(tmp_path: Path) -> None:
    mistyped = tmp_path / "mistyped.db"
    url = f"sqlite:///{mistyped}"
    for command in (["status"], ["coverage"], ["export", "--out", str(tmp_path / "out.csv")]):
        told = call(*command, code=1, AWAAZ_STORE__URL=url).stderr.replace("\n", " ")
        assert "There is no store at" in told
    assert "There is no store at" in call("doctor", AWAAZ_STORE__URL=url).stdout.replace("\n", " ")
    assert not mistyped.exists()


def test_an_address_that_is_no_database_is_told() -> None:
    told = call("status", code=1, AWAAZ_STORE__URL="awaaz.db").stderr
    assert "Give store.url as sqlite:///FILE" in told


def test_a_misspelt_secret_is_told_without_its_value() -> None:
    shown = call("doctor", code=1, AWAAZ_X_BEARER_TOKN="a-very-secret-token").stdout
    assert "AWAAZ_X_BEARER_TOKN" in shown
    assert "Rename it to AWAAZ_X_BEARER_TOKEN." in shown.replace("\n", " ")
    assert "a-very-secret-token" not in shown
