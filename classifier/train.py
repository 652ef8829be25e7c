"""Fine-tune an encoder on labelled posts; reads top to bottom.

    python -m classifier.train --data POSTS.tsv REWRITES.tsv --base FOLDER_OR_HUB_ID --out FOLDER

One softmax over the fifteen frames and `none`; a stance is the sum over its frames, so a post of
which only the stance is known trains through that sum. The result is a folder that transformers
opens with from_pretrained, and inside it what serving needs: model.onnx, tokenizer.json and
settings.json.
"""

import argparse
import hashlib
import json
import math
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional
from transformers import AutoConfig, AutoModel, AutoTokenizer, PreTrainedModel

from classifier.calibration import FRAME_TO_STANCE, stance_sums
from classifier.checkpoint import Progress, load_checkpoint, save_checkpoint
from classifier.companion_training import add_companion
from classifier.dataset import Example, split_examples
from classifier.errors import DatasetError, TrainingError
from classifier.evaluation import macro_f1
from classifier.labelled_data import read_labelled
from classifier.model_folder import MODEL_FILE, SETTINGS_FILE, ModelSettings, name_version
from classifier.onnx_export import export_onnx, quantise
from classifier.text import normalise
from config.codebook import FRAMES, STANCES, load_codebook

# ---- settings ----

FEWEST = 5  # training posts of each stance
HEAD_FACTOR = 5.0  # how much faster the new layers learn
REPORT_EVERY = 50  # steps
CONSOLE = Console()
HEAD = "head.safetensors"
RANGES = (
    ("patience batch_tokens threads", 1, 1e9),
    ("max_tokens", 3, 1e6),  # two of them open and close every post
    ("seed", 0, 1e9),
    ("rate none_share", 1e-9, 1),
    ("rewrite_weight invented_weight unsure_weight", 1e-9, 100),
    ("warmup dropout smoothing", 0, 0.99),
    ("decay", 0, 1),
    ("frame_weight", 0, 100),
    ("balance fairness", 0, 3),
)
"""Names of settings, and the lowest and highest value that makes sense; NaN is in no range."""


@dataclass(frozen=True)
class Recipe:
    """Everything that shapes a training run, with its unit or range."""

    epochs: int = 3  # at most; early stopping may end sooner
    patience: int = 2  # epochs without a better validation macro-F1 before stopping
    rate: float = 1e-4  # peak learning rate of the encoder; the head learns five times as fast
    warmup: float = 0.08  # share of the steps
    decay: float = 0.01  # weight decay
    dropout: float = 0.1
    batch_tokens: int = 1024  # per step, padding included
    max_tokens: int = 80  # of a post that are read
    frame_weight: float = 0.3  # of the frame loss beside the stance loss
    smoothing: float = 0.05  # of stance targets
    balance: float = 0.5  # exponent of inverse class frequency: 0 leaves classes as they are
    # exponent of inverse class frequency in calibration: 0 is best likelihood, but takes the
    # rare stances for `none` so often that macro-F1 falls by 2.5 points
    fairness: float = 0.3
    none_share: float = 0.7  # of the training posts without a stance, drawn anew in each epoch
    rewrite_weight: float = 0.7  # of a rewritten post against a real one
    invented_weight: float = 0.5
    unsure_weight: float = 0.6  # of a post of which the annotator was unsure
    seed: int = 13
    # runs from the same base, with this seed and those after it, whose weights are averaged
    # (Wortsman et al. 2022, "Model soups"); two brought nothing measurable here, see README.md
    runs: int = 1
    threads: int = 1  # spare cores only: threads that wait for a busy core make it slower

    def __post_init__(self) -> None:
        """Raise TrainingError for a recipe that would train nothing, or break off."""
        if min(self.runs, self.epochs) < 1:
            raise TrainingError("runs and epochs are 1 or more: with 0 nothing would be trained.")
        for names, low, high in RANGES:
            for name in names.split():
                if not low <= getattr(self, name) <= high:
                    raise TrainingError(f"The setting {name} is from {low:g} to {high:g}.")


# ---- data ----


