"""Rows with texts for visitors, in several languages."""

from django.db import models
from django.utils.translation import get_language


class Translated(models.Model):
    """A row whose columns TRANSLATED hold texts in the enterprise's language
    (`Enterprise.text_language`). `translations` holds them in others, without those that nobody
    wrote: {"zh-hans": {"greeting": "您好"}}."""

    TRANSLATED: tuple[str, ...] = ()
    ENTERPRISE = "enterprise"
    """The lookup path from the row to its enterprise."""

    translations = models.JSONField(default=dict, db_default={}, editable=False)

    class Meta:
        abstract = True

    def translated(self, name: str, language: str | None = None) -> str:
        """The text in the column `name` in this language, by default the active one. A text that
        nobody translated is in the enterprise's language."""
        found = self.translations.get(language or get_language() or "", {})
        return found.get(name) or getattr(self, name)

    def all_texts(self, name: str) -> list[str]:
        """The text in every language that has it, the enterprise's first."""
        others = (texts.get(name) for texts in self.translations.values())
        return list(filter(None, [getattr(self, name), *others]))

    def exchange(self, before: str, language: str) -> None:
        """Makes `language` the language of the columns, which was `before`. A text without a
        translation stays where it is."""
        found = self.translations.pop(language, {})
        for name, text in found.items():
            if old := getattr(self, name):
                self.translations.setdefault(before, {})[name] = old
            setattr(self, name, text)
