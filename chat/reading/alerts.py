"""A member's alert choices, which are announced to all their windows when they change."""

from datetime import time

from accounts.models import Member
from chat.delivery import announce
from chat.models.alert_choices import AlertChoices
from chat.protocol import events


def choices_of(member: Member) -> AlertChoices:
    """The member's choices; an unsaved row with the defaults if they made none."""
    return AlertChoices.objects.filter(member=member).first() or AlertChoices(member=member)


def choice_facts(choices: AlertChoices) -> dict:
    """The choices as docs/protocol.md defines them. Quiet hours are in the reader's local time."""
    quiet = None
    if choices.quiet_from is not None:
        quiet = {"from": clock_text(choices.quiet_from), "to": clock_text(choices.quiet_to)}
    return {
        "sound": choices.sound,
        "desktop": choices.desktop,
        "quiet": quiet,
        "away_minutes": choices.away_minutes,
    }


def clock_text(at: time) -> str:
    return at.strftime("%H:%M")


def save_choices(member: Member, choices: dict) -> AlertChoices:
    """Stores the choices (values by column) and announces them to the member's windows."""
    kept, _new = AlertChoices.objects.update_or_create(member=member, defaults=choices)
    announce.send_event(member.enterprise.code, [member.uuid], events.alerts(choice_facts(kept)))
    return kept
