"""The words of attachments: read in a child process with limits, kept, found by search."""
