"""Customers from a CSV file: a preview, then the import in the background, and its undoing for a
day.

`tables.py` reads a file, `plans.py` says what each line does, `writing.py` does and undoes it,
`jobs.py` runs these steps beside the chat, and `files.py` is the door for the pages.
"""
