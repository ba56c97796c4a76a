"""What a process has taken to mail."""

from django.db import models


class Errand(models.Model):
    """Mails that a process took to send, until it knows that they are sent: how what they are about
    becomes due again, should it end before."""

    taken_at = models.DateTimeField()
    undo = models.JSONField()
    """mailing.Change.stored of each."""

    class Meta:
        db_table = "errand"

    def __str__(self):
        return f"{self.taken_at:%Y-%m-%d %H:%M:%S}"
