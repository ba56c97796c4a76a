"""What members have beside their composer."""

from django.db.models import Exists, QuerySet

from accounts.kept import Kept
from accounts.models import Enterprise, Member
from chat.assistant import assistants
from chat.channels.mail import starting
from chat.knowledge import articles
from chat.models import Channel, theirs


def beside(member: Member) -> dict[str, bool]:
    """What a member has to write with: whether there are articles, an assistant, channels, and
    mailboxes from which they may begin a thread."""
    if (enterprise := member.enterprise) is None:
        return {}
    (found,) = there_in(enterprise.pk, enterprise.code)
    known = dict(zip(("articles", "assistant", "channels"), found, strict=True))
    mails = known["channels"] and starting.boxes_of(member).exists()
    return {**known, "mails": mails}


@Kept
def there_in(key, code) -> QuerySet:
    readable = articles.readable(key, "internal")
    assistant = assistants.helping().filter(enterprise=key)
    channels = Channel.objects.filter(theirs(code))
    all_three = Exists(readable), Exists(assistant), Exists(channels)
    return Enterprise.objects.filter(pk=key).values_list(*all_three)
