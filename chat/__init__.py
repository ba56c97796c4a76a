"""Visitors, conversations and messages. docs/architecture.md draws its packages."""
