"""Customers in the administration: their list, and the page about each with all that they had with
the enterprise.

`listing.py` finds whom the list has, `list_admin.py` is the list. `page.py` says what is known of a
customer, `timeline.py` puts their receptions in one line of time and `happened.py` the events among
them, `preview.py` shows what a link would show together, and `admin.py` is the page itself, with
what can be done there; `edits.py` changes values, notes and tags. `chat/admin.py` imports it, and
for agents, who see a part of `page.py`, `chat/views/agents/customers.py`.
"""
