"""Every table, and whether it goes along: which rows are an enterprise's, in an order in which what
others refer to comes first."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.db.models import Model, Q

from accounts import models as accounts
from chat import models as chat
from chat.models.stream import ROOM

Moves = dict[type[Model], int]
"""By how much the keys of each table grow, where theirs are taken."""


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` selects an enterprise's rows. `keys` are columns that hold keys of another table
    without a reference that the database knows, `groups` those with the uuid of a conversation that
    comes before; `moved` changes a column otherwise. `fixed` are columns that have this value in
    the file, and at the other side whatever the file says. `settings`: somebody chose what is in
    it, so it is checked as a form would."""

    model: type[Model]
    rows: Callable[[accounts.Enterprise], Q]
    keys: dict[str, type[Model]] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    moved: dict[str, Callable[[object, Moves], object]] = field(default_factory=dict)
    fixed: dict[str, object] = field(default_factory=dict)
    settings: bool = False


def by(path: str) -> Callable[[accounts.Enterprise], Q]:
    return lambda enterprise: Q(**{path: enterprise.pk})


def by_code(enterprise: accounts.Enterprise) -> Q:
    return Q(ent_id=enterprise.code)


def of_stream(enterprise: accounts.Enterprise) -> Q:
    head = chat.StreamHead.objects.filter(ent_id=enterprise.code).first()
    return Q(id__gt=head.id_of(0), id__lt=head.id_of(ROOM)) if head else Q(pk__in=())


def places(enterprise: accounts.Enterprise) -> Q:
    groups = chat.Conversation.objects.filter(ent_id=enterprise.code).values("uuid")
    return Q(group_id__in=groups)


def event_id(value: int | None, moves: Moves) -> int | None:
    return None if value is None else value + moves[chat.StreamHead] * ROOM


COUNTING = {"team": accounts.Team, "reception": chat.CountedReception}
"""The keys in the column `counting`."""


def counting(value: dict | None, moves: Moves) -> dict | None:
    """The state of a conversation for reports (chat/reports/counting/states.py)."""
    if not value:
        return value
    found = dict(value)
    for name, model in COUNTING.items():
        if found.get(name) is not None:
            found[name] += moves[model]
    return found


def unsent(value: object, moves: Moves) -> object:
    """The state of a message on its way by a channel: what was not sent over here is not sent."""
    return "failed" if value == "sending" else value


# Switched off, and without its keys: the other side would be asked by two servers.
NO_CHANNEL = {"active": False, "sealed": "", "token": "", "token_until": None, "lease": ""}

