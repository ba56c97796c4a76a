"""A conversation's rows, before the commit.

A locked conversation with its seats (`threads`) and what is added to it (`ledger`, `references`,
`stale`), and the only gate to a conversation (`access`). Everything that changes a conversation
imports this package; `chat.delivery` sends what was committed.
"""
