"""One query grammar over SQLite FTS5 or PostgreSQL GIN."""
