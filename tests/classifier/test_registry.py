"""The registry: one live model, guarded promotions, labels side by side, old stores brought up."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Connection, inspect, select

from classifier.calibration import FRAME_TO_STANCE
from classifier.daily_reading import read_daily
from classifier.errors import ModelError, PromotionRefused, RegistryError
from classifier.labelling import label_posts
from classifier.model_choice import choose_folder
from classifier.model_folder import ModelSettings, shipped_model
from classifier.promotion import Grounds, compare_stored, find_objections, promote
from classifier.registry import (
    add_candidate,
    count_by_model,
    find_model,
    list_models,
    list_promotions,
    live_model,
    make_live,
    retire_model,
)
from classifier.schema import CLASSIFIER_STEPS, labels
from classifier.stance_classifier import Predictions
from collector.migrations import COLLECTOR_STEPS
from collector.store import Store
from config.codebook import FRAMES
from tests.models import copy_model
from tests.stores import KEY, START, make_post, open_test_store, put_posts

SAME = {"name": "all", "kind": "all", "n": 100, "enough": True, "verdict": "cannot tell"}
EVEN = {**SAME, "difference": 0.0, "low": -0.02, "high": 0.02}
WORSE = {**EVEN, "kind": "form", "name": "ur", "verdict": "worse", "difference": -0.1}
WORSE |= {"low": -0.15, "high": -0.05}


def settings_of(version: str, **changes: Any) -> ModelSettings:
    values = {"name": version, "version": version, "base": "b", "data_hash": "d", "codebook": "1.3"}
    return ModelSettings(**{**values, "max_tokens": 64, "frames": FRAMES, **changes})


class Constant:
    """Stands where a model stands and gives every post the same label."""

    def __init__(self, version: str, frame: str) -> None:
        self.settings, self.version, self.frame = settings_of(version), version, frame

    def predict(self, texts: Sequence[str]) -> Predictions:
        frame = np.full((len(texts), len(FRAMES)), 0.01, dtype=np.float32)
        frame[:, FRAMES.index(self.frame)] = 0.85
        return Predictions((frame @ FRAME_TO_STANCE).astype(np.float32), frame)


def promote_from(store: Store, version: str, rows: list[dict[str, Any]], anyway: str = "") -> None:
    grounds = Grounds("invented posts", rows)
    promote(store, settings_of(version), Path("folder") / version, grounds, START, anyway)


def test_a_store_of_the_first_step_is_brought_up_and_keeps_its_models(
    sqlite_address: str,
) -> None:
    def drop(connection: Connection) -> None:
        for name in ("folder", "retired_at"):
            connection.exec_driver_sql(f"ALTER TABLE models DROP COLUMN {name}")

    old = Store.open(sqlite_address, key=KEY, steps=(*COLLECTOR_STEPS, CLASSIFIER_STEPS[0]))
    with old.writing() as connection:
        drop(connection)
        connection.exec_driver_sql(
            "INSERT INTO models VALUES ('v0', 'b', 'd', '1.2', '{}', '{}', 1, 0)"
        )
    old.close()
    store = open_test_store(sqlite_address)
    with store.reading() as connection:
        assert live_model(connection) == "v0"
        model = find_model(connection, "v0")
        assert model is not None
        assert (model.state, model.folder) == ("live", "")
        assert inspect(connection).has_table("promotions")
    store.close()


def test_states_follow_promotion_and_retirement(store: Store) -> None:
    promote_from(store, "one", [])
    promote_from(store, "two", [EVEN])
    with store.writing() as connection:
        retire_model(connection, "one", START)
        assert {m.version: m.state for m in list_models(connection)} == {
            "two": "live",
            "one": "retired",
        }
        with pytest.raises(RegistryError, match="two is live"):
            retire_model(connection, "two", START)
        with pytest.raises(RegistryError, match="no model three"):
            retire_model(connection, "three", START)
    with pytest.raises(PromotionRefused, match="retired"):
        promote_from(store, "one", [EVEN])
    promote_from(store, "one", [EVEN], "two was withdrawn")
    with store.reading() as connection:
        assert [m.state for m in list_models(connection)] == ["live", "candidate"]


def test_a_model_that_is_worse_on_a_form_is_refused_and_a_reason_is_recorded(store: Store) -> None:
    promote_from(store, "one", [])
    with pytest.raises(PromotionRefused, match=r"worse on ur by 0\.100.*--anyway REASON"):
        promote_from(store, "two", [EVEN, WORSE])
    with store.reading() as connection:
        assert live_model(connection) == "one"
        assert find_model(connection, "two") is None, "a refusal leaves nothing behind"
    promote_from(store, "two", [EVEN, WORSE], "Urdu goes to another model")
    with store.reading() as connection:
        assert live_model(connection) == "two"
        last = list_promotions(connection, "two")[0]
    assert (last.replaced, last.anyway) == ("one", "Urdu goes to another model")
    assert (last.basis, last.difference, last.at) == ("invented posts", 0.0, START)


def test_forms_with_too_few_posts_do_not_stop_a_promotion_but_nothing_at_all_does() -> None:
    few = {**WORSE, "enough": False}
    assert find_objections([EVEN, few]) == []
    assert "nothing can be judged" in find_objections([few])[0]
    country = {**WORSE, "kind": "country"}
    assert find_objections([EVEN, country]) == []


def figures(f1: float, low: float, high: float, count: int = 50) -> dict[str, Any]:
    counts = dict.fromkeys(("supportive", "skeptical", "hostile", "none"), count)
    return {"n": 4 * count, "macro_f1": f1, "interval": [low, high], "counts": counts}


def test_stored_figures_are_compared_only_on_the_same_data() -> None:
    old = settings_of("a", metrics={"test": {"all": figures(0.7, 0.66, 0.74)}})
    new = settings_of("b", metrics={"test": {"all": figures(0.6, 0.56, 0.64)}})
    grounds = compare_stored(old, new)
    assert find_objections(grounds.rows) == ["worse on all by 0.100 (0.060 to 0.140, 200 posts)"]
    other = settings_of("b", data_hash="e", metrics=new.metrics)
    assert "--data LABELS" in compare_stored(old, other).objection


def test_new_labels_stand_beside_old_ones_and_only_since_a_day(
    store: Store, tmp_path: Path
) -> None:
    put_posts(store, *(make_post(n, created_at=START + timedelta(days=n)) for n in range(6)))
    label_posts(store, Constant("old", "solidarity"))  # type: ignore[arg-type]
    since = date(2018, 10, 11)
    done = label_posts(
        store,
        Constant("new", "smear"),  # type: ignore[arg-type]
        since=since,
        candidate=tmp_path,
    )
    assert done.labelled == 3
    with store.reading() as connection:
        assert live_model(connection) == "old", "a candidate does not become live by labelling"
        assert count_by_model(connection) == {"old": 6, "new": 3}
        stances = connection.execute(select(labels.c.model, labels.c.stance).distinct())
        assert set(map(tuple, stances)) == {("old", "supportive"), ("new", "hostile")}
        assert read_daily(connection, model="old")["n"].sum() == 6
        model = find_model(connection, "new")
        assert model is not None
        assert model.folder == str(tmp_path.resolve())


def test_a_retired_model_does_not_label(store: Store, tmp_path: Path) -> None:
    with store.writing() as connection:
        add_candidate(connection, "gone", {}, START)
        retire_model(connection, "gone", START)
    with pytest.raises(RegistryError, match="retired"):
        label_posts(store, Constant("gone", "smear"), candidate=tmp_path)  # type: ignore[arg-type]


def test_labelling_never_takes_the_place_of_a_promoted_model(store: Store) -> None:
    label_posts(store, Constant("v1", "smear"))  # type: ignore[arg-type]
    label_posts(store, Constant("v2", "smear"))  # type: ignore[arg-type]
    with store.reading() as connection:
        assert live_model(connection) == "v2", "a new version of the shipped model takes over"
        assert len(list_promotions(connection)) == 2
    promote_from(store, "mine", [EVEN])
    with pytest.raises(RegistryError, match="mine was promoted"):
        label_posts(store, Constant("v3", "smear"))  # type: ignore[arg-type]


def test_a_name_stands_for_a_folder_a_version_or_the_live_model(
    store: Store, tmp_path: Path
) -> None:
    folder = copy_model(tmp_path / "mine", "mine-1")
    shipped = shipped_model()
    with store.writing() as connection:
        assert choose_folder(connection, None, "shipped") == shipped
        assert choose_folder(connection, None, str(folder)) == folder
        assert choose_folder(None, str(folder), "shipped") == folder
        with pytest.raises(ModelError, match="no model mine-1"):
            choose_folder(connection, "mine-1", "shipped")
        make_live(connection, "mine-1", {}, START, str(folder))
        assert choose_folder(connection, None, "shipped") == folder
        assert choose_folder(connection, "mine-1", "shipped") == folder
        assert choose_folder(connection, "shipped", str(folder)) == shipped
        make_live(connection, "lost", {}, START, str(tmp_path / "lost"))
        with pytest.raises(ModelError, match="no longer at"):
            choose_folder(connection, "lost", "shipped")
        with pytest.raises(ModelError, match="promote another model"):
            choose_folder(connection, None, "shipped")
