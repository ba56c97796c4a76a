"""From a checked frame to a commit: what is asked (`items`), the queue (`writer`), the transaction
(`batches`), messages and what reacts to them (`messages`, `reactions`), actions and uploads.
Sockets, views and background tasks import it."""
