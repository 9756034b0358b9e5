"""One file per provider, each with `PROVIDER = Provider(...)`."""
