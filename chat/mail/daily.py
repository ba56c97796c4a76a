"""How many automatic mails one person gets on a day, from all causes: mails that no person wrote
for this reader. Sign-in, codes, invitations, passwords and what the reader asked for are none.

The count is in the database, so that neither a restart nor a second process begins it anew. It is
what ends every loop of programs that answer each other, whatever their headers say.
"""

from datetime import date, datetime, time, timedelta
from datetime import timezone as zones

from django.db.models import F

from chat.limits import recipient_key
from chat.models import AutomaticMail
from chat.visitors import keys

MOST = 10
"""Automatic mails that a person gets on a day of UTC, from all enterprises."""


def take(address: str, now: datetime) -> bool:
    """Whether one more may be sent to this address today; counts it."""
    day = day_of(now)
    rows = of(address, now)
    for _try in range(2):
        if rows.filter(count__lt=MOST).update(count=F("count") + 1):
            return True
        if rows.exists():
            return False
        row = AutomaticMail(reader=reader(address), day=day)
        AutomaticMail.objects.bulk_create([row], ignore_conflicts=True)
        old = AutomaticMail.objects.filter(day__lt=day)
        if old.exists():
            old.delete()
    return False


def give_back(address: str, now: datetime) -> None:
    """One that was counted was not sent."""
    of(address, now).filter(count__gt=0).update(count=F("count") - 1)


def of(address: str, now: datetime):
    return AutomaticMail.objects.filter(ent_id="", day=day_of(now), reader=reader(address))


def day_of(now: datetime) -> date:
    return now.astimezone(zones.utc).date()


def reader(address: str) -> str:
    """The mailbox, without naming it."""
    mac = keys.macs("kefu.mail.daily", recipient_key(address), "sha256")[0]
    return str(mac.hexdigest())


def next_day(now: datetime) -> datetime:
    """When the next day begins."""
    return datetime.combine(day_of(now) + timedelta(days=1), time(), zones.utc)