TABLES = [
    Table(accounts.Enterprise, by("pk"), settings=True),
    Table(accounts.Member, by("enterprise"), fixed={"is_superuser": False}, settings=True),
    Table(accounts.Team, by("enterprise"), settings=True),
    Table(accounts.FormerHours, by("team__enterprise"), settings=True),
    Table(accounts.TeamMember, by("team__enterprise"), settings=True),
    Table(accounts.Topic, by("team__enterprise"), settings=True),
    Table(accounts.GreetingRule, by("enterprise"), settings=True),
    Table(accounts.Attribute, by("enterprise"), settings=True),
    Table(accounts.AuthenticatorApp, by("member__enterprise")),
    Table(accounts.Passkey, by("member__enterprise")),
    # Switched off, and without its key: this server would ask what it names.
    Table(accounts.Assistant, by("enterprise"), fixed={"mode": "off", "sealed": ""}, settings=True),
    Table(
        accounts.Embeddings,
        by("enterprise"),
        fixed={"source": "off", "sealed": "", "lease": "", "leased_until": None, "failure": ""},
        settings=True,
    ),
    # Switched off: by a sign-in alone, this server would connect to what they name.
    Table(accounts.Provider, by("enterprise"), fixed={"is_on": False}, settings=True),
    Table(accounts.ProviderAccount, by("provider__enterprise")),
    Table(accounts.RecoveryCode, by("member__enterprise")),
    Table(accounts.AccessToken, by("member__enterprise"), settings=True),
    Table(chat.AlertChoices, by("member__enterprise"), settings=True),
    Table(chat.ReportMail, by("member__enterprise"), settings=True),
    # Not those that superusers have saved.
    Table(chat.SavedView, lambda who: Q(enterprise=who.pk, member__enterprise=who.pk)),
    Table(chat.Segment, by("enterprise")),
    Table(chat.CannedReply, by("enterprise"), settings=True),
    Table(chat.QuickQuestion, by("team__enterprise"), settings=True),
    Table(chat.Article, by("enterprise"), settings=True),
    Table(chat.ArticleRevision, by("enterprise")),
    Table(chat.ArticlePicture, by("enterprise")),
    Table(chat.ArticleUse, by("enterprise")),
    Table(chat.Visitor, by_code),
    Table(chat.VisitorAttribute, by_code),
    Table(chat.CustomerLink, by_code),
    Table(chat.LegalHold, by_code),
    Table(chat.Reception, by_code),
    Table(chat.Conversation, by_code, moved={"counting": counting}),
    Table(chat.MergedConversation, by_code, groups=("into",)),
    Table(chat.Channel, by_code, fixed=NO_CHANNEL, settings=True),
    # Switched off, and without the address: what is said over there is not for this group.
    Table(
        chat.Robot,
        by_code,
        fixed={"active": False, "sealed": "", "failure": "", "failed_at": None, "failures": 0},
        settings=True,
    ),
    Table(chat.ChannelContact, by_code),
    Table(chat.ChannelArrival, by_code),
    Table(chat.ChannelDelivery, by_code, moved={"state": unsent}),
    Table(chat.Tag, by_code),
    Table(chat.ConversationTag, lambda enterprise: Q(tag__ent_id=enterprise.code)),
    Table(chat.ChatGroup, by_code, groups=("uuid",)),
    Table(chat.GroupMember, by_code, groups=("group_id",)),
    Table(chat.GroupMessage, by_code, groups=("group_id",)),
    Table(chat.Attachment, by_code),
    Table(chat.CountedReception, by_code),
    Table(chat.CountedReply, lambda enterprise: Q(reception__ent_id=enterprise.code)),
    Table(chat.CountedMessages, by_code),
    # Packed anew over there: a pack has the keys of teams in it.
    Table(chat.CountedDay, by_code, fixed={"data": b"", "packed": -1}),
    Table(chat.StreamHead, by_code),
    Table(chat.StreamEvent, of_stream, keys={"row_id": chat.GroupMessage}, moved={"id": event_id}),
    Table(chat.StreamPlace, places),
    Table(chat.StreamDue, by_code, keys={"row_id": chat.GroupMessage}),
    # Switched off: the programs that they call would be told everything twice.
    Table(chat.Webhook, by("enterprise"), fixed={"active": False}, settings=True),
    Table(chat.WebhookDelivery, by("webhook__enterprise"), moved={"event": event_id}),
    Table(chat.WebhookAttempt, by("delivery__webhook__enterprise")),
    Table(chat.AdoptionSource, by_code),
    Table(chat.AdoptedMember, lambda enterprise: Q(source__ent_id=enterprise.code)),
    Table(chat.AdoptedGroup, lambda enterprise: Q(source__ent_id=enterprise.code)),
    Table(accounts.AuditRow, by("chain"), keys={"chain": accounts.Enterprise}),
    Table(accounts.AuditHead, by("chain"), keys={"chain": accounts.Enterprise}),
]
LEFT_OUT = {
    "accounts.Installation": "of the installation",
    "accounts.MemberSession": "sessions belong to an installation: members sign in again",
    "accounts.SignInFailures": "become a row of the audit within a minute",
    "chat.ArticleIndex": "made anew from the articles over there",
    "chat.ArticleVectors": "made anew over there, once somebody switches that on",
    "chat.AssistantTask": "what a model was asked over here; messages have what came of it",
    "chat.AssistantCitation": "on what these stood; messages have it",
    "chat.AssistantRehearsal": "which of these were a rehearsal",
    "chat.AutomaticMail": "how many mails somebody got from over here today",
    "chat.ArchiveExport": "files that are deleted after some days",
    "chat.ExportedConversation": "which conversations are in these files",
    "chat.CustomerImport": "files that are deleted after a day",
    "chat.CustomerImportRow": "what these files did, to be undone for a day",
    "chat.EndedSession": "is of all enterprises, and over within two weeks",
    "chat.Notification": "what somebody over here was notified of in the last days",
    "chat.NotificationDelivery": "to which devices and robots that went",
    "chat.PushDevice": "ends with its session, which belongs to an installation",
    "chat.MailJob": "mails that are being sent by a process over here",
    "chat.Presence": "who is connected to a process over here",
    "chat.SiteVisit": "who is on the site now; deleted after an hour",
    "sessions.Session": "sessions belong to an installation: members sign in again",
    "admin.LogEntry": "the audit tells the same and more",
    "contenttypes.ContentType": "Django's list of tables",
    "auth.Permission": "Django's, not used",
    "auth.Group": "Django's, not used",
    "axes.AccessAttempt": "of the installation; deleted after a day",
    "axes.AccessAttemptExpiration": "of the installation; deleted after a day",
    "axes.AccessFailureLog": "of the installation; deleted after a day",
    "axes.AccessLog": "of the installation; deleted after 30 days",
}
"""Tables that stay here, with the reason."""
OF_MODEL = {table.model: table for table in TABLES}
