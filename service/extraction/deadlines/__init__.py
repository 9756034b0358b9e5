"""How each language says when something is due: one file per language."""
