"""Inbox, history, search.

Functions that read and return. They write nothing, except a member's own alert choices. Sockets
and views import this package.
"""
