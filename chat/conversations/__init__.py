"""What a conversation goes through: opening, seats, claims, membership, receptions, snoozing, tags.
Care and posting import it."""
