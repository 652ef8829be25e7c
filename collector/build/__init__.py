"""Makes the data artefacts in `collector/data`; nothing here is needed at run time."""
