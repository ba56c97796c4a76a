"""Opening, claiming, closing.

What happens to a conversation: it opens, agents join, claim, tag, snooze and close it. Care and
posting import this package.
"""
