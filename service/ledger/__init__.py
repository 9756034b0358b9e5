"""Append-only Merkle log of facts; knows nothing about what it records (bytes: FORMAT.md)."""
