"""Kefu for language models: a server of the Model Context Protocol, which the command `mcp` runs.

It is a client of the API under /api/v1/ and imports nothing else of Kefu: so rights, scopes, limits
and the audit are the API's, what it writes reaches open pages at once, and it needs neither the
database nor its password. `server.serve` is its only door. docs/mcp.md is for those who use it.
"""
