"""What the queue takes: one thing that somebody does, checked by forms.py.

Messages and read marks share a transaction (messages.py); all other items have one each
(actions.py, visitor_actions.py).
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from accounts.models import Member
from chat.conversations.changes import Change
from chat.conversations.openings import Opening
from chat.ledger import visible_names
from chat.ledger.threads import Thread
from chat.protocol import formatting
from chat.protocol.errors import Refused
from chat.protocol.forms import SendForm


@dataclass(slots=True)
class Item:
    """`group` is the uuid of the conversation that it is about; None for a message that may open
    one. `ent_id` is the enterprise of who asks, set where nobody has looked yet whether the group
    is of it (SocketConsumer.submit)."""

    ent_id: str = field(default="", kw_only=True)
    alone: ClassVar[bool] = False
    """Whether it has a transaction of its own, as it changes more than a conversation's rows."""
    asker: ClassVar[str] = "actor"
    """The field with the uuid of the member or visitor who asks."""

    if TYPE_CHECKING:

        @property
        def group(self) -> str | None: ...

    def may_be_about(self, thread: Thread | None) -> Thread | None:
        """The locked conversation, unless it is of another enterprise than who asks."""
        return thread if thread and self.ent_id in ("", thread.ent_id) else None

    def refusal(self, code: str, detail: str, **facts: Any) -> dict:
        """The error event for whoever asked."""
        if self.group:
            facts.setdefault("group", self.group)
        return Refused(code, detail, **facts).event()


@dataclass(slots=True)
class LoneItem(Item):
    """An item with a transaction of its own."""

    alone: ClassVar[bool] = True

    if TYPE_CHECKING:

        @property
        def group(self) -> str: ...

    def lock(self, change: Change) -> Thread:
        """Its conversation, locked. Raises Refused where there is none for who asks."""
        thread = self.may_be_about(change.lock_one(self.group))
        if thread is None:
            raise not_found()
        return thread

    def perform(self, change: Change) -> None:
        """Locks what it needs and changes it; leaves it as it is where all is so already. Raises
        Refused, and then nothing is stored."""
        raise NotImplementedError

    def state(self, change: Change) -> dict | None:
        """The answer for whoever asked where nothing was changed: how it stands, where no event
        will tell."""
        return None


def not_found() -> Refused:
    return Refused("not_found", "There is no such conversation for you.")


@dataclass(slots=True)
class Draft(Item):
    """A message as its sender gave it. Without `group`, a visitor's first message: `opening` says
    where it goes. `file` are the facts of its file (storage.message_data), `question` is the number
    of the quick question that was pressed."""

    asker: ClassVar[str] = "sender"
    sender: str
    sender_name: str
    sender_avatar: str
    client_id: str
    content: str
    group: str | None
    note: bool = False
    seen: int | None = None
    opening: Opening | None = None
    reply_to: int | None = None
    mentions: tuple[str, ...] = ()
    file: dict | None = None
    question: int | None = None
    bot: bool = False
    """Whether the sender is a bot."""
    service: bool = False
    """Whether the sender is a service account, which sits nowhere and answers for nobody."""
    formatted: bool = False
    """Whether an agent's text is shown formatted."""
    buttons: tuple[str, ...] = ()
    """The answers that a bot offers the visitor."""

    @classmethod
    def of_member(cls, form: SendForm, member: Member, group: str | None) -> "Draft":
        """What a checked form says, of a member to `group`, or to where an opening is going to say.
        The text is parsed here: within the transaction all other messages would wait for it."""
        visible_names.remember(member)
        draft = cls.of(form, member.uuid, member.display_name, member.avator, group=group)
        draft.formatted = formatting.is_formatted(form.content)
        return draft

    @classmethod
    def of(
        cls,
        form: SendForm,
        sender: str,
        name: str,
        avatar: str = "",
        *,
        group: str | None,
        opening: Opening | None = None,
    ) -> "Draft":
        """What a checked form says, of a member or visitor (uuid) to `group`, or to where `opening`
        says. The name is that of the opening, where there is one."""
        return cls(
            sender,
            opening.label if opening else name,
            avatar,
            form.client_id,
            form.content,
            group,
            form.note,
            form.seen,
            opening,
            form.reply_to,
            form.mentions,
            question=form.question,
            buttons=form.buttons,
        )

    @property
    def key(self) -> tuple[str, str]:
        return self.client_id, self.sender

    def refusal(self, code: str, detail: str, **facts: Any) -> dict:
        """The group of a first message is nothing that its sender knows."""
        facts = {"client_id": self.client_id, **facts}
        if self.group and not self.opening:
            facts.setdefault("group", self.group)
        return Refused(code, detail, **facts).event()


@dataclass(slots=True)
class Mark(Item):
    """`member_id` has read `group` up to `seq`."""

    asker: ClassVar[str] = "member_id"
    member_id: str
    group: str
    seq: int
