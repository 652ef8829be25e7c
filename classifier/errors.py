"""Errors of the classifier package.

ClassifierError
├── ModelError      a model folder is missing, incomplete or damaged
├── DatasetError    labelled data cannot be used for training or evaluation
├── TableError      a table cannot be read, or its predictions cannot be written
├── AnnotationError     an annotation, or a table of them, cannot be taken
├── RegistryError   a model is not known, or cannot take the state that was asked for
│   └── PromotionRefused    a model is worse than the live one, or nothing shows that it is not
└── TrainingError   training cannot begin: a library or the base model is missing
"""


class ClassifierError(Exception):
    """Base of every error that the classifier package raises."""


class ModelError(ClassifierError):
    """A model cannot be read; the message names the folder and what to do."""


class DatasetError(ClassifierError):
    """Labelled data cannot be used; the message names the row and what to change."""


class TableError(ClassifierError):
    """A table cannot be read or written; the message names the file and what to change."""


class AnnotationError(ClassifierError):
    """An annotation cannot be taken; the message says what to change and repeats none of it."""


class RegistryError(ClassifierError):
    """The registry cannot do what was asked; the message says why and what can be done."""


class PromotionRefused(RegistryError):
    """A model is not made live; the message says on which form it is worse."""


class TrainingError(ClassifierError):
    """Training cannot begin; the message says what is missing and how to get it."""
