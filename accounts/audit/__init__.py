"""The audit: every change of settings, members, teams and places, every export, erasure and
sign-in, and every reading without a seat is a row, written in the transaction that does it.

This is its only door. `watch` has each stored change of a model noted by itself, whoever makes it;
`note` notes what is no change of a row; `recording` says who does it from where, and gathers the
rows of a transaction until its end. Nothing on the way of a message comes here.
"""

from .chains import INSTALLATION, Action, chain_of, forget
from .notes import actor, during, note, note_once, recorded, recording, undoable
from .origins import Origin, of_command, of_person, of_request
from .retention import log_ends, shorten
from .sign_ins import chain_of_member, gather
from .verification import Verdict, verify
from .watch import by_enterprise, listen, watch, watched_models
