"""One file per format, found by discovery: each defines SOURCE."""
