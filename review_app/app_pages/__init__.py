"""The pages: `show(actor)` draws one."""
