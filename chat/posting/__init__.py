"""From a checked frame to a commit: the queue (`writer`), the transaction (`batches`), actions and
uploads. Sockets, views and background tasks import it."""
