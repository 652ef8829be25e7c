"""Promotion: a model becomes the live one where nothing shows that it is worse."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from classifier.dataset import group_examples
from classifier.errors import PromotionRefused
from classifier.labelled_data import LabelledData
from classifier.model_evaluation import predict_all
from classifier.model_folder import ModelSettings
from classifier.registry import (
    Promotion,
    add_candidate,
    find_model,
    live_model,
    make_live,
    record_promotion,
)
from classifier.scores import FEWEST, compare_parts
from classifier.stance_classifier import StanceClassifier
from collector.store import Store

__all__ = ["Grounds", "compare_on", "compare_stored", "find_objections", "promote"]

PART = "test"
"""The figures of a model's own held-out posts, in its settings."""


@dataclass(frozen=True)
class Grounds:
    """What a promotion rests on: the comparison with the live model, by part."""

    basis: str
    rows: list[dict[str, Any]]
    objection: str = ""
    """Why nothing could be compared."""

    @property
    def difference(self) -> float | None:
        """The difference in macro-F1 over all posts."""
        return self.rows[0]["difference"] if self.rows else None


def compare_on(data: LabelledData, live: StanceClassifier, candidate: StanceClassifier) -> Grounds:
    """Compare on labelled posts, by a paired bootstrap over groups."""
    texts = [e.text for e in data.examples]
    groups = np.array(group_examples(data.examples))
    first, second = predict_all(live, texts).stance, predict_all(candidate, texts).stance
    rows = compare_parts(data.examples, first, second, groups)
    return Grounds(f"{len(texts)} labelled posts, data {data.data_hash[:12]}", rows)


def compare_stored(live: ModelSettings, candidate: ModelSettings) -> Grounds:
    """Compare the figures that two models bear, where both come from the same data.

    There are no pairs then: a figure outside the other's interval is taken for a difference.
    """
    old, new = live.metrics.get(PART), candidate.metrics.get(PART)
    known = old and new and all("interval" in part for part in old.values())
    if live.data_hash != candidate.data_hash or not old or not new or not known:
        objection = (
            f"{candidate.version} and {live.version} bear no figures on the same posts; give"
            " labelled posts that neither was trained on: --data LABELS"
        )
        return Grounds("nothing", [], objection)
    names = [n for n in ("all", *sorted(old)) if n in new and (n == "all" or _is_form(n))]
    rows = [_compare_figures(name, old[name], new[name]) for name in dict.fromkeys(names)]
    return Grounds(f"stored figures, data {live.data_hash[:12]}", rows)


def _is_form(name: str) -> bool:
    return name.startswith("form ") and "," not in name


def _compare_figures(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    low, high = old["interval"]
    found = new["macro_f1"]
    verdict = "worse" if found < low else "better" if found > high else "cannot tell"
    return {
        "kind": "form" if _is_form(name) else "all",
        "name": name.removeprefix("form "),
        "n": new["n"],
        "enough": min(new["counts"].values()) >= FEWEST,
        "difference": round(found - old["macro_f1"], 4),
        "low": round(found - high, 4),
        "high": round(found - low, 4),
        "verdict": verdict,
    }


def find_objections(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say on which forms, of those with enough posts, the candidate is worse."""
    judged = [r for r in rows if r["enough"] and r["kind"] in ("all", "form")]
    if not judged:
        return [f"no form has {FEWEST} posts of each stance, so nothing can be judged"]
    return [
        f"worse on {r['name']} by {-r['difference']:.3f} ({-r['high']:.3f} to {-r['low']:.3f},"
        f" {r['n']:,} posts)"
        for r in judged
        if r["verdict"] == "worse"
    ]


def promote(
    store: Store,
    candidate: ModelSettings,
    folder: Path | None,
    grounds: Grounds,
    now: datetime,
    anyway: str = "",
) -> Promotion:
    """Make a model live; None as its folder is the one that comes with the program.

    Of a model that is live already only the folder is kept. Raises PromotionRefused where the
    grounds speak against it and no reason to do it `anyway` is given; the reason is recorded.
    """
    place = "" if folder is None else str(folder.resolve())
    with store.writing() as connection:
        replaced = live_model(connection)
        if replaced == candidate.version:  # only its folder may have moved
            add_candidate(connection, replaced, asdict(candidate), now, place)
            return Promotion(replaced, replaced, now, "nothing", None, "")
        if replaced is not None and not anyway:
            model = find_model(connection, candidate.version)
            retired = model is not None and model.state == "retired"
            _refuse(candidate.version, grounds, retired=retired)
        make_live(connection, candidate.version, asdict(candidate), now, place)
        basis, difference = grounds.basis, grounds.difference
        done = Promotion(candidate.version, replaced, now, basis, difference, anyway)
        record_promotion(connection, done, grounds.rows)
    return done


def _refuse(version: str, grounds: Grounds, *, retired: bool) -> None:
    objections = ["retired"] if retired else []
    objections += [grounds.objection] if grounds.objection else find_objections(grounds.rows)
    if objections:
        raise PromotionRefused(
            f"{version} is not promoted: {'; '.join(objections)}. To promote it all the same say"
            " why: --anyway REASON."
        )
