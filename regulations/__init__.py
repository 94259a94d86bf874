"""The law and its review as plain Python: no database, no web, no language model."""
