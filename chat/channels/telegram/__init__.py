"""Telegram: messages of a bot."""
