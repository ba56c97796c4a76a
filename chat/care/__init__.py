"""Spam, blocking, erasure.

What protects visitors and agents, what ends the keeping of data, and what joins or merges
conversations. Posting and background tasks import this package.
"""
