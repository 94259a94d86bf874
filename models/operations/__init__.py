"""Use cases, one a file: the session first, the rest by keyword; they flush and never commit.

Each transition a person makes checks its `may_*` predicate and writes one line of the audit log.
An `actor` of None is the command line, whose user owns the database anyway.
"""
