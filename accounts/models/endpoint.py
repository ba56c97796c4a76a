"""Where a model is asked."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Endpoint(models.Model):
    """Which model is asked, and where: `url` is the base of an endpoint that speaks the API of
    OpenAI."""

    url = models.CharField(_("endpoint"), max_length=300, blank=True, default="")
    model = models.CharField(_("model"), max_length=200, blank=True, default="")
    sealed = models.CharField(max_length=600, blank=True, default="")
    """The key of the endpoint, encrypted; "" for none."""

    class Meta:
        abstract = True

    @property
    def is_set_up(self) -> bool:
        """Whether there is something to ask."""
        return bool(self.url and self.model)
