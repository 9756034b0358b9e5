"""OAuth 2 for mailboxes: a person signs in at the provider, and we keep tokens in place of a password."""
