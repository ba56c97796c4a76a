"""The second step of a sign-in: codes of an authenticator app, and recovery codes.

This is its only door. `has_any` tells whether a member has a second factor, `use` takes a code;
`app` sets an authenticator app up, `renew_codes` makes recovery codes, `remove_all` ends it all.
`pending` keeps who has given a right password and no second factor yet; `fresh` guards views that
want a recent proof. Codes that are typed pass `authenticate` (accounts/backends.py), so that wrong
ones are counted and lock as wrong passwords do.
"""

from . import app, fresh, pending
from .codes import codes_left, renew_codes
from .fresh import needs_fresh
from .using import has_any, remove_all, use

__all__ = [
    "app",
    "codes_left",
    "fresh",
    "has_any",
    "needs_fresh",
    "pending",
    "remove_all",
    "renew_codes",
    "use",
]
