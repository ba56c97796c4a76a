"""The second step of a sign-in: codes of an authenticator app, passkeys, and recovery codes.

This is its only door. `has_any` tells whether a member has a second factor, `use` takes a code;
`app` sets an authenticator app up, `passkeys` adds passkeys and checks what they sign,
`renew_codes` makes recovery codes, `remove_passkey` and `remove_all` end them.
`pending` keeps who has given a right password and no second factor yet; `fresh` guards views that
want a recent proof. Codes that are typed pass `authenticate` (accounts/backends.py), so that wrong
ones are counted and lock as wrong passwords do.
"""

from . import app, fresh, passkeys, pending
from .codes import codes_left, renew_codes
from .fresh import file_needs_fresh, needs_fresh
from .verification import has_any, is_only, remove_all, remove_passkey, use
