"""Sixth stage: Agreements and now become Alerts, told through channels."""
