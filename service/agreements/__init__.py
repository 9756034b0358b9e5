"""Fifth stage: Statements become Agreements and VerbalEvents; every change is a ledger entry."""
