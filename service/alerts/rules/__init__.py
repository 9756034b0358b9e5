"""One file per rule, found by discovery: each defines RULE."""
