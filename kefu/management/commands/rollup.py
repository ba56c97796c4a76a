from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from chat.models import Conversation
from chat.reports import counting
from chat.reports.counting import packs


class Command(BaseCommand):
    help = (
        "Counts for the reports what the background has not counted yet. It may be stopped"
        " anywhere and run again."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--rebuild",
            action="store_true",
            help="count everything anew; the same figures come out, and reports are complete only"
            " when it has ended",
        )

    def handle(self, rebuild, **options):
        if rebuild:
            done = counting.rebuild()
            self.stdout.write(f"{done} conversations counted anew")
            pack()
            return
        while left := Conversation.objects.filter(uncounted=1).count():
            counting.count()
            if Conversation.objects.filter(uncounted=1).count() >= left:
                raise CommandError(f"{left} conversations could not be counted; see the log")
            self.stdout.write(f"{left} conversations were to be counted")
        self.stdout.write("everything is counted")


def pack() -> None:
    """Packs all days, so that the next reports do not read all rows."""
    now = timezone.now()
    while left := packs.stale_days(now).count():
        packs.pack_days(now)
        if packs.stale_days(now).count() >= left:
            raise CommandError(f"{left} days could not be packed; see the log")
