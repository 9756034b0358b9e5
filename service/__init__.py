"""Scripta keeps everything that was agreed in writing, and shows what was only said.

The folders are the stages, and data flows one way:

    sources     the outside world        -> RawMessage, Unreadable
    archive     RawMessage               -> Message; the original kept byte for byte
    intake      added sources            -> how far each was read, and what is not here
    attachments files of messages        -> their words, read in a child process
    origin      signed mails             -> Verdict, with the key as DNS gave it
    extraction  Conversation             -> Statement (spaCy pipelines for ru, pl, en)
    ledger      any fact                 -> append-only, signed, verifiable Entry
    agreements  Statements               -> Agreement, VerbalEvent; every change is an Entry
    alerts      Agreements x now         -> Alert; told through a channel
    search      one grammar              -> SQLite FTS5 or PostgreSQL GIN
    pipeline    calls the stages in order; api and web read what they kept.

Words, the same in code, API, pages and docs: source, message, conversation, person, side
(agency / client / other), client, project, statement, agreement, promise, verbal event, gap,
entry, checkpoint, alert, rule, channel.
"""
