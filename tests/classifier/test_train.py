"""A whole training run, on invented posts and an encoder too small to learn much."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="training needs the extra `train`")
pytest.importorskip("onnx", reason="training needs the extra `train`")

from transformers import AutoModel, BertConfig, BertModel  # noqa: E402

from classifier.checkpoint import Progress, load_checkpoint, save_checkpoint  # noqa: E402
from classifier.errors import DatasetError, TrainingError  # noqa: E402
from classifier.model_folder import name_version  # noqa: E402
from classifier.stance_classifier import StanceClassifier  # noqa: E402
from classifier.train import (  # noqa: E402
    Recipe,
    Row,
    StanceLoss,
    check_length,
    class_weights,
    make_optimizer,
    open_model,
    train,
)
from classifier.vocabulary import SPECIAL, build_tokenizer  # noqa: E402
from config.codebook import FRAMES  # noqa: E402

WORDS = {
    "solidarity": "believe her stand with survivors brave true support sisters thank power courage",
    "due_process": "court proof decide evidence wait police report judge trial fair sides hearing",
    "smear": "liars fame money revenge blackmail greedy fake drama racket agenda lie publicity",
    "none": "film cinema friday weather train cricket rain match lunch music ticket bus",
}
STANCE = {
    "solidarity": "supportive",
    "due_process": "skeptical",
    "smear": "hostile",
    "none": "none",
}

pytestmark = pytest.mark.filterwarnings("ignore")  # the exporter and its parts warn of each other


@pytest.fixture
def base(tmp_path: Path) -> Path:
    words = sorted({w for line in WORDS.values() for w in line.split()})
    folder = tmp_path / "base"
    config = BertConfig(
        vocab_size=len(SPECIAL) + len(words),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=32,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    build_tokenizer([*SPECIAL, *words]).save(str(folder / "tokenizer.json"))
    names = {f"{n}_token": f"[{n.upper()}]" for n in ("pad", "unk", "cls", "sep", "mask")}
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", **names}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rng = random.Random(13)  # noqa: S311
    lines = ["id,text,stance,frame"]
    for frame, words in WORDS.items():
        known = "" if frame == "smear" else frame  # a stance without its frame trains as well
        for number in range(10):
            post = " ".join(rng.sample(words.split(), 8))
            lines.append(f"{frame}{number},{post},{STANCE[frame]},{known}")
    path = tmp_path / "posts.csv"
    path.write_text("\n".join(lines))
    return path


def test_training_leaves_a_folder_that_serves_and_opens(
    base: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "model"
    recipe = Recipe(epochs=2, max_tokens=24, rate=1e-3)
    train([data], str(base), out, recipe, "tiny")
    classifier = StanceClassifier.load(out, threads=1)
    assert classifier.version.startswith("tiny-")
    assert classifier.predict(list(WORDS.values())).stance.shape == (4, 4)
    assert AutoModel.from_pretrained(out).config.hidden_size == 32
    assert open_model(str(out), 0.0).head.out_features == len(FRAMES)
    metrics = json.loads((out / "settings.json").read_text())["metrics"]
    assert metrics["validation"]["all"]["n"] > 0
    capsys.readouterr()
    train([data], str(base), out, recipe, "tiny")
    assert "taking up after epoch 2" in capsys.readouterr().out
    assert StanceClassifier.load(out, threads=1).version == classifier.version


def test_two_models_never_bear_one_version(tmp_path: Path) -> None:
    one, other = tmp_path / "one.onnx", tmp_path / "other.onnx"
    one.write_bytes(b"weights of seed 1")
    other.write_bytes(b"weights of seed 2")
    assert name_version("mine", one, "data") == name_version("mine", one, "data")
    named = {name_version("mine", path, data) for path in (one, other) for data in ("a", "b")}
    assert len(named) == 4


def test_a_checkpoint_of_another_run_or_a_damaged_one_is_told(
    base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = open_model(str(base), 0.1)
    optimizer = make_optimizer(model, Recipe())
    save_checkpoint(tmp_path, "one", model, optimizer, Progress(3), model.state_dict())
    assert load_checkpoint(tmp_path, "one", model, optimizer)[0].epoch == 3
    assert load_checkpoint(tmp_path, "two", model, optimizer)[0].epoch == 0
    assert "other data, base or settings: beginning anew" in capsys.readouterr().out
    path = tmp_path / "checkpoint.pt"
    whole = path.read_bytes()
    for damaged in (whole[:3000], b"", b"no checkpoint"):
        path.write_bytes(damaged)
        with pytest.raises(TrainingError, match=r"is damaged, .* Delete it to begin anew"):
            load_checkpoint(tmp_path, "one", model, optimizer)


def test_a_full_disk_is_an_error_of_the_disk(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(state: object, path: Path) -> None:
        path.write_bytes(b"half")
        raise RuntimeError("unexpected pos 64 vs 0")

    monkeypatch.setattr(torch, "save", fail)
    model = open_model(str(base), 0.1)
    with pytest.raises(OSError, match="unexpected pos"):
        save_checkpoint(tmp_path, "one", model, make_optimizer(model, Recipe()), Progress(), {})
    assert not list(tmp_path.glob("checkpoint*"))


def test_runs_are_averaged_and_taken_up(
    base: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "model"
    recipe = Recipe(epochs=1, max_tokens=24, runs=2)
    train([data], str(base), out, recipe, "tiny")
    runs = [torch.load(out / f"run-{n}" / "checkpoint.pt")["best_state"] for n in (1, 2)]
    assert not torch.equal(runs[0]["head.weight"], runs[1]["head.weight"])
    mean = (runs[0]["head.weight"] + runs[1]["head.weight"]) / 2
    assert torch.allclose(open_model(str(out), 0.0).head.weight, mean)
    capsys.readouterr()
    train([data], str(base), out, recipe, "tiny")
    assert capsys.readouterr().out.count("taking up after epoch 1") == 2


def test_a_stance_with_too_few_posts_is_told(base: Path, data: Path, tmp_path: Path) -> None:
    rows = [r for r in data.read_text().splitlines() if "hostile" not in r]
    data.write_text("\n".join(rows))
    with pytest.raises(DatasetError, match="Only 0 training posts are hostile"):
        train([data], str(base), tmp_path / "model", Recipe(), "tiny")


def test_a_split_of_ones_own_may_lack_a_test_part(base: Path, data: Path, tmp_path: Path) -> None:
    head, *rows = data.read_text().splitlines()
    parts = ["validation" if n % 5 == 0 else "train" for n in range(len(rows))]
    data.write_text("\n".join([f"{head},part", *map(",".join, zip(rows, parts, strict=True))]))
    out = tmp_path / "model"
    train([data], str(base), out, Recipe(epochs=1, max_tokens=24), "tiny")
    metrics = json.loads((out / "settings.json").read_text())["metrics"]
    assert metrics["validation"]["all"]["n"] == 8
    assert metrics["test"] == {}
    data.write_text(data.read_text().replace(",validation", ",train"))
    with pytest.raises(DatasetError, match="No post is for validation"):
        train([data], str(base), out, Recipe(), "tiny")


def test_posts_that_all_go_to_training_are_told_why(base: Path, data: Path, tmp_path: Path) -> None:
    invented = data.rename(data.with_name("invented-posts.csv"))
    with pytest.raises(DatasetError, match="begin with invented are for training alone"):
        train([invented], str(base), tmp_path / "model", Recipe(), "tiny")


def test_rare_classes_weigh_more_and_the_mean_stays_one() -> None:
    numbers = [0] * 90 + [1] * 10
    weights = class_weights(numbers, 2, 0.5)
    assert weights[1] == pytest.approx(3 * weights[0])
    assert sum(weights[n] for n in numbers) / 100 == pytest.approx(1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"patience": 0},
        {"max_tokens": 2},
        {"batch_tokens": 0},
        {"warmup": 1.0},
        {"dropout": -0.1},
        {"threads": 0},
        {"seed": -1},
        {"rate": float("nan")},
        {"smoothing": 5.0},
        {"unsure_weight": 0.0},
        {"frame_weight": float("inf")},
    ],
    ids=str,
)
def test_a_setting_out_of_its_range_is_told(wrong: dict[str, Any]) -> None:
    with pytest.raises(TrainingError, match=f"The setting {next(iter(wrong))} is from"):
        Recipe(**wrong)


def test_posts_longer_than_the_encoder_reads_are_told(base: Path) -> None:
    model = open_model(str(base), 0.1)
    check_length(model, 32)
    with pytest.raises(TrainingError, match=r"has 32 places .* posts of 33"):
        check_length(model, 33)


def test_training_that_diverges_is_told_and_leaves_no_model(
    base: Path, data: Path, tmp_path: Path
) -> None:
    data.write_text(
        data.read_text().replace("\n", ",1e300\n").replace("frame,1e300", "frame,weight")
    )
    with pytest.raises(TrainingError, match="training diverged"):
        train([data], str(base), tmp_path / "model", Recipe(epochs=1, max_tokens=24), "tiny")
    assert not (tmp_path / "model" / "model.onnx").exists()


def test_classes_that_no_post_names_do_not_spoil_the_loss() -> None:
    rows = [Row([1], stance, -1, 1.0) for stance in range(4)]  # a table without a column `frame`
    loss = StanceLoss(rows, Recipe())(torch.zeros(4, len(FRAMES)), rows)
    assert loss.isfinite()
