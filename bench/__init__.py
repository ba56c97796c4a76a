"""The benchmark: Kefu against the textbook way on the same tables. `bin/bench` runs it."""
