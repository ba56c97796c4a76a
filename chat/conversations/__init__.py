"""What a conversation goes through: opening, seats, claims, membership, receptions, snoozing, tags.
Every change goes through `changes`, which locks, writes and announces. Care and posting import
it."""
