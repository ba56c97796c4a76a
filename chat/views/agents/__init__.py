"""The workspace: its page, and what its scripts fetch and change."""
