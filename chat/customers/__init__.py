"""Customers: what an enterprise stores about its visitors, and which of them are one person.

`attributes.py` checks and writes the values of attributes, `signed.py` takes those that the site
signs, and `definitions.py` follows a change of their definitions. `links.py` links visitors and
parts them, `segments.py` keeps filters of their list. The tables stand in
`accounts/models/attribute.py` and `chat/models/customer.py`.
"""
