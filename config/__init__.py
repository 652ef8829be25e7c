"""Ground floor: every setting, the codebook and the events."""

__version__ = "0.1.0"
