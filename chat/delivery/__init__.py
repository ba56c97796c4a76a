"""From a commit to the sockets.

A locked conversation and its rows (`threads`, `ledger`), events and their recipients (`announce`,
`hub`, `bus`, `outbox`), and the only gate to a conversation (`access`). Everything that changes a
conversation imports this package.
"""
