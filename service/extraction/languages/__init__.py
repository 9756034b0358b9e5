"""One file per language, found by discovery: each defines LANGUAGE."""
