"""The protocol: frames, forms, fields and error codes. Checks what comes in and touches no row.
Everything above may import it; it imports nothing else of `chat`."""
