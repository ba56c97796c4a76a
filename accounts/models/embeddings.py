"""Whether articles are found by meaning, too, and which model turns texts into vectors."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .endpoint import Endpoint
from .enterprise import Enterprise


class Embeddings(Endpoint):
    """An enterprise's search by meaning (chat/embeddings/).

    The process that has the `lease` makes vectors until `leased_until`; after a failure nobody does
    before that. `failure` says in words what went wrong at `failed_at`, "" after a success.
    """

    class Source(models.TextChoices):
        OFF = "off", pgettext_lazy("embeddings", "off")
        ENDPOINT = "endpoint", pgettext_lazy("embeddings", "a model of an endpoint")
        LOCAL = "local", pgettext_lazy("embeddings", "the model on this server")

    enterprise = models.OneToOneField(
        Enterprise, models.CASCADE, related_name="+", verbose_name=_("enterprise")
    )
    source = models.CharField(
        _("model for the search"), max_length=8, choices=Source.choices, default=Source.OFF
    )
    lease = models.CharField(max_length=36, blank=True, default="", editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)
    failure = models.CharField(max_length=300, blank=True, default="", editable=False)
    failed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        db_table = "embeddings"
        verbose_name = _("search by meaning")
        verbose_name_plural = _("searches by meaning")

    def __str__(self):
        return self.enterprise.code
