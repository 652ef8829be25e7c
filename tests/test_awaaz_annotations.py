"""The command line of annotations, through its own process."""

import json
from pathlib import Path
from typing import Any

import polars as pl

from classifier.labelled_data import read_labelled
from classifier.wiring import open_store
from tests.commanding import call
from tests.stores import make_post, open_test_store, put_posts

HEADER = "id,coder,stance,frame,codebook,drawn_because,probability"


def test_from_a_coders_table_to_training_data_and_away(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/store.db"
    store = open_test_store(address)
    put_posts(store, *(make_post(n, f"words of post {n}", revision=1) for n in range(4)))
    codes, out = tmp_path / "codes.csv", tmp_path / "out" / "coded.csv"
    codes.write_text(
        f"{HEADER}\nx:1000,c1,supportive,solidarity,1.3,random,0.25\n"
        "x:1001,c1,hostile,smear,1.3,unsure,\nx:1002,c1,none,none,1.3,random,0.25\n"
        "x:1003,coder@example.org,none,none,1.3,random,0.25\n",
        encoding="utf-8",
    )
    environment: dict[str, Any] = {"AWAAZ_STORE__URL": address}
    shown = call("annotations", "import", str(codes), **environment).stdout
    assert "4 read, 3 new, 0 replaced, 0 already there, 1 skipped" in shown
    assert "(line 5)" in shown
    assert "example.org" not in shown
    put_posts(store, make_post(2, "other words", revision=2))
    shown = call("annotations", "import", str(codes), **environment).stdout
    assert "0 new, 0 replaced, 3 already there" in shown
    done = call("annotations", "export", "--out", str(out), "--with-text", **environment)
    assert "3 annotations written" in done.stdout
    assert "The file holds texts" in done.stderr
    table = pl.read_csv(out)
    assert table["text_is_current"].to_list() == [True, True, False]
    assert table["text"].to_list() == ["words of post 0", "words of post 1", None]
    examples = read_labelled([out]).examples
    assert [(e.key, e.stance, e.frame, e.weight, e.chosen) for e in examples] == [
        ("x:1000", "supportive", "solidarity", 4.0, False),
        ("x:1001", "hostile", "smear", 1.0, True),
    ]
    shown = call("annotations", "import", str(out), **environment).stdout
    assert "0 new, 0 replaced, 2 already there, 1 skipped" in shown
    call("annotations", "export", "--out", str(out), **environment)
    assert "text" not in pl.read_csv(out).columns
    manifest = json.loads(out.with_name("coded.csv.manifest.json").read_text(encoding="utf-8"))
    assert (manifest["rows"], list(manifest["columns"])) == (3, pl.read_csv(out).columns)
    store.close()


def test_mistakes_are_told_in_a_sentence(tmp_path: Path) -> None:
    said = call("annotations", "import", "nowhere.csv", code=1).stderr
    assert "There is no store" in said
    open_store(f"sqlite:///{tmp_path}/store.db").close()
    environment: dict[str, Any] = {"AWAAZ_STORE__URL": f"sqlite:///{tmp_path}/store.db"}
    said = call("annotations", "import", "nowhere.csv", code=1, **environment).stderr
    assert "there is no such file" in said
    call("annotations", "export", "--out", "codes.xlsx", code=2, **environment)
