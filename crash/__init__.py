"""The delivery proof: Kefu under load while its parts fail. `bin/crash` runs it."""
