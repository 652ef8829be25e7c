"""Ground floor: every setting, the codebook and the events."""
