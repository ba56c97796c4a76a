"""The benchmark: Kefu against other chats on the same tables. `bin/bench` runs it. It imports
`accounts`, `chat` and `tests.plugins`; only `crash` and tests import it."""
