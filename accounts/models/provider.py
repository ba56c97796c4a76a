"""Single sign-on: the provider of an enterprise, and who its members are there."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .enterprise import Enterprise
from .member import Member


class Provider(models.Model):
    """An OpenID Connect provider. `roles` has a line for each value of `claim`: `VALUE: ROLE` or
    `VALUE: ROLE, TEAM, TEAM`; without a claim everybody gets `default_role`."""

    enterprise = models.OneToOneField(
        Enterprise, models.CASCADE, related_name="provider", verbose_name=_("enterprise")
    )
    name = models.CharField(
        _("name"), max_length=60, help_text=_("What the button on the sign-in page says.")
    )
    issuer = models.CharField(
        _("issuer"),
        max_length=300,
        help_text=_(
            "The address below which /.well-known/openid-configuration stands, such as "
            "https://login.example.com/realms/acme. The server fetches from there."
        ),
    )
    client_id = models.CharField(_("client id"), max_length=200)
    sealed = models.CharField(max_length=600, blank=True, default="")
    """The client secret, encrypted; "" for a public client, which has PKCE alone."""
    claim = models.CharField(
        _("attribute for roles"),
        max_length=100,
        blank=True,
        default="",
        help_text=_(
            "Its name in the ID token, such as groups; a text or a list. Empty: not looked at."
        ),
    )
    roles = models.TextField(
        _("roles and teams"),
        blank=True,
        default="",
        help_text=_(
            "A line for each value of the attribute: value: role, or value: role, team, team. "
            "Roles are manager, agent, supervisor and analyst; teams are named by their address. "
            "The first line that fits decides; whoever fits none may not sign in."
        ),
    )
    default_role = models.SmallIntegerField(
        _("role without such an attribute"), choices=Member.Role.choices, default=Member.Role.AGENT
    )
    is_on = models.BooleanField(_("on"), default=True)

    class Meta:
        db_table = "sign_in_provider"
        verbose_name = _("single sign-on")
        verbose_name_plural = _("single sign-on")

    def __str__(self):
        return self.name


class ProviderAccount(models.Model):
    """Who a member is at the provider: `subject`, which never changes there. `key` is a hash of it,
    since databases differ about capitals."""

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="accounts")
    member = models.OneToOneField(Member, models.CASCADE, related_name="provider_account")
    subject = models.CharField(max_length=255)
    key = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "provider_account"
        verbose_name = _("account at the provider")
        constraints = [
            models.UniqueConstraint(fields=["provider", "key"], name="provider_account_once")
        ]

    def __str__(self):
        return self.subject
