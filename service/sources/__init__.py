"""First stage: the outside world becomes RawMessage. Pure: no database, no web."""
