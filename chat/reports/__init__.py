"""Reports: figures that can be counted again from the rows that they list.

`story.py` reads the rows of a conversation and tells what reports count in it; `counting.py` keeps
that in tables, behind the chat, which knows nothing of it. A report adds what is not in the tables
yet, so it is never late. Views and the administration import this package, and `care` has the rows
counted (`counting.settle`) before it empties them.

It reads models and writes only tables of its own, and `conversation.counted_seq`.
"""
