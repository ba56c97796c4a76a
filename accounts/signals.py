"""Signals of this app. `chat` connects to them, because this app imports nothing of it."""

from django.dispatch import Signal

profile_changed = Signal()
"""The nickname or the avatar of `member` has changed."""

access_changed = Signal()
"""`member` was enabled, disabled, given another password or role, or moved to another enterprise.
`changed` is the set of the names of the fields."""

token_ended = Signal()
"""`token` (an AccessToken) opens nothing any more."""

presence_asked = Signal()
"""A page shows who is there. Receivers answer with the states of those of `people` (uuids) who are
not offline: online, busy or away, by uuid."""

use_asked = Signal()
"""A page shows what `enterprise` has still to set up. Receivers answer whether it serves visitors,
wherever these come from."""

values_asked = Signal()
"""How many customers have a value of `attribute` (an Attribute as it is to be stored)? Receivers
answer with their number; with `lost`, of those whose value it does not allow."""

attribute_reshaped = Signal()
"""`attribute` was stored with another kind or fewer choices, which allow all values."""
