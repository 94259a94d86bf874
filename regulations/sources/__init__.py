"""Reading: one module a format, each a pure function from bytes to a tree with diagnostics.

`reading.read_source` chooses the reader by content. A further format is one module whose reader
follows `base.Reader`, and one line in `reading.READERS`.
"""
