"""One file per kind of added source: what it needs, and how it is read."""
