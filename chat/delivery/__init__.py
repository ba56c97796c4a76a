"""From a commit to the sockets: a conversation's rows (`threads`, `ledger`), events, who is told of
them (`announce`, `hub`, `bus`, `outbox`), and the only gate to a conversation (`access`). What
changes a conversation imports it; it imports models, protocol, files and presence."""
