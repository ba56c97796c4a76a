"""Mail jobs in progress."""

from django.db import models


class Errand(models.Model):
    """A batch of mail jobs that a process has taken and not finished. `undo` makes them due again
    if the process ends before the mails are sent. The table's name is older than the term."""

    taken_at = models.DateTimeField()
    undo = models.JSONField()
    """The stored changes (mail.jobs.Undo.stored), one a mail."""

    class Meta:
        db_table = "errand"

    def __str__(self):
        return f"{self.taken_at:%Y-%m-%d %H:%M:%S}"
