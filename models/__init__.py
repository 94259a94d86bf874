"""The system of record: what was read, what was detected, and what people decided."""
