"""Passwords: how they are hashed, how strong they must be, how many wrong ones are allowed."""
