"""Customers: what an enterprise stores about its visitors, and which of them are one person.

`attributes.py` checks and writes the values of attributes, `links.py` links visitors and parts
them. The tables stand in
`accounts/models/attribute.py` and `chat/models/customer.py`.
"""