@dataclass(frozen=True)
class Row:
    """A tokenised example with its targets; `frame` is -1 where it is unknown."""

    ids: list[int]
    stance: int
    frame: int
    weight: float


def to_rows(examples: Sequence[Example], tokenizer: object, recipe: Recipe) -> list[Row]:
    """Tokenise and weigh examples."""
    texts = [normalise(e.text) for e in examples]
    if not texts:
        return []  # a table's own split may have no test part
    encoded = tokenizer(texts, truncation=True, max_length=recipe.max_tokens)["input_ids"]  # type: ignore[operator]
    return [
        Row(
            ids=ids,
            stance=STANCES.index(e.stance),
            frame=FRAMES.index(e.frame) if e.frame else -1,
            weight=_weigh(e, recipe),
        )
        for e, ids in zip(examples, encoded, strict=True)
    ]


def _weigh(example: Example, recipe: Recipe) -> float:
    weight = example.weight
    weight *= recipe.rewrite_weight if example.rewritten else 1.0
    weight *= recipe.invented_weight if example.invented else 1.0
    return weight * (recipe.unsure_weight if example.unsure else 1.0)


def class_weights(numbers: Sequence[int], size: int, exponent: float) -> torch.Tensor:
    """Inverse frequency to the power `exponent`, one on average over the examples."""
    counts = Counter(n for n in numbers if n >= 0)
    if not counts:  # no table names a frame: their loss is left out, and zero shares make it NaN
        return torch.ones(size)
    raw = torch.tensor([max(counts[i], 1) ** -exponent for i in range(size)])
    share = torch.tensor([float(counts[i]) for i in range(size)])
    return raw / (raw * share / share.sum()).sum()


def draw(rows: Sequence[Row], recipe: Recipe, rng: random.Random) -> list[Row]:
    """The rows of one epoch: all that take a stance, and a share of those that take none."""
    none = STANCES.index("none")
    return [r for r in rows if r.stance != none or rng.random() < recipe.none_share]


def make_batches(rows: Sequence[Row], budget: int, rng: random.Random) -> list[list[Row]]:
    """Shuffled batches of like length under the token budget."""
    ordered = sorted(rows, key=lambda r: len(r.ids) + rng.random() * 4)
    batches: list[list[Row]] = [[]]
    for row in ordered:
        if (len(batches[-1]) + 1) * len(row.ids) > budget and batches[-1]:
            batches.append([])
        batches[-1].append(row)
    rng.shuffle(batches)
    return batches


def pad(rows: Sequence[Row], pad_id: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and attention mask, (rows, longest)."""
    longest = max(len(r.ids) for r in rows)
    ids = torch.full((len(rows), longest), pad_id)
    mask = torch.zeros(len(rows), longest, dtype=torch.long)
    for place, row in enumerate(rows):
        ids[place, : len(row.ids)] = torch.tensor(row.ids)
        mask[place, : len(row.ids)] = 1
    return ids, mask


# ---- model ----


class StanceModel(nn.Module):
    """An encoder, the mean over its tokens, and one linear layer over the frames.

    The mean, not the first token: sentence encoders are trained that way.
    """

    def __init__(self, encoder: PreTrainedModel, dropout: float) -> None:
        super().__init__()
        if getattr(encoder, "pooler", None) is not None:
            encoder.register_module("pooler", None)
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(encoder.config.hidden_size, len(FRAMES))
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Logits over the frames: (rows, 16)."""
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask)
        weight = attention_mask[:, :, None].to(hidden.last_hidden_state.dtype)
        mean = (hidden.last_hidden_state * weight).sum(dim=1) / weight.sum(dim=1)
        logits: torch.Tensor = self.head(self.dropout(mean))
        return logits

    def save(self, folder: Path) -> None:
        """Write the encoder as transformers reads it, and the head beside it."""
        self.encoder.save_pretrained(folder)
        save_file({k: v.contiguous() for k, v in self.head.state_dict().items()}, folder / HEAD)


