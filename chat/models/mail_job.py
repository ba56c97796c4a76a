"""Mail jobs in progress."""

from django.db import models


class MailJob(models.Model):
    """A batch of mail jobs that a process has taken and not finished. `undo` makes them due again
    if the process ends before the mails are sent."""

    taken_at = models.DateTimeField()
    undo = models.JSONField()
    """The stored changes (mail.jobs.Undo.stored), one a mail."""

    class Meta:
        db_table = "mail_job"

    def __str__(self):
        return f"{self.taken_at:%Y-%m-%d %H:%M:%S}"
