"""What members have beside their composer."""

from django.db.models import Exists, QuerySet

from accounts.kept import Kept
from accounts.models import Enterprise, Member
from chat.assistant import assistants
from chat.channels.mail import starting
from chat.customers import attributes
from chat.knowledge import articles
from chat.models import Channel, theirs


def beside(member: Member) -> dict[str, bool]:
    """What a member has to write with: whether there are articles, an assistant, channels, and
    mailboxes from which they may begin a thread; and whether visitors are `described` by
    attributes."""
    if (enterprise := member.enterprise) is None:
        return {}
    (found,) = there_in(enterprise.pk, enterprise.code)
    known = dict(zip(("articles", "assistant", "channels", "described"), found, strict=True))
    mails = known["channels"] and starting.boxes_of(member).exists()
    return {**known, "mails": mails}


@Kept
def there_in(key, code) -> QuerySet:
    readable = articles.readable(key, "internal")
    assistant = assistants.helping().filter(enterprise=key)
    channels = Channel.objects.filter(theirs(code))
    asked = readable, assistant, channels, attributes.defined.build(code)
    return Enterprise.objects.filter(pk=key).values_list(*map(Exists, asked))
