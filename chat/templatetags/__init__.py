"""Template tags and filters.

The words of notices, names and colours of people, sizes and times. Templates load `chat`.
"""
