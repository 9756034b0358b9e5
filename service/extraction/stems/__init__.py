"""Light stemmers for search keys, one module per language; data and rules, no dictionary."""
