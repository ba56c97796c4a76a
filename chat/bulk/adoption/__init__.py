"""Imports conversations from another system, with the people and the times in them.

A reader for each system yields the neutral records of `records.py`: `seed.py` for a database with
the four tables of the original schema, `livehelperchat.py` and `chatwoot.py` for two others;
`sources.py` finds the one for an address.
`run.py` looks through all of them, or imports them, in small transactions that each write rows and
progress together; so it may be killed anywhere, and run again for what has come since.
`manage.py adopt` is the only one that calls it.

What is imported is announced to nobody, waits for nobody and sends nothing (`Origin.IMPORTED`).
"""
