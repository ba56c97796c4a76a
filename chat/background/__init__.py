"""What runs beside the sockets: upkeep every three seconds, periodic tasks, the sampler of metrics,
and the revocation of access. Sockets and views import it."""
