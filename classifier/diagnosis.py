"""What `awaaz doctor` says of the live model."""

from collections.abc import Callable
from pathlib import Path

from classifier.errors import ClassifierError
from classifier.stance_classifier import StanceClassifier
from collector.errors import CollectorError
from config.findings import Finding

__all__ = ["diagnose_model"]


def diagnose_model(find_folder: Callable[[], Path]) -> Finding:
    """Say whether the live model, in the folder that is found, loads and gives an answer."""
    try:
        classifier = StanceClassifier.load(find_folder())
        classifier.predict(["I believe her. #MeToo"])
    except CollectorError as error:  # the store, which names the live model
        return Finding("model", "fault", str(error))
    except ClassifierError as error:
        advice = "`awaaz models promote` changes the live model."
        return Finding("model", "fault", str(error), advice)
    return Finding("model", "good", f"{classifier.version} loads and answers.")
