"""How many automatic mails somebody got on a day."""

from django.db import models


class AutomaticMail(models.Model):
    """The mails that no person wrote and that one mailbox got on a day of UTC (chat/mail/daily.py).
    `reader` is a digest of the address; `ent_id` is "", as all enterprises share one count.

    The rows of other days are deleted with the next one that is made, so retention, erasure, the
    audit, portability, the stream and reports do not know this table: it names nobody.
    """

    ent_id = models.CharField(max_length=100)
    reader = models.CharField(max_length=64)
    day = models.DateField()
    count = models.IntegerField(default=0)

    class Meta:
        db_table = "automatic_mail"
        constraints = [
            models.UniqueConstraint(fields=["ent_id", "day", "reader"], name="automatic_mail_once")
        ]

    def __str__(self):
        return f"{self.day}: {self.count}"
