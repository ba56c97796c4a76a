"""How a conversation stands for reports after some row, to go on from there."""

from dataclasses import asdict, dataclass, fields, replace

from chat.models import CountedReception

GIVEN, USED = "given", "used"
OFTEN_EMPTY = ("floor", "asked", "closing", "over")
ENDED_BY_CLOSE = ("taken_back", "waiting", "floor", "asked")


@dataclass(slots=True)
class State:
    team: int | None
    """The conversation's team."""
    reception: int | None = None
    """The key of the reception that began last."""
    fresh: bool = True
    """Whether the visitor's next message that waits begins a reception."""
    over: bool = False
    """Whether its reception was closed when another conversation was added, whose reception without
    a message is the present one: nothing reopens it."""
    holder: str = ""
    waiting: str = ""
    """When the visitor wrote the message that waits, in ISO format; empty for none."""
    open: bool = True
    opened: str = ""
    """When it was opened or reopened last, in ISO format."""
    taken_back: list[str] | None = None
    """When the reception was closed, in ISO format, and who held it last: since then an agent has
    reopened it, and the visitor has not written yet."""
    floor: str = ""
    """GIVEN while a bot has the floor and the visitor has not written yet, then USED; empty while
    no bot has it."""
    asked: str = ""
    """When the visitor wrote the message that waits for the bot, in ISO format; empty for none."""
    closing: dict | None = None
    """Of the close that came last, while nothing has reopened it: `by` whom, when (`at`, in ISO
    format), whether it `ends` the reception, and what it ended: `taken_back`, `waiting`, `floor`
    and `asked`, as far as nothing has ended that since."""
    joined_seq: int = 0
    """The row with which another conversation was added: messages before it and after it are
    counted apart, so that the numbers of no two counts overlap."""

    @classmethod
    def read(cls, stored: dict) -> "State":
        """What `stored` returned, perhaps of a later version: what it added is left out."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in stored.items() if name in known})

    def stored(self) -> dict:
        """Without what is empty of OFTEN_EMPTY: processes before it know nothing of it, and run
        beside newer ones during an upgrade."""
        kept = asdict(self)
        return {name: kept[name] for name in kept if kept[name] or name not in OFTEN_EMPTY}


StateAndReception = tuple[State, CountedReception | None]
"""A state, and the reception that began last."""


def merged(former: StateAndReception, later: StateAndReception, seq: int) -> StateAndReception:
    """How two conversations stand as one (care/merges.py), the later one's rows up to `seq` behind
    those of the former. The open reception goes on, the former's of two, or else that of the
    conversation that was opened last. Where it has none yet, messages are the other's until it
    begins."""
    (old, _earlier), (new, _last) = former, later
    goes_on = new.open and not old.open if new.open or old.open else new.opened > old.opened
    (state, reception), (other, their_reception) = (later, former) if goes_on else (former, later)
    if reception is None and their_reception is not None:
        reception = their_reception
        ended = not other.open
        fresh, over = other.fresh or ended, other.over or ended
        state = replace(state, fresh=fresh, over=over, taken_back=other.taken_back)
    floor = "" if old.waiting or new.waiting or old.holder or new.holder else state.floor
    state = replace(
        state,
        floor=floor,
        asked=min(filter(None, (old.asked, new.asked)), default="") if floor else "",
        team=old.team,
        holder=old.holder or new.holder,
        waiting=min(filter(None, (old.waiting, new.waiting)), default=""),
        open=old.open or new.open,
        closing=None,
        joined_seq=seq,
    )
    return state, reception
