"""spaCy components, one factory a file. Importing one registers its factory."""
