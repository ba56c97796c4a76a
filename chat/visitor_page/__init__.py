"""The page about one visitor in the administration: who they are, and all that they had with the
enterprise.

`page.py` says what is known of them, `timeline.py` puts their receptions in one line of time, and
`admin.py` is the page itself, with what can be done there. `chat/admin.py` alone imports it.
"""
