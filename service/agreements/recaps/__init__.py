"""How a recap is worded: one file per language, found by discovery; each defines RECAP."""
