"""Draws pictures again.

`accounts` and `chat` use it for uploads, and it imports neither of them. draw.py runs program.py, a
process of its own with limits of time and memory. turns.py bounds how many pictures wait, and
decides which of them is next.
"""
