"""Commands that label, and those for researchers: evaluate, train, the registry."""

# Everything heavy is imported inside the commands: `awaaz --help` must answer at once.
# ruff: noqa: PLC0415

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from classifier.errors import ModelError
from dashboard.commands.context import (
    find_model_folder,
    open_classifier,
    open_readable,
    settings_now,
)

if TYPE_CHECKING:
    from classifier.promotion import Grounds
    from collector.store import Store
    from config.settings import Settings


app = typer.Typer()


def label_all(
    store: "Store", settings: "Settings", model: str | None = None, since: "date | None" = None
) -> None:
    """Label what waits, with progress; a model named makes a series of its own."""
    from classifier.labelling import label_posts
    from dashboard.terminal import show_progress
    from dashboard.terminal_status import show_labelled

    folder = find_model_folder(settings, model) if model else None
    classifier = open_classifier(settings, model)
    with show_progress("Labelling", unit="posts") as on_progress:
        labelled = label_posts(store, classifier, on_progress, since=since, candidate=folder)
    show_labelled(store, labelled)


@app.command()
def label(
    model: Annotated[
        str | None, typer.Option(help="A version or folder; its labels go beside the live ones.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Posts of this day and later.")
    ] = None,
) -> None:
    """Label every post that has no label from the model; can be stopped and run again."""
    settings = settings_now()
    label_all(open_readable(settings), settings, model, since.date() if since else None)


@app.command()
def predict(
    texts: Annotated[list[str] | None, typer.Argument(help="Texts to judge.")] = None,
    file: Annotated[Path | None, typer.Option(help="A table with a column `text`.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where the table with labels goes.")] = None,
    model: Annotated[
        str | None, typer.Option(help='A version, a folder or "shipped"; none: the live one.')
    ] = None,
) -> None:
    """Say which stance texts take, without touching the store."""
    from dashboard.terminal import show_progress
    from dashboard.terminal_predictions import show_predicted_table, show_predictions

    if bool(texts) == bool(file) or bool(file) != bool(out):
        raise typer.BadParameter("Give texts, or --file IN with --out OUT.")
    classifier = open_classifier(settings_now(), model)
    if file is None or out is None:
        show_predictions(texts or [], classifier.predict(texts or []), classifier.version)
        return
    from classifier.table_prediction import predict_table

    with show_progress("Predicting", unit="posts") as on_progress:
        predicted = predict_table(classifier, file, out, on_progress)
    show_predicted_table(predicted, out, classifier.version)


@app.command()
def evaluate(
    model: Annotated[str, typer.Argument(help='A version, a folder, "shipped" or "live".')],
    data: Annotated[list[Path], typer.Option(help="Labelled posts: csv, tsv, jsonl, parquet.")],
    against: Annotated[str | None, typer.Option(help="A second model to compare with.")] = None,
    trained_on: Annotated[
        list[Path] | None, typer.Option(help="What it was trained on, to find shared posts.")
    ] = None,
    json_out: Annotated[Path | None, typer.Option("--json", help="Figures, no texts.")] = None,
    html_out: Annotated[Path | None, typer.Option("--html", help="One page with plots.")] = None,
) -> None:
    """Say how well a model does on labelled posts, with intervals, and compare two models."""
    from classifier.labelled_data import read_labelled
    from classifier.model_evaluation import evaluate_model, with_overlap
    from dashboard.evaluation_page import write_page
    from dashboard.terminal import show_progress
    from dashboard.terminal_evaluation import show_evaluation, show_written, write_json

    settings = settings_now()
    labelled = read_labelled(data)
    if trained_on:
        labelled = with_overlap(labelled, read_labelled(trained_on))
    first = open_classifier(settings, model)
    second = open_classifier(settings, against) if against else None
    with show_progress("Evaluating", unit="posts") as on_progress:
        evaluation = evaluate_model(first, labelled, second, on_progress)
    show_evaluation(evaluation)
    if json_out:
        write_json(evaluation, json_out)
    if html_out:
        write_page(evaluation, html_out)
    show_written(json_out, html_out)


