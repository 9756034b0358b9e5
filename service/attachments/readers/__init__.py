"""One file for each kind of attachment."""
