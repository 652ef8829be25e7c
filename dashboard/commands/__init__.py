"""The commands of `awaaz`, by topic; awaaz.py puts them together."""
