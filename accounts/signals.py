"""What this app tells whoever listens, so that it need not know them."""

from django.dispatch import Signal

profile_changed = Signal()
"""member: its nickname or avatar is another one now."""

access_changed = Signal()
"""member, changed (the names of the fields): enabled, disabled, given another password, or
moved to another enterprise."""
