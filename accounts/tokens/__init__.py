"""Access tokens: how programs get in, bots to the sockets, service accounts and bots to the API.

Its only door: `issue`, `rotate` and `end` make and end tokens, `read` turns the header of a request
into the token that it carries, `valid_among` tells which of those that opened sockets still hold.
`service_account` and `bot` find or make the members that tokens belong to.
"""

from .accounts import bot, service_account
from .issue import end, issue, rotate
from .lookup import read, valid_among
from .scopes import SCOPES, Scope
