"""Who is connected (`leases`), who waits, and which teams are unattended. Everything that tells or
asks who is there may import it."""
