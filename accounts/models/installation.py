"""What all machines of an installation share."""

from django.db import models


class Installation(models.Model):
    """One row. `key_digest` tells whether a machine has the SECRET_KEY of the others, and nothing
    of the key (kefu/keys.py)."""

    key_digest = models.CharField(max_length=64)

    class Meta:
        db_table = "installation"
