"""What dictionaries know about a form: one file per language. Pure; each dictionary is loaded on first use."""
