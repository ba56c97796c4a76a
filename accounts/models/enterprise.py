"""The enterprise: the tenant that all other rows belong to."""

import re
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .brand import Brand
from .columns import at_first
from .devices import Devices
from .translated import Translated

code_validator = RegexValidator(
    r"^[a-z0-9][a-z0-9_-]*\Z",
    _("Lower-case letters, digits, - and _ only, beginning with a letter or digit."),
)
FORMER_SECRET_LIFE = timedelta(hours=24)
"""How long a replaced secret stays valid, unless it was given away: as long as a token that it
signed may be (chat/visitors/identities.py)."""
AUDIT_DAYS = 365
"""How long rows of the audit are kept, unless an enterprise says otherwise."""
SITE = re.compile(r"https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?\Z")


def normalise_origin(site: str) -> str:
    """The address of a site as an origin: in lower case and without a slash at the end."""
    return site.lower().rstrip("/")


def validate_sites(text: str) -> None:
    """Checks that `text` consists of origins: they are copied into a security header of the chat
    page. Raises ValidationError for the first that is none."""
    for site in text.split():
        if not SITE.match(normalise_origin(site)):
            raise ValidationError(
                _("“%(site)s” is not an address such as https://www.example.com."),
                params={"site": site},
            )


def new_secret() -> str:
    return secrets.token_urlsafe(32)


class Ask(models.IntegerChoices):
    """Whether visitors are asked for a piece of information before their first message."""

    NOT = 0, _("do not ask")
    MAY = 1, _("ask, may be left empty")
    MUST = 2, _("ask, must be given")


def ask_field(name) -> models.SmallIntegerField:
    return models.SmallIntegerField(name, choices=Ask.choices, default=Ask.NOT, db_default=Ask.NOT)


