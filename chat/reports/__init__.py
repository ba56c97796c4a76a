"""Reports: figures that can be counted again from the rows that they list.

`counting` reads the rows of conversations and keeps what they count in tables, behind the chat,
which knows nothing of it. `showing` adds what is not in the tables yet, so a report is never late.
`page`, `charts`, `form`, `exports` and `report_mail` present it. Views and the administration
import this package, and `care` has the rows counted (`counting.settle`) before it empties them.

It reads models and writes only tables of its own, and `conversation.counted_seq`.
"""
