"""Gathers posts, keeps them, and forgets what must be forgotten."""
