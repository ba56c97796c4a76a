"""Single sign-on: the providers of an enterprise, and who its members are there."""

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .columns import at_first
from .enterprise import Enterprise
from .member import Member
from .own_key import OwnKey


class Provider(models.Model):
    """Who vouches for members of an enterprise: an OpenID Connect provider, 企业微信, 钉钉 or 飞书,
    or a directory (LDAP), which the server asks itself. An enterprise has one of a kind.

    `roles` has a line for each value of `claim`: `VALUE: ROLE` or `VALUE: ROLE, TEAM, TEAM`;
    without a claim everybody gets `default_role`. Of a directory `issuer` is its address and
    `client_id` the name (DN) of the account that searches, with the secret as its password; of 飞书
    `issuer` is a domain. `organisation` is the id of the corporation at 企业微信 or 钉钉."""

    class Kind(models.TextChoices):
        OIDC = "oidc", _("OpenID Connect")
        LDAP = "ldap", _("Directory (LDAP)")
        WECOM = "wecom", _("WeCom")
        DINGTALK = "dingtalk", _("DingTalk")
        FEISHU = "feishu", _("Feishu or Lark")

    enterprise = models.ForeignKey(
        Enterprise, models.CASCADE, related_name="providers", verbose_name=_("enterprise")
    )
    kind = models.CharField(
        _("kind"),
        max_length=10,
        choices=Kind.choices,
        **at_first(Kind.OIDC),
        editable=False,
    )
    name = models.CharField(
        _("name"), max_length=60, help_text=_("What the button on the sign-in page says.")
    )
    issuer = models.CharField(
        _("issuer"),
        max_length=300,
        blank=True,
        help_text=_(
            "The address below which /.well-known/openid-configuration stands, such as "
            "https://login.example.com/realms/acme. The server fetches from there."
        ),
    )
    client_id = models.CharField(_("client id"), max_length=200, blank=True)
    organisation = models.CharField(
        _("corporation"), max_length=100, blank=True, default="", db_default=""
    )
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
    base = models.CharField(
        _("search base"),
        max_length=300,
        **at_first(""),
        help_text=_("Below which people and groups stand, such as dc=example,dc=com."),
    )
    person_filter = models.CharField(
        _("filter"),
        max_length=300,
        **at_first(""),
        help_text=_(
            "By which an account is found; {login} stands for what is typed. Active Directory: "
            "(&(objectClass=user)(sAMAccountName={login}))."
        ),
    )
    authorities = models.TextField(
        _("certificates"),
        null=True,
        blank=True,
        help_text=_(
            "As PEM text, if the directory's certificate is of an authority of your own. Empty: "
            "those that the system trusts."
        ),
    )
    is_plain = models.BooleanField(
        _("without encryption"),
        **at_first(False),
        help_text=_(
            "Everybody on the way can read passwords then: for a directory on this machine only."
        ),
    )
    checked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        db_table = "sign_in_provider"
        constraints = [
            models.UniqueConstraint(fields=["enterprise", "kind"], name="one_provider_of_a_kind")
        ]
        verbose_name = _("single sign-on")
        verbose_name_plural = _("single sign-on")

    def __str__(self):
        return self.name

    @property
    def is_elsewhere(self) -> bool:
        """Whether members sign in on the provider's own pages."""
        return self.kind != self.Kind.LDAP

    @property
    def back(self) -> str:
        """The path to which it sends them back."""
        code = self.enterprise.code
        if self.kind == self.Kind.OIDC:
            return reverse("sso-back", args=[code])
        return reverse("sso-kind-back", args=[code, self.kind])


class ProviderAccount(models.Model):
    """Who a member is at the provider: `subject`, which never changes there. `key` is a hash of it,
    since databases differ about capitals."""

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="accounts")
    member = OwnKey(Member, models.CASCADE, related_name="provider_accounts", within="provider")
    subject = models.CharField(max_length=255)
    key = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "provider_account"
        verbose_name = _("account at the provider")
        constraints = [
            models.UniqueConstraint(fields=["provider", "key"], name="provider_account_once"),
            models.UniqueConstraint(
                fields=["provider", "member"], name="provider_account_of_member"
            ),
        ]

    def __str__(self):
        return self.subject
