"""Members: the people who sign in, agents, managers and superusers; and programs, which have access
tokens."""

import hashlib
import hmac
import re
import uuid
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import make_password
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from .. import rights, signals
from ..kept import Kept
from .columns import at_first
from .enterprise import Enterprise
from .member_queries import MemberManager

MAX_CAPACITY = 10_000
"""The most conversations at a time, of a team and of a member: more than anybody could hold."""
LEGACY_MD5 = re.compile(r"[0-9a-f]{32}")

account_validator = RegexValidator(
    r"^[\w.@+-]+\Z", _("Letters, digits and the characters @ . + - _ only.")
)


def new_uuid() -> str:
    return str(uuid.uuid4())


class Member(AbstractBaseUser):
    """A person who signs in: a member of an enterprise in some role, or a superuser. Or a program:
    a bot, or the service account of something that uses the API.

    The first block of columns is the `member` table of the seed, with its names (such as
    `avator`) and meanings. The second block is ours; docs/architecture.md gives the reasons.
    """

    class Role(models.IntegerChoices):
        MANAGER = 1, _("manager")
        AGENT = 2, _("agent")
        BOT = 3, _("bot")
        SUPERVISOR = 4, _("supervisor")
        ANALYST = 5, _("analyst")
        SERVICE = 6, _("service account")

    class Status(models.IntegerChoices):
        NORMAL = 0, _("normal")
        CLOSED = 1, _("disabled")

    class OnlineStatus(models.IntegerChoices):
        ONLINE = 1, _("online")
        OFFLINE = 2, _("offline")

    id = models.AutoField(primary_key=True, db_comment="自增主键索引")
    name = models.CharField(
        _("account"),
        max_length=125,
        unique=True,
        db_default="",
        validators=[account_validator],
        db_comment="账户",
        help_text=_("The name that the member signs in with; upper and lower case are the same."),
    )
    password = models.CharField(
        _("password"), max_length=128, db_default="", db_comment="密码,md5加密(登录后改存Argon2)"
    )
    nickname = models.CharField(
        _("nickname"),
        max_length=50,
        blank=True,
        **at_first(""),
        db_comment="昵称",
        help_text=_("The name that visitors and colleagues see."),
    )
    created_at = models.DateTimeField(
        _("created"), db_default=Now(), editable=False, db_comment="创建时间"
    )
    updated_at = models.DateTimeField(
        _("updated"), null=True, auto_now=True, db_default=None, db_comment="更新时间"
    )
    avator = models.CharField(
        _("avatar"), max_length=500, blank=True, default="", db_default="", db_comment="头像"
    )
    online_status = models.SmallIntegerField(
        _("online switch"),
        choices=OnlineStatus.choices,
        **at_first(OnlineStatus.ONLINE),
        db_comment="在线状态,1在线,2离线",
    )
    status = models.SmallIntegerField(
        _("status"),
        choices=Status.choices,
        **at_first(Status.NORMAL),
        db_comment="开启状态,0正常,1关闭",
        help_text=_("A disabled member is signed out within seconds and leaves all conversations."),
    )
    email = models.EmailField(
        _("e-mail"),
        max_length=125,
        blank=True,
        **at_first(""),
        db_comment="绑定邮箱",
        help_text=_("Invitation e-mails and password links are sent to this address."),
    )
    tel = models.CharField(
        _("phone"), max_length=125, blank=True, default="", db_default="", db_comment="绑定手机"
    )
    uuid = models.CharField(
        max_length=36,
        unique=True,
        default=new_uuid,
        db_default="",
        editable=False,
        db_comment="uuid",
    )

    enterprise = models.ForeignKey(
        Enterprise,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="members",
        verbose_name=_("enterprise"),
    )
    role = models.SmallIntegerField(
        _("role"), choices=Role.choices, default=Role.AGENT, db_default=Role.AGENT
    )
    is_superuser = models.BooleanField(_("superuser"), default=False, db_default=False)
    must_change_password = models.BooleanField(default=False, db_default=False, editable=False)
    language = models.CharField(_("language"), max_length=10, blank=True, default="", db_default="")
    busy = models.BooleanField(_("busy"), default=False, db_default=False)
    opens_next = models.BooleanField(
        _("after closing, snoozing or handing on, open the next conversation that waits"),
        **at_first(True),
        help_text=_("Otherwise the finished one stays open."),
    )
    capacity = models.PositiveSmallIntegerField(
        _("conversations at a time"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(MAX_CAPACITY)],
        help_text=_("If empty, as the conversation's team has it."),
    )
    languages = models.JSONField(_("languages"), null=True, default=list, blank=True)
    topics = models.JSONField(_("topics"), null=True, default=list, blank=True)
    takes_routed = models.BooleanField(
        _("take conversations that are offered or assigned"),
        **at_first(False),
        help_text=_("Agents always do; a manager only with this."),
    )
    link_sent_at = models.DateTimeField(null=True, editable=False)
    missed_offers = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    given_at = models.DateTimeField(null=True, editable=False)
    offline_since = models.DateTimeField(null=True, editable=False)
    inbox_view = models.CharField(
        max_length=20, blank=True, default="", db_default="", editable=False
    )
    inbox_team = models.CharField(
        max_length=50, blank=True, default="", db_default="", editable=False
    )
    inbox_sort = models.CharField(
        max_length=10, blank=True, default="", db_default="", editable=False
    )

    objects = MemberManager()

    USERNAME_FIELD = "name"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []
    PROFILE = ("nickname", "avator")
    ACCESS = ("status", "password", "enterprise_id", "role")

    class Meta:
        db_table = "member"
        db_table_comment = "成员表"
        verbose_name = _("member")
        verbose_name_plural = _("members")
        indexes = [
            models.Index(fields=["tel"], name="idx_tel"),
            models.Index(fields=["email"], name="idx_email"),
            models.Index(fields=["updated_at"], name="idx_updated_at"),
        ]

    def __str__(self):
        return self.display_name

    @classmethod
    def from_db(cls, db, field_names, values):
        member = super().from_db(db, field_names, values)
        member._stored = {name: member.__dict__.get(name) for name in cls.PROFILE + cls.ACCESS}
        return member

    def save(self, *args, **kwargs):
        """Saves the row, and sends a signal if the profile or the right to sign in has changed."""
        with transaction.atomic():
            self.save_row(*args, **kwargs)

    def save_row(self, *args, **kwargs):
        self.name = self.name.lower()
        super().save(*args, **kwargs)
        before = getattr(self, "_stored", None)
        self._stored = {name: getattr(self, name) for name in self.PROFILE + self.ACCESS}
        if before is None:
            return
        changed = {name for name in before if before[name] != self._stored[name]}
        if changed & set(self.PROFILE):
            signals.profile_changed.send(Member, member=self)
        if changed & set(self.ACCESS):
            signals.access_changed.send(Member, member=self, changed=changed)

    @property
    def display_name(self) -> str:
        return self.nickname or self.name

    @property
    def is_manager(self) -> bool:
        return self.role == self.Role.MANAGER and self.enterprise_id is not None

    @property
    def is_program(self) -> bool:
        return self.role in rights.PROGRAMS

    def may(self, right: str) -> bool:
        """Whether their role has this right (accounts/rights.py) in their enterprise."""
        return self.enterprise_id is not None and right in rights.OF_ROLE.get(self.role, ())

    @property
    def sees_contacts(self) -> bool:
        """Whether they see the contact data of visitors (chat/protocol/contacts.py)."""
        hidden = self.enterprise is not None and self.enterprise.hide_contacts
        return not hidden or self.is_superuser or self.may(rights.CONTACTS)

    @property
    def has_workspace(self) -> bool:
        return self.may(rights.WORKSPACE)

    @property
    def must_have_factor(self) -> bool:
        """Whether their enterprise wants a second factor of their role."""
        roles = self.enterprise.second_factor_roles if self.enterprise else None
        return self.role in (roles or ())

    @cached_property
    def own_places(self) -> list:
        """The member's places with their teams, oldest team first, read once."""
        return places_of(self.pk)

    @property
    def leads_teams(self) -> bool:
        return self.enterprise_id is not None and any(one.is_leader for one in self.own_places)

    @property
    def acts_on_several(self) -> bool:
        """Whether the member may close or transfer several conversations at once."""
        return self.may(rights.SEVERAL) or self.leads_teams

    @property
    def sees_reports(self) -> bool:
        """Whether the member may see any report: by their role, or those of teams they lead."""
        if self.is_superuser or self.may(rights.REPORTS):
            return True
        return self.leads_teams

    @property
    def is_staff(self) -> bool:
        """Whether the member may use the admin; accounts/admin/base.py decides what they see."""
        return self.is_superuser or self.is_manager

    @property
    def is_active(self) -> bool:
        """Whether the member may sign in. A superuser may although their enterprise is closed, to
        be able to open it again."""
        return self.status == self.Status.NORMAL and (
            self.is_superuser or self.enterprise is None or self.enterprise.is_open
        )

    def choose_state(self, offline: bool, busy: bool, now: datetime) -> None:
        """Stores what the member has chosen to be: offline, busy, or else online."""
        states = self.OnlineStatus
        if not offline:
            self.offline_since = None
        elif self.online_status != states.OFFLINE or self.offline_since is None:
            self.offline_since = now
        self.online_status = states.OFFLINE if offline else states.ONLINE
        self.busy, self.missed_offers = busy, 0
        changed = ["online_status", "busy", "offline_since", "missed_offers", "updated_at"]
        self.save(update_fields=changed)

    def check_password(self, raw_password) -> bool:
        """As in Django. An unsalted md5 hash of an imported table is accepted once, and
        replaced."""
        if not LEGACY_MD5.fullmatch(self.password):
            return super().check_password(raw_password)
        digest = hashlib.md5(str(raw_password).encode(), usedforsecurity=False).hexdigest()
        if not hmac.compare_digest(digest, self.password):
            make_password(raw_password)  # As long as other checks, so time does not reveal it.
            return False
        self.set_password(raw_password)
        self._password = None  # As Django does: the password stays the same.
        self.save(update_fields=["password"])
        return True

    def has_perm(self, perm, obj=None) -> bool:
        return self.is_active and self.is_superuser

    def has_module_perms(self, app_label) -> bool:
        return self.is_active and self.is_superuser


@Kept
def places_of(member) -> models.QuerySet:
    places = Member.places.field.model._default_manager.filter(member=member)
    return places.select_related("team").order_by("team_id")
