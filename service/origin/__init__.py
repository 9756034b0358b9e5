"""Origin: was a mail signed by its sender's domain (DKIM, ARC), and with which key."""
