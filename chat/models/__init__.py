"""The tables.

Visitors, conversations, messages, seats.

Everything but `protocol` may import the models. They import `accounts` and nothing of `chat`.
"""

from .adoption import AdoptedGroup, AdoptedMember, AdoptionSource
from .alert_choices import AlertChoices
from .archive import ArchiveExport, ExportedConversation, SavedView
from .assistant import AssistantCitation, AssistantRehearsal, AssistantTask
from .attachment import Attachment
from .automatic_mail import AutomaticMail
from .canned import CannedReply
from .channel import Channel, ChannelArrival, ChannelContact, ChannelDelivery
from .conversation import (
    Conversation,
    ConversationTag,
    MergedConversation,
    Origin,
    Reception,
    Tag,
    not_snoozed,
)
from .customer import CustomerLink, Segment, VisitorAttribute
from .customer_import import CustomerImport, CustomerImportRow
from .group import (
    ChatGroup,
    GroupMember,
    GroupMessage,
    MemberType,
    any_of,
    found_by,
    of_these,
    ordered_join,
    theirs,
)
from .knowledge import (
    Article,
    ArticleIndex,
    ArticlePicture,
    ArticleRevision,
    ArticleUse,
    ArticleVectors,
)
from .legal_hold import LegalHold
from .mail_job import MailJob
from .notification import Notification, NotificationDelivery, PushDevice, Robot
from .presence import Presence
from .question import QuickQuestion
from .report import CountedDay, CountedMessages, CountedReception, CountedReply, ReportMail
from .site_visit import SiteVisit
from .stream import StreamDue, StreamEvent, StreamHead, StreamPlace
from .visitor import ContactBy, EndedSession, Visitor
from .webhook import Webhook, WebhookAttempt, WebhookDelivery
