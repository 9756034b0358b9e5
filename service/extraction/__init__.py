"""Third stage: a Conversation becomes Statements. Pure: no database, no web."""
