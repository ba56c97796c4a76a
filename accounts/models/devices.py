"""What an enterprise wants of the devices on which its members work."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from .columns import at_first


class Devices(models.Model):
    """How long members stay signed in, and what a push may show."""

    push_text = models.BooleanField(
        _("visitors' words in pushes"),
        **at_first(False),
        help_text=_(
            "A push shows what the visitor wrote. It is encrypted on its way, but stands on the "
            "locked screen of a phone."
        ),
    )
    sign_in_days = models.PositiveSmallIntegerField(
        _("members stay signed in for (days)"),
        **at_first(14),
        validators=[MinValueValidator(1), MaxValueValidator(90)],
        help_text=_("Without use for so long, they have to sign in again."),
    )

    class Meta:
        abstract = True
