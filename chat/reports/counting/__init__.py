"""What reports count, kept in tables behind the chat.

`story` reads the rows of a conversation and says what they count; `tables` keeps that in tables;
`packs` packs the days that are over.
"""

from . import tables

are_uncounted = tables.are_uncounted
catch_up = tables.catch_up
count = tables.count
forget = tables.forget
merge = tables.merge
rebuild = tables.rebuild
settle = tables.settle
team_removed = tables.team_removed
uncounted = tables.uncounted