def open_model(base: str, dropout: float) -> StanceModel:
    """An encoder by Hub id or folder, with the head that lies beside it or a new one."""
    config = AutoConfig.from_pretrained(base)
    for name in ("hidden_dropout_prob", "dropout"):
        if hasattr(config, name):
            setattr(config, name, dropout)
    for name in ("attention_probs_dropout_prob", "attention_dropout"):
        if hasattr(config, name):
            setattr(config, name, 0.0)  # with none, attention runs in one fused kernel
    encoder = AutoModel.from_pretrained(base, config=config, dtype=torch.float32)
    model = StanceModel(encoder, dropout)
    if (Path(base) / HEAD).is_file():
        model.head.load_state_dict(load_file(Path(base) / HEAD))
    return model


def check_length(model: StanceModel, max_tokens: int) -> None:
    """Raise TrainingError where posts of `max_tokens` tokens are longer than the encoder reads.

    Otherwise training, or the trained model long after, would break off at the first long post.
    """
    other = 1 if model.encoder.config.pad_token_id == 0 else 0  # padding takes no place in RoBERTa
    ids = torch.full((1, max_tokens), other)
    try:
        with torch.no_grad():
            model.eval()(ids, torch.ones_like(ids))
    except (IndexError, RuntimeError):
        places = getattr(model.encoder.config, "max_position_embeddings", "a number of")
        raise TrainingError(
            f"The base model has {places} places for tokens (some kinds need two themselves): too"
            f" few for posts of {max_tokens}. Lower --set max_tokens, or take another base."
        ) from None


# ---- loss ----


class StanceLoss(nn.Module):
    """Cross-entropy of stances through the sum over frames, plus that of known frames."""

    def __init__(self, rows: Sequence[Row], recipe: Recipe) -> None:
        super().__init__()
        self.to_stance = torch.tensor(FRAME_TO_STANCE)
        self.stance_weights = class_weights([r.stance for r in rows], len(STANCES), recipe.balance)
        self.frame_weights = class_weights([r.frame for r in rows], len(FRAMES), recipe.balance)
        self.recipe = recipe

    def forward(self, logits: torch.Tensor, rows: Sequence[Row]) -> torch.Tensor:
        """Weighted mean loss over the rows of a batch; logits are (rows, 16)."""
        weight = torch.tensor([r.weight for r in rows])
        stance = torch.tensor([r.stance for r in rows])
        frame = torch.tensor([r.frame for r in rows])
        log_frame = functional.log_softmax(logits.float().cpu(), dim=1)
        masked = log_frame[:, :, None] + torch.log(self.to_stance + 1e-30)
        log_stance = torch.logsumexp(masked, dim=1)
        by_stance = functional.nll_loss(log_stance, stance, reduction="none")
        smooth = self.recipe.smoothing
        by_stance = (1 - smooth) * by_stance - smooth * log_stance.mean(dim=1)
        loss = by_stance * self.stance_weights[stance]
        known = frame >= 0
        by_frame = functional.nll_loss(log_frame, frame.clamp(min=0), reduction="none")
        loss = loss + self.recipe.frame_weight * by_frame * known * self.frame_weights[frame]
        return (loss * weight).sum() / weight.sum()


# ---- training ----


def fit(
    model: StanceModel, train: list[Row], held: list[Row], recipe: Recipe, out: Path, key: str
) -> float:
    """Train with early stopping, leave the best weights in the model, return their macro-F1.

    After each epoch the state goes to `out`/checkpoint.pt; a run with the same key (data, base
    and recipe) takes up there.
    """
    rng = random.Random(recipe.seed)  # noqa: S311
    loss_of = StanceLoss(draw(train, recipe, random.Random(0)), recipe)  # noqa: S311
    optimizer = make_optimizer(model, recipe)
    progress, best_state = load_checkpoint(out, key, model, optimizer)
    clock = Clock(time.monotonic())
    for epoch in range(1, recipe.epochs + 1):
        batches = make_batches(draw(train, recipe, rng), recipe.batch_tokens, rng)
        if epoch <= progress.epoch or progress.bad >= recipe.patience:
            continue  # the batches were drawn all the same, so that later epochs stay the same
        train_epoch(model, batches, loss_of, optimizer, recipe, epoch, clock)
        score = macro_f1([r.stance for r in held], infer(model, held).argmax(axis=1))
        CONSOLE.print(f"epoch {epoch}: validation macro-F1 {score:.4f}")
        progress = Progress(epoch, max(score, progress.best), progress.bad + 1)
        if score >= progress.best:
            progress.bad = 0
            best_state = {k: v.clone() for k, v in model.state_dict().items()}
        save_checkpoint(out, key, model, optimizer, progress, best_state)
    model.load_state_dict(best_state)
    return progress.best


