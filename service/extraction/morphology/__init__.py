"""What dictionaries know about a form, one file per language. Pure; a dictionary is loaded on first use."""
