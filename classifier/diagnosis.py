"""What `awaaz doctor` says of the live model."""

from pathlib import Path

from classifier.errors import ClassifierError
from classifier.stance_classifier import StanceClassifier
from config.findings import Finding
from config.settings import Settings

__all__ = ["diagnose_model"]


def diagnose_model(settings: Settings) -> Finding:
    """Say whether the live model loads and gives an answer."""
    live = settings.model.live
    try:
        classifier = StanceClassifier.load(None if live == "shipped" else Path(live))
        classifier.predict(["I believe her. #MeToo"])
    except ClassifierError as error:
        return Finding("model", "fault", str(error), 'Set model.live to "shipped" or a folder.')
    return Finding("model", "good", f"{classifier.version} loads and answers.")
