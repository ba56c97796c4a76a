"""What was imported from other systems, and what became of it here (chat/bulk/adoption)."""

from django.db import models

from accounts.models import new_uuid


class AdoptionSource(models.Model):
    """A database or an export from which an enterprise has imported conversations.

    `name` is the database and the enterprise in it, however it was reached, so that the next run
    knows it again. `uuid` is the name space of the ids that are made for what it holds.
    """

    uuid = models.CharField(max_length=36, unique=True, default=new_uuid)
    ent_id = models.CharField(max_length=100)
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=300)

    class Meta:
        db_table = "adoption_source"
        constraints = [
            models.UniqueConstraint(fields=["ent_id", "kind", "name"], name="adoption_source_once")
        ]


class AdoptedMember(models.Model):
    """The member (uuid) that somebody of the source has become, by their id there."""

    source = models.ForeignKey(AdoptionSource, models.CASCADE)
    theirs = models.CharField(max_length=125)
    member = models.CharField(max_length=36)

    class Meta:
        db_table = "adopted_member"
        constraints = [
            models.UniqueConstraint(fields=["source", "theirs"], name="adopted_member_once")
        ]


class AdoptedGroup(models.Model):
    """The conversation that a group of the source has become, and how far it is imported.

    `theirs` and `visitor` are the ids of the group and of its visitor there; an erasure empties
    them. `places` are the ids of the members who were given a seat. Of the messages that were seen
    there: how many, the sum of their ids, all ids combined by XOR, and the greatest. `state` is a
    hash of everything else that was seen of the group. While all of that is as it is there, nothing
    has changed since.
    """

    source = models.ForeignKey(AdoptionSource, models.CASCADE)
    group = models.CharField(max_length=36, unique=True)
    theirs = models.CharField(max_length=500)
    visitor = models.CharField(max_length=500)
    places = models.JSONField(default=list)
    state = models.CharField(max_length=64)
    messages = models.IntegerField(default=0)
    id_sum = models.BigIntegerField(default=0)
    id_xor = models.BigIntegerField(default=0)
    last_id = models.BigIntegerField(default=0)

    class Meta:
        db_table = "adopted_group"
