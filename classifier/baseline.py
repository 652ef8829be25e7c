"""The yardstick: TF-IDF over words and characters with logistic regression, on the same split.

python -m classifier.baseline --data POSTS.tsv REWRITES.tsv
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline, make_union

from classifier.dataset import Example, read_examples, split_examples
from classifier.evaluation import summarise
from classifier.text import normalise
from config.codebook import STANCES

_WORD = r"\S+"


def fit_baseline(examples: Sequence[Example], *, strength: float = 3.0) -> Pipeline:
    """Fit on the texts as the encoder sees them; classes weigh alike."""
    features = make_union(
        TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, token_pattern=_WORD),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=3, sublinear_tf=True),
    )
    model = make_pipeline(
        features, LogisticRegression(C=strength, max_iter=300, class_weight="balanced")
    )
    model.fit([normalise(e.text) for e in examples], [STANCES.index(e.stance) for e in examples])
    return model


def main() -> None:
    """Fit on the training part and print the figures of the other two."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    data: list[Path] = parser.parse_args().data
    parts = split_examples([e for path in data for e in read_examples(path)])
    model = fit_baseline(parts["train"])
    for part in ("validation", "test"):
        probabilities = model.predict_proba([normalise(e.text) for e in parts[part]])
        figures = summarise(parts[part], np.asarray(probabilities))
        print(part, json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
