"""Sources that a person added once: their settings, secrets, lease, place of reading, completeness."""
