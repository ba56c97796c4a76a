"""Knowledge: articles, one row for each slug and language; what was published of them; how they are
found, and what visitors made of them."""

import re
from typing import Any

from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Enterprise, Member, OwnKey

SLUG = r"[a-z0-9][a-z0-9_-]{0,79}"
"""How a slug is written: it is a part of addresses and of names of files."""
SLUG_PATTERN = re.compile(SLUG)
RESERVED = ("search", "seen", "helpful", "sitemap.xml")
"""Addresses of the help centre that are no article's."""


class Article(models.Model):
    """An article (文章) in one language: those of one slug are the same article.

    Its columns hold what readers read while it is published; what is then written on stands in
    `draft`, until that is published. While it is a draft, nobody but members reads it, and its
    columns hold what was written last. `revision` is the number of the last revision, 0 before the
    first. `version` grows with each change: whoever saves names the one they have seen.

    No visitor stands in it, so nothing of it is retained for some days, erased or hidden, and no
    event tells of it: the stream is of conversations.
    """

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("article", "draft")
        PUBLISHED = "published", pgettext_lazy("article", "published")

    class Audience(models.TextChoices):
        PUBLIC = "public", pgettext_lazy("article", "everybody")
        INTERNAL = "internal", pgettext_lazy("article", "colleagues only")

    enterprise = models.ForeignKey(
        Enterprise, models.CASCADE, related_name="+", verbose_name=_("enterprise")
    )
    slug = models.CharField(
        _("address"),
        max_length=80,
        validators=[
            RegexValidator(
                rf"^{SLUG}\Z", _("Small letters, digits, - and _, at most 80, not - or _ first.")
            )
        ],
    )
    lang = models.CharField(_("language"), max_length=10)
    title = models.CharField(_("title"), max_length=200)
    body = models.TextField(_("text"), blank=True)
    category = models.CharField(_("category"), max_length=60, blank=True)
    audience = models.CharField(
        _("who may read it"), max_length=8, choices=Audience.choices, default=Audience.PUBLIC
    )
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.DRAFT)
    revision = models.PositiveIntegerField(_("revision"), default=0)
    version = models.PositiveIntegerField(default=1)
    draft = models.JSONField(null=True, blank=True)
    """What is not published yet: title, body, category, audience. Of a draft it is null, unless a
    file or a program has replaced what a member had written."""
    publish_at = models.DateTimeField(_("publish at"), null=True, blank=True)
    saved_by = OwnKey(Member, models.SET_NULL, null=True, related_name="+", verbose_name=_("by"))
    saved_at = models.DateTimeField(_("saved"), db_default=Now())
    """When something of it was written last, also in the draft."""
    updated_at = models.DateTimeField(_("updated"), db_default=Now())
    """When what readers read changed last."""

    class Meta:
        db_table = "article"
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        ordering = ["slug", "lang"]
        constraints = [
            models.UniqueConstraint(fields=["enterprise", "slug", "lang"], name="article_once")
        ]
        indexes = [
            models.Index(fields=["enterprise", "state", "category"], name="article_category"),
            models.Index(fields=["publish_at"], name="article_publish_at"),
        ]

    def __str__(self):
        return self.title

    @property
    def is_public(self) -> bool:
        """Whether everybody may read it."""
        return self.state == self.State.PUBLISHED and self.audience == self.Audience.PUBLIC


class ArticleRevision(models.Model):
    """A text as it was published, numbered from 1 for each article. It never changes; the name of
    who published it stays, as in messages."""

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="+")
    article = OwnKey(Article, models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    category = models.CharField(max_length=60, blank=True)
    audience = models.CharField(max_length=8)
    member = OwnKey(Member, models.SET_NULL, null=True, related_name="+")
    member_name = models.CharField(max_length=125, blank=True)
    published_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "article_revision"
        ordering = ["article", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["article", "number"], name="article_revision_once")
        ]


class ArticleIndex(models.Model):
    """The words of a published article, for the database's full-text index. Each names its
    enterprise, so that a query finds no other's (chat/knowledge/tokens.py); `scope` is its audience
    and its language. It is made of articles, so it does not go along with an enterprise that is
    moved."""

    article = models.OneToOneField(
        Article, models.CASCADE, primary_key=True, related_name="+", db_column="id"
    )
    scope = models.CharField(max_length=200)
    title = models.TextField()
    body = models.TextField()

    class Meta:
        db_table = "article_index"


class ArticleVectors(models.Model):
    """The vectors of a published revision: of the title and of each passage, one after the other,
    each of `size` numbers of two bytes. `source` names the model that made them; those of others
    are not used. `size` is 0 where the model does not take the text. Made of articles, they do not
    go along with an enterprise that is moved."""

    article = models.OneToOneField(
        Article, models.CASCADE, primary_key=True, related_name="+", db_column="id"
    )
    source = models.CharField(max_length=64)
    revision = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    passages = models.PositiveIntegerField()
    stored_at = models.DateTimeField()
    vectors = models.BinaryField()

    class Meta:
        db_table = "article_vectors"


class ArticlePicture(models.Model):
    """A picture in articles, drawn anew as all uploads are. Texts name it as `files/NAME`; whoever
    knows the `key`, which is 128 random bits, may see it."""

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="+")
    name = models.CharField(max_length=100)
    key = models.CharField(max_length=32, unique=True)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    """Of the file as it was given: the same one is stored once."""
    stored_at = models.DateTimeField(db_default=Now())
    """Later, when a text was last seen that names it (chat/knowledge/pictures.py)."""

    class Meta:
        db_table = "article_picture"
        constraints = [
            models.UniqueConstraint(fields=["enterprise", "name"], name="article_picture_once")
        ]


class Uses(models.QuerySet):
    def by(self, visitor: Any) -> "Uses":
        """What a visitor did, also before they wrote."""
        return self.filter(reader=visitor.uuid, enterprise__code=visitor.ent_id)

    def votes(self) -> "Uses":
        return self.filter(kind__in=(ArticleUse.Kind.HELPFUL, ArticleUse.Kind.UNHELPFUL))


class ArticleUse(models.Model):
    """What a reader did in the help centre or beside the chat: each figure about articles is
    counted from these rows. `reader` is a hash that changes each day, or a visitor's uuid, never an
    address; an erasure of the visitor empties it and the words."""

    class Kind(models.TextChoices):
        SEARCHED = "searched", _("searched")
        OPENED = "opened", _("opened")
        HELPFUL = "helpful", _("helpful")
        UNHELPFUL = "unhelpful", _("not helpful")
        SOLVED = "solved", _("solved without a conversation")

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="+")
    article = OwnKey(Article, models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=9, choices=Kind.choices)
    slug = models.CharField(max_length=80, blank=True)
    lang = models.CharField(max_length=10, blank=True)
    words = models.CharField(max_length=200, blank=True)
    """What was searched; of an opened article, the search that found it."""
    reader = models.CharField(max_length=36, blank=True)
    at = models.DateTimeField(db_default=Now())

    objects = Uses.as_manager()

    class Meta:
        db_table = "article_use"
        indexes = [
            models.Index(fields=["enterprise", "kind", "at"], name="article_use_kind"),
            models.Index(fields=["reader", "article", "kind"], name="article_use_reader"),
        ]
