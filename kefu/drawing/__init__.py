"""Draws uploaded pictures anew, for `accounts` and `chat` alike; it imports neither of them.

draw.py runs program.py, a process of its own with limits of time and memory. turns.py bounds how
many pictures wait, and decides which of them is next.
"""
