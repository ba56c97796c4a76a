"""Uploaded files: what they are by their content, pictures redrawn, rows and disk. Everything above
models may import it."""
