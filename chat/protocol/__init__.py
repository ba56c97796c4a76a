"""Frames, forms and error codes.

Checks everything that comes in and touches no row. It imports nothing else of the project, and
everything above may import it.
"""
