"""What members sign in with besides a password, and where they are signed in."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .member import Member


class AuthenticatorApp(models.Model):
    """A member's app that shows codes which change every 30 seconds (TOTP, RFC 6238). `sealed` is
    the shared secret, encrypted; `last_step` the time step of the last code that was accepted,
    `wrong` how many wrong ones came since."""

    member = models.OneToOneField(
        Member, models.CASCADE, primary_key=True, related_name="authenticator"
    )
    sealed = models.CharField(max_length=255)
    last_step = models.PositiveBigIntegerField(default=0, db_default=0)
    wrong = models.PositiveIntegerField(default=0, db_default=0)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "authenticator_app"
        verbose_name = _("authenticator app")

    def __str__(self):
        return self.member.name


class RecoveryCode(models.Model):
    """A code that a member keeps on paper and that lets them in once. Its use deletes the row."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)

    class Meta:
        db_table = "recovery_code"
        constraints = [
            models.UniqueConstraint(fields=["member", "digest"], name="recovery_code_once")
        ]

    def __str__(self):
        return self.member.name


class Passkey(models.Model):
    """A key pair that a member's device keeps (WebAuthn). `data` is the public half with the
    device's id of it, in base64; `key` a hash of that id, to find it by; `sign_count` what the
    device said last of how often it has signed."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="passkeys")
    name = models.CharField(_("name"), max_length=60)
    key = models.CharField(max_length=64, unique=True)
    data = models.TextField()
    sign_count = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "passkey"
        verbose_name = _("passkey")

    def __str__(self):
        return self.name


class MemberSession(models.Model):
    """A browser in which a member is signed in: the row of Django's session with the same `key`
    lets them in, this one tells them of it. `browser` and `system` are names, such as Firefox 150
    and Windows, or ""."""

    key = models.CharField(max_length=40, unique=True)
    member = models.ForeignKey(Member, models.CASCADE, related_name="sessions")
    browser = models.CharField(max_length=60)
    system = models.CharField(max_length=60)
    address = models.CharField(max_length=45)
    provider = models.ForeignKey(
        "accounts.Provider", models.SET_NULL, null=True, related_name="sessions"
    )
    """The provider that let them in, and below its own name of the session, or ""."""
    sid = models.CharField(max_length=255, default="", db_default="")
    signed_in_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "member_session"

    def __str__(self):
        return self.place

    @property
    def place(self) -> str:
        """Browser and system in a line, as far as they are known."""
        return " · ".join(filter(None, (self.browser, self.system)))
