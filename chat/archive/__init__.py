"""The archive: all conversations of an enterprise, to be found, read and taken along.

`question.py` reads what an address asks for, `conditions.py` says it in SQL, and
`pages_of_rows.py` goes through the conversations, newest activity first, for as long as a reader
waits. `rows.py` says what the list shows of what was found, `thread.py` what of one conversation.
`exports.py` keeps what members want to take along, and `export_jobs.py` makes it. Views import
this package, and `care` has exports deleted (`exports.forget`) that tell of who is erased.

Nothing of it is on the way of a message: it reads tables that are there and no index of its own.
"""
