"""The proof of delivery: Kefu under load while its parts fail. `bin/crash` runs it. It starts
servers with `bench.servers` and `tests.plugins`; only tests import it."""