@app.command()
def train(
    data: Annotated[list[Path], typer.Option(help="Labelled posts: csv, tsv, jsonl, parquet.")],
    base: Annotated[str, typer.Option(help="An encoder: a folder, or an id on the Hub.")],
    out: Annotated[Path, typer.Option(help="The folder to write; a stopped run goes on there.")],
    name: Annotated[str, typer.Option(help="The model's name; none: that of the folder.")] = "",
    epochs: Annotated[int | None, typer.Option(min=1, help="At most.")] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed, the same run.")] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", help="Any field of the recipe in classifier/train.py: rate=5e-5."),
    ] = None,
) -> None:
    """Train a model of your own on labelled posts (needs the extra `train`)."""
    from classifier.training import train_model
    from dashboard.terminal_evaluation import show_note
    from dashboard.terminal_models import show_trained

    options = dict(pair.split("=", 1) for pair in setting or [] if "=" in pair)
    if len(options) < len(setting or []):
        raise typer.BadParameter("Write --set NAME=VALUE, as in --set rate=5e-5.")
    options |= {k: str(v) for k, v in {"epochs": epochs, "seed": seed}.items() if v is not None}
    trained = train_model(data, base, out, name=name, options=options, on_note=show_note)
    show_trained(trained, out)


models_app = typer.Typer(
    no_args_is_help=True, help="The models that this store knows; exactly one is live."
)
app.add_typer(models_app, name="models")


@models_app.command("list")
def list_models_() -> None:
    """List the models with their state, and how many labels each has given."""
    from classifier.registry import count_by_model, list_models
    from dashboard.terminal_models import show_models

    with open_readable(settings_now()).reading() as connection:
        show_models(list_models(connection), count_by_model(connection))


@models_app.command("show")
def show_model_(version: Annotated[str, typer.Argument(help="As in `awaaz models list`.")]) -> None:
    """Show where a model comes from, its figures, and how it was promoted."""
    from classifier.errors import RegistryError
    from classifier.registry import find_model, list_promotions
    from dashboard.terminal_models import show_model

    with open_readable(settings_now()).reading() as connection:
        model = find_model(connection, version)
        if model is None:
            raise RegistryError(f"There is no model {version}; `awaaz models list` names them.")
        show_model(model, list_promotions(connection, version))


@models_app.command()
def promote(
    model: Annotated[str, typer.Argument(help='A version, a folder, or "shipped".')],
    data: Annotated[
        list[Path] | None, typer.Option(help="Labelled posts that neither was trained on.")
    ] = None,
    anyway: Annotated[
        str | None, typer.Option(help="Why it shall be live though it is worse; recorded.")
    ] = None,
) -> None:
    """Make a model the live one, unless it is worse on any form with enough posts."""
    from classifier.labels import count_unlabelled
    from classifier.model_folder import read_settings
    from classifier.promotion import promote as promote_model
    from classifier.stance_classifier import StanceClassifier
    from dashboard.terminal_models import show_grounds, show_promoted

    if anyway is not None and not anyway.strip():
        raise typer.BadParameter("Say why: --anyway REASON.")
    settings = settings_now()
    folder = find_model_folder(settings, model)
    StanceClassifier.load(folder)  # a folder that does not load must not be live
    candidate = read_settings(folder)
    store = open_readable(settings)
    grounds = find_grounds(settings, store, folder, data)
    show_grounds(grounds, candidate.version)
    shipped = None if folder == find_model_folder(settings, "shipped") else folder
    done = promote_model(store, candidate, shipped, grounds, datetime.now(UTC), anyway or "")
    with store.reading() as connection:
        waiting = count_unlabelled(connection, candidate.version)["waiting"]
    show_promoted(done, waiting)


def find_grounds(
    settings: "Settings", store: "Store", folder: Path, data: list[Path] | None
) -> "Grounds":
    """Compare a model with the live one, on labelled posts or by the figures that both bear."""
    from classifier.labelled_data import read_labelled
    from classifier.model_folder import read_settings
    from classifier.promotion import Grounds, compare_on, compare_stored
    from classifier.registry import live_model
    from classifier.stance_classifier import StanceClassifier

    with store.reading() as connection:
        live = live_model(connection)
    if live in (None, read_settings(folder).version):
        return Grounds("nothing to compare with", [])
    try:
        if data:
            labelled, old = read_labelled(data), open_classifier(settings, live)
            return compare_on(labelled, old, StanceClassifier.load(folder))
        old_folder = find_model_folder(settings, live)
        return compare_stored(read_settings(old_folder), read_settings(folder))
    except ModelError as error:
        return Grounds("nothing", [], f"the live model cannot be compared with ({error})")


@models_app.command()
def retire(version: Annotated[str, typer.Argument(help="As in `awaaz models list`.")]) -> None:
    """Set a model aside; its labels stay. The live one cannot be retired."""
    from classifier.registry import retire_model

    with open_readable(settings_now()).writing() as connection:
        retire_model(connection, version, datetime.now(UTC))
    typer.echo(f"{version} is retired; its labels stay.")
