"""Orchestration and the command `minaoshi`: what runs when, never how it is done."""