@dataclass
class Clock:
    """Tells how long is left from how long the steps so far took."""

    start: float
    steps: int = 0

    def left(self, steps: int) -> str:
        """How many minutes that many more steps will take."""
        spent = (time.monotonic() - self.start) / 60
        return f"{spent / max(self.steps, 1) * steps:.1f} min left"


def make_optimizer(model: StanceModel, recipe: Recipe) -> torch.optim.Optimizer:
    """AdamW; the new layers learn faster than the pretrained ones."""
    groups = [
        {"params": list(model.encoder.parameters()), "factor": 1.0},
        {"params": list(model.head.parameters()), "factor": HEAD_FACTOR},
    ]
    return torch.optim.AdamW(groups, lr=recipe.rate, weight_decay=recipe.decay, fused=True)


def train_epoch(
    model: StanceModel,
    batches: list[list[Row]],
    loss_of: StanceLoss,
    optimizer: torch.optim.Optimizer,
    recipe: Recipe,
    epoch: int,
    clock: Clock,
) -> None:
    """One pass over the batches of an epoch, counted from one."""
    model.train()
    running = 0.0
    for number, batch in enumerate(batches, 1):
        share = (epoch - 1 + number / len(batches)) / recipe.epochs
        set_rate(optimizer, recipe, share)
        ids, mask = pad(batch, model.encoder.config.pad_token_id)
        device = model.encoder.device
        with torch.autocast(device.type, torch.bfloat16):
            logits = model(ids.to(device), mask.to(device))
        loss = loss_of(logits, batch)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        clock.steps += 1
        running = loss.item() if number == 1 else 0.98 * running + 0.02 * loss.item()
        if not math.isfinite(running):
            raise TrainingError(
                f"The loss is no number any more (epoch {epoch}, step {number}): training diverged."
                " Lower --set rate, and look for extreme weights in the data."
            )
        if number % REPORT_EVERY == 0 or number == len(batches):
            steps_left = (recipe.epochs - epoch + 1) * len(batches) - number
            CONSOLE.print(
                f"epoch {epoch}/{recipe.epochs} step {number}/{len(batches)} "
                f"loss {running:.3f}, {clock.left(steps_left)}"
            )


def set_rate(optimizer: torch.optim.Optimizer, recipe: Recipe, progress: float) -> None:
    """Linear warm-up, then a cosine down to zero."""
    if progress < recipe.warmup:
        share = progress / recipe.warmup
    else:
        share = 0.5 + 0.5 * math.cos(math.pi * (progress - recipe.warmup) / (1 - recipe.warmup))
    for group in optimizer.param_groups:
        group["lr"] = recipe.rate * share * group["factor"]


def infer(model: StanceModel, rows: Sequence[Row]) -> np.ndarray:
    """Uncalibrated stance probabilities (n, 4) of rows, in their order."""
    return stance_sums(infer_frames(model, rows))


def infer_frames(model: StanceModel, rows: Sequence[Row]) -> np.ndarray:
    """Uncalibrated frame probabilities (n, 16) of rows, in their order."""
    model.train(mode=False)
    result = np.zeros((len(rows), len(FRAMES)), dtype=np.float32)
    order = sorted(range(len(rows)), key=lambda i: len(rows[i].ids))
    device = model.encoder.device
    with torch.no_grad(), torch.autocast(device.type, torch.bfloat16):
        for places in _chunks(order, 48):
            ids, mask = pad([rows[i] for i in places], model.encoder.config.pad_token_id)
            logits = model(ids.to(device), mask.to(device))
            result[places] = logits.float().softmax(dim=1).cpu().numpy()
    return result


