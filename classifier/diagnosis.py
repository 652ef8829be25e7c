"""What `awaaz doctor` says of the live model."""

from pathlib import Path

from classifier.errors import ClassifierError
from classifier.stance_classifier import StanceClassifier
from config.findings import Finding

__all__ = ["diagnose_model"]


def diagnose_model(folder: Path) -> Finding:
    """Say whether the live model, in `folder`, loads and gives an answer."""
    try:
        classifier = StanceClassifier.load(folder)
        classifier.predict(["I believe her. #MeToo"])
    except ClassifierError as error:
        return Finding(
            "model", "fault", str(error), "`awaaz models promote` changes the live model."
        )
    return Finding("model", "good", f"{classifier.version} loads and answers.")
