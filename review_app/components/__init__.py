"""Pieces of a page. Each draws with Streamlit and leaves wording to `labels_ja`, values to `presenters`."""
