"""Draws uploaded pictures anew. `accounts` and `chat` import it; it imports neither of them.

draw.py runs program.py in a process of its own, with limits of time and memory. turns.py limits how
many pictures wait, and decides which one is next.
"""
