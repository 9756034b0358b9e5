"""One file per channel, found by discovery: each defines CHANNEL."""