def _chunks(items: list[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


# ---- the run ----


def train(data: Sequence[Path], base: str, out: Path, recipe: Recipe, name: str) -> None:
    """Read, split, fit, calibrate, export and measure; write everything into `out`."""
    torch.set_num_threads(recipe.threads)
    out.mkdir(parents=True, exist_ok=True)
    labelled = read_labelled(data)
    parts = split_examples(labelled.examples)
    check_classes(parts["train"])
    if not parts["validation"]:
        raise DatasetError(
            "No post is for validation, which stops training in time and sets the probabilities: "
            "leave the column `part` out, or give some posts the part validation. Posts that share "
            "an id or nearly their text stay in one part, and those of files whose names begin "
            "with invented are for training alone."
        )
    tokenizer = AutoTokenizer.from_pretrained(base)
    rows = {part: to_rows(parts[part], tokenizer, recipe) for part in parts}
    print({part: len(r) for part, r in rows.items()}, f"base {base}")
    states = []
    for number in range(recipe.runs):
        run = replace(recipe, seed=recipe.seed + number)
        torch.manual_seed(run.seed)
        np.random.seed(run.seed)
        model = open_model(base, recipe.dropout)
        check_length(model, recipe.max_tokens)
        model.to("cuda" if torch.cuda.is_available() else "cpu")
        folder = out / f"run-{number + 1}" if recipe.runs > 1 else out
        folder.mkdir(exist_ok=True)
        key = key_of(labelled.data_hash, base, run)
        fit(model, rows["train"], rows["validation"], run, folder, key)
        states.append({k: v.clone() for k, v in model.state_dict().items()})
    model.load_state_dict(average(states))
    model.save(out)
    tokenizer.save_pretrained(out)
    np.save(out / "test_fp32.npy", infer_frames(model, rows["test"]))
    package(model, out, parts, name, base, labelled.data_hash, recipe)


def key_of(data_hash: str, base: str, recipe: Recipe) -> str:
    """What a run is known by when it is taken up again."""
    known = json.dumps([data_hash, base, asdict(recipe)], sort_keys=True)
    return hashlib.sha256(known.encode()).hexdigest()


def average(states: Sequence[dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    """The mean of the weights of runs from one base; what is no weight comes from the first."""
    return {
        name: torch.stack([state[name] for state in states]).mean(dim=0)
        if value.is_floating_point()
        else value
        for name, value in states[0].items()
    }


def package(
    model: StanceModel,
    out: Path,
    parts: dict[str, list[Example]],
    name: str,
    base: str,
    data_hash: str,
    recipe: Recipe,
) -> None:
    """Write the int8 graph, add companion and calibration, and measure it all as it is served."""
    export_onnx(model.cpu(), model.encoder, out / "model_fp32.onnx")
    quantise(
        out / "model_fp32.onnx",
        out / MODEL_FILE,
        heads=model.encoder.config.num_attention_heads,
        width=model.encoder.config.hidden_size,
    )
    ModelSettings(
        name=name,
        version=name_version(name, out / MODEL_FILE, data_hash),
        base=Path(base).name,
        data_hash=data_hash,
        codebook=load_codebook().version,
        max_tokens=recipe.max_tokens,
        frames=FRAMES,
        metrics={"recipe": asdict(recipe)},
        date=datetime.now(UTC).date().isoformat(),
    ).write(out)
    add_companion(out, parts, recipe.fairness)


def check_classes(examples: Sequence[Example]) -> None:
    """Raise DatasetError where a stance has too few posts to be learnt."""
    counts = Counter(e.stance for e in examples)
    for stance in STANCES:
        if counts[stance] < FEWEST:
            raise DatasetError(
                f"Only {counts[stance]} training posts are {stance}; a stance needs at least "
                f"{FEWEST}, and hundreds to be learnt well. Add labelled posts of it."
            )


def main() -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--base", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--name", default="")
    for field_name, default in asdict(Recipe()).items():
        parser.add_argument(
            f"--{field_name.replace('_', '-')}", type=type(default), default=default
        )
    values = vars(parser.parse_args())
    data, base, out, name = (values.pop(k) for k in ("data", "base", "out", "name"))
    train(data, base, out, Recipe(**values), name or out.name)
    print((out / SETTINGS_FILE).read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
