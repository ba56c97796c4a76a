"""Mail: a mailbox whose threads are conversations."""
