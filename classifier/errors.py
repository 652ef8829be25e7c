"""Errors of the classifier package.

ClassifierError
├── ModelError      a model folder is missing, incomplete or damaged
├── DatasetError    labelled data cannot be used for training or evaluation
└── TableError      a table cannot be read, or its predictions cannot be written
"""


class ClassifierError(Exception):
    """Base of every error that the classifier package raises."""


class ModelError(ClassifierError):
    """A model cannot be read; the message names the folder and what to do."""


class DatasetError(ClassifierError):
    """Labelled data cannot be used; the message names the row and what to change."""


class TableError(ClassifierError):
    """A table cannot be read or written; the message names the file and what to change."""
