"""How a manager writes texts for visitors: in each language of the site, side by side."""

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import Promise
from django.utils.safestring import SafeString

from accounts.models.translated import Translated


class TextsWidget(forms.Widget):
    """The widget of a text once for each language. The one of the main language has the field's own
    name; the others have their language behind it: `greeting_zh-hans`. `usual` has by language what
    counts where nothing is written."""

    def __init__(self, widget: forms.Widget, languages: list[str], usual: dict[str, str]):
        super().__init__(widget.attrs)
        self.widget, self.languages, self.usual = widget, languages, usual

    def name_in(self, name: str, language: str) -> str:
        return name if language == self.languages[0] else f"{name}_{language}"

    def value_from_datadict(self, data, files, name) -> dict[str, str | None]:
        # A page may be older than a change of the main language. It was the one that has no name of
        # its own there.
        texts = {code: data.get(f"{name}_{code}") for code in self.languages}
        main = next((code for code in self.languages if texts[code] is None), self.languages[0])
        return {**texts, main: data.get(name)}

    def value_omitted_from_data(self, data, files, name) -> bool:
        return name not in data

    def render(self, name, value, attrs=None, renderer=None) -> SafeString:
        texts = value if isinstance(value, dict) else {self.languages[0]: value}
        names = dict(settings.LANGUAGES)
        parts = []
        for code in self.languages:
            own = {**(attrs or {}), "lang": code, "dir": "auto"}
            if code != self.languages[0]:
                own["id"] = f"{own.get('id', '')}_{code}"
                own.pop("required", None)
            own["aria-label"] = names[code]
            if code in self.usual:
                own["placeholder"] = self.usual[code]
            field = self.widget.render(self.name_in(name, code), texts.get(code), own, renderer)
            parts.append({"code": code, "name": names[code], "field": field})
        return render_to_string("admin/accounts/texts.html", {"parts": parts})


class TextsField(forms.Field):
    """A text field that takes the text in several languages. It cleans to the text in the main one,
    and keeps the others in `others`."""

    def __init__(
        self, field: forms.CharField, languages: list[str], usual: dict[str, str] | None = None
    ):
        super().__init__(
            label=field.label,
            help_text=field.help_text,
            required=field.required,
            initial=field.initial,
        )
        self.field, self.languages = field, languages
        self.widget = TextsWidget(field.widget, languages, usual or {})
        self.others: dict[str, str] = {}

    def clean(self, value: dict) -> str:
        main, *others = self.languages
        text = self.field.clean(value.get(main))
        self.others = {code: self.clean_other(value.get(code), code) for code in others}
        return text

    def clean_other(self, text: str | None, language: str) -> str:
        """The text in another language, which may be missing. An error names the language."""
        required, self.field.required = self.field.required, False
        try:
            return self.field.clean(text)
        except ValidationError as error:
            name = dict(settings.LANGUAGES)[language]
            raise ValidationError([f"{name}: {words}" for words in error.messages]) from None
        finally:
            self.field.required = required

    def has_changed(self, initial, data) -> bool:
        before = initial if isinstance(initial, dict) else {self.languages[0]: initial}
        return any((before.get(code) or "") != (data.get(code) or "") for code in self.languages)


class TextsForm(forms.ModelForm):
    """The form of a Translated row. `language` is the enterprise's; while it is not known, as for a
    row of no enterprise yet, only the columns themselves are asked for.

    `changed_columns` are the columns to save.
    """

    language = ""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.language:
            return
        codes = [code for code, _name in settings.LANGUAGES]
        languages = sorted(codes, key=lambda code: code != self.language)
        row: Translated = self.instance
        for name in row.TRANSLATED:
            if name in self.fields:
                self.fields[name] = TextsField(self.fields[name], languages)
                given = self.initial.get(name)
                texts = {code: row.translations.get(code, {}).get(name) for code in languages[1:]}
                if isinstance(given, Promise):  # An example of ours, which each language has.
                    texts |= {code: in_language(code, given) for code in languages[1:]}
                    given = in_language(self.language, given)
                self.initial[name] = {self.language: given, **texts}

    def _post_clean(self):
        super()._post_clean()
        self.changed_columns = [name for name in self.changed_data if name in self._meta.fields]
        if self.errors:
            return
        found = {code: dict(texts) for code, texts in self.instance.translations.items()}
        for name, field in self.fields.items():
            for code, text in getattr(field, "others", {}).items():
                found.setdefault(code, {})[name] = text
        found = {code: {k: v for k, v in texts.items() if v} for code, texts in found.items()}
        found = {code: texts for code, texts in found.items() if texts}
        if found != self.instance.translations:
            self.instance.translations = found
            self.changed_columns.append("translations")


def in_language(code: str, text: Promise) -> str:
    with translation.override(code):
        return str(text)