class Enterprise(Translated, Brand, Devices):
    """A business on this installation: the tenant that all other rows belong to.

    Three approximate times: `widget_seen_at`, when a site last loaded the widget; `mailed_at` and
    `mail_failed_at`, when a mail server last accepted and last refused a mail. The later of these
    two shows whether mail works.
    """

    TRANSLATED = ("welcome", "consent", "human_words")
    ENTERPRISE = "pk"

    class Status(models.IntegerChoices):
        OPEN = 0, pgettext_lazy("enterprise", "open")
        CLOSED = 1, pgettext_lazy("enterprise", "closed")

    class Side(models.TextChoices):
        RIGHT = "right", _("right")
        LEFT = "left", _("left")

    class Addresses(models.TextChoices):
        FULL = "full", _("whole, such as 203.0.113.7")
        SHORT = "short", _("shortened, such as 203.0.113.0/24")
        NONE = "none", _("not stored")

    class Hold(models.TextChoices):
        BOTH = "both", _("more than two links, and the same text from many visitors")
        LINKS = "links", _("more than two links")
        SAME = "same", _("the same text from many visitors")
        OFF = "off", _("nothing")

    code = models.CharField(
        _("code"),
        max_length=100,
        unique=True,
        validators=[code_validator],
        help_text=_("Part of the chat page's address; cannot be changed later."),
    )
    name = models.CharField(_("name"), max_length=125)
    status = models.SmallIntegerField(
        _("status"),
        choices=Status.choices,
        default=Status.OPEN,
        help_text=_(
            "The chat page and the workspace of a closed enterprise are unavailable immediately."
        ),
    )
    text_language = models.CharField(
        _("language of your texts"),
        max_length=10,
        choices=settings.LANGUAGES,
        **at_first(settings.LANGUAGE_CODE),
        help_text=_(
            "Greetings, topics and other texts are in this language, and can be translated into "
            "the others. Visitors read their own language, otherwise this one."
        ),
    )
    zone = models.CharField(
        _("time zone"),
        max_length=50,
        **at_first("UTC"),
        help_text=_("Reports count days and hours in this time zone."),
    )
    sites = models.TextField(
        _("sites"),
        blank=True,
        default="",
        validators=[validate_sites],
        help_text=_("Sites that may embed the chat, one per line, such as https://www.example.com"),
    )
    widget_side = models.CharField(
        _("side"),
        max_length=5,
        choices=Side.choices,
        **at_first(Side.RIGHT),
        help_text=_("The bottom corner of the page in which the chat button is shown."),
    )
    widget_label = models.CharField(
        _("text on the button"),
        max_length=40,
        blank=True,
        **at_first(""),
        help_text=_("If empty, the button is round and shows only an icon."),
    )
    widget_language = models.CharField(
        _("language"),
        max_length=10,
        blank=True,
        choices=settings.LANGUAGES,
        **at_first(""),
        help_text=_(
            "The language of the chat on sites. If empty, the visitor's own language is used."
        ),
    )
    visits_told = models.BooleanField(
        _("show agents who is on the site"),
        **at_first(False),
        help_text=_(
            "The widget reports which page each visitor of your sites is viewing, and agents can "
            "invite them to chat. This information is deleted one hour after the visitor's last "
            "activity. Explain it in your privacy policy. Browsers that ask not to be tracked "
            "report nothing."
        ),
    )
    queries_told = models.BooleanField(
        _("with query strings"),
        **at_first(False),
        help_text=_("The part of an address after “?” can contain names and keys."),
    )
    ask_name = ask_field(_("visitor's name"))
    ask_email = ask_field(_("visitor's e-mail"))
    ask_phone = ask_field(_("visitor's phone"))
    consent = models.CharField(
        _("consent"),
        max_length=1000,
        blank=True,
        **at_first(""),
        help_text=_(
            "What visitors must agree to before the first message, such as “I agree that my "
            "details are stored to answer me”. If empty, nothing is asked."
        ),
    )
    away_email_must = models.BooleanField(
        _("require an e-mail address while nobody is online"),
        **at_first(False),
        help_text=_(
            "Outside a team's working hours, and while none of its agents is online, visitors are "
            "asked for an e-mail address. With this option the first message requires one."
        ),
    )
    suggests_articles = models.BooleanField(
        _("suggest articles while visitors write"), default=True, db_default=True
    )
    draft_preview = models.BooleanField(
        _("typing preview"),
        **at_first(True),
        help_text=_(
            "Agents see what a visitor is typing before it is sent. If this is off, they only see "
            "that the visitor is typing."
        ),
    )
    human_words = models.CharField(
        _("words for a person"),
        max_length=300,
        blank=True,
        **at_first(""),
        help_text=_(
            "While a bot replies, a visitor who sends one of these, and nothing else, gets a "
            "person. Separate them by commas. If empty, the usual words, such as “human” or “talk "
            "to a person”."
        ),
    )
    hold = models.CharField(
        _("spam filter"),
        max_length=5,
        choices=Hold.choices,
        **at_first(Hold.SAME),
        help_text=_(
            "If a visitor's first message matches, nobody is alerted. The conversation stays in "
            "the view “Caught as spam” until an agent decides whether it is spam."
        ),
    )
    challenge = models.BooleanField(
        _("flood protection"),
        **at_first(False),
        help_text=_(
            "When many new visitors come from one IP address, their browsers solve a small "
            "computation before the first message. It is hardly noticeable for people but "
            "expensive for bulk senders. Without JavaScript, visitors are asked to wait a minute."
        ),
    )
    identity_secret = models.CharField(max_length=64, default=new_secret, editable=False)
    former_secret = models.CharField(max_length=64, default="", db_default="", editable=False)
    former_until = models.DateTimeField(null=True, editable=False)
    retention_days = models.PositiveIntegerField(
        _("keep conversations for"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
        help_text=_(
            "In closed conversations, everything older is erased permanently, including files; so "
            "are visitors who have not come back for that long. This cannot be undone. If empty, "
            "everything is kept until somebody erases it."
        ),
    )
    second_factor_roles = models.JSONField(
        _("two-step sign-in is compulsory for"),
        null=True,
        default=list,
        blank=True,
        help_text=_("These members must set up a second factor before they see anything else."),
    )
    """Values of Member.Role."""
    audit_days = models.PositiveIntegerField(
        _("keep the audit for"),
        **at_first(AUDIT_DAYS),
        validators=[MinValueValidator(30), MaxValueValidator(3650)],
        help_text=_(
            "The audit says who changed settings and members, who signed in, exported or erased, "
            "and who read conversations without taking part."
        ),
    )
    addresses = models.CharField(
        _("visitors' IP addresses"),
        max_length=5,
        choices=Addresses.choices,
        **at_first(Addresses.SHORT),
        help_text=_(
            "How much of a visitor's IP address agents see. An address that was stored before "
            "stays unchanged until the visitor comes back."
        ),
    )
    hide_contacts = models.BooleanField(
        _("hide contact details from agents"),
        **at_first(False),
        help_text=_(
            "Agents see e-mail addresses, phone numbers and other contact details of visitors "
            "masked, and cannot search by them. They can show those of one visitor at a time, "
            "which the audit records. Managers and supervisors always see them. What visitors "
            "write in messages is not masked."
        ),
    )
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    widget_seen_at = models.DateTimeField(null=True, editable=False)
    mailed_at = models.DateTimeField(null=True, editable=False)
    mail_failed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        db_table = "enterprise"
        verbose_name = _("enterprise")
        verbose_name_plural = _("enterprises")

    def __str__(self):
        return self.name

    @property
    def chat_path(self) -> str:
        """The path of the chat page; not get_absolute_url, to which the admin leads unchecked."""
        return reverse("visitor", args=[self.code])

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.OPEN

    @property
    def sends_mail(self) -> bool:
        """Whether the last mail was taken by a mail server."""
        return self.mailed_at is not None and not self.mail_fails

    @property
    def mail_fails(self) -> bool:
        """Whether the last mail was taken by none."""
        failed = self.mail_failed_at
        return failed is not None and (self.mailed_at is None or self.mailed_at < failed)

    def site_origins(self) -> list[str]:
        """The allowed sites as origins, in the order of `sites`."""
        return [site for site in map(normalise_origin, self.sites.split()) if SITE.match(site)]

    def valid_secrets(self, now: datetime) -> list[str]:
        """The secrets that tokens of the enterprise's site may be signed with at `now`: the current
        one, and the former one while it is valid."""
        before = self.former_until is not None and self.former_until > now
        return [self.identity_secret, *([self.former_secret] if before else [])]

    def replace_secret(self, now: datetime, keep: bool) -> None:
        """Stores a new secret. With `keep` the current one stays valid for FORMER_SECRET_LIFE;
        without it all older ones are invalid at once."""
        self.former_secret = self.identity_secret if keep else ""
        self.former_until = now + FORMER_SECRET_LIFE if keep else None
        self.identity_secret = new_secret()
        self.save(update_fields=["identity_secret", "former_secret", "former_until"])
