"""The forms in which a manager sets the assistant up."""

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts import audit
from accounts.admin.seen import Seen
from accounts.forms.secrets import SecretInput
from accounts.forms.texts import TextsField
from accounts.models import Assistant, Embeddings, Enterprise, Team
from chat.assistant import assistants, words
from chat.conversations import human_words
from chat.embeddings import setting_up

ENDPOINT = ("url", "model", "prompt_tokens")
WORK = ("mode", "when", "anger_words", "tone", "daily_tokens")
"""The columns of each form."""
DONE = {
    assistants.ANSWER: _("Answers visitors first, and hands over where it has no proof."),
    assistants.WHISPER: _("Writes drafts; your agents decide what is sent."),
    assistants.OFF: _("People answer everything."),
}
"""By mode: what happens then."""
MEANS = {
    setting_up.OFF: _("Articles are found by their words."),
    setting_up.ENDPOINT: _("It reads your public articles, and what people search and type."),
    setting_up.LOCAL: _("Nothing leaves this server. Each process takes 150 MB more."),
}
"""By source of the vectors: what that means."""
CARD = "<span><b>{}</b> <small>{}</small></span>"
LABELS = {
    "greeting": _("Greeting"),
    "thanks": _("Answer to thanks"),
    "goodbye": _("Goodbye"),
    "handover": _("Where no article proves an answer"),
    "takeover": _("Where people take over for another reason"),
    "closed": _("While nobody is there, and answers are mailed"),
    "later": _("While nobody is there, and none are mailed"),
}
"""What the texts of words.NAMES are called."""


class KeyForm(Seen, forms.ModelForm):
    """Which model is asked, and where. A stored key is never shown."""

    key = forms.CharField(
        label=_("Key"),
        required=False,
        strip=True,
        max_length=assistants.MAX_KEY,
        widget=SecretInput(),
    )
    without_key = forms.BooleanField(label=_("Remove the stored key"), required=False)
    order = "source", "url", "model", "key", "without_key", "prompt_tokens"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.order_fields(self.order)
        self.fields["url"].help_text = _(
            "The base of an OpenAI-compatible endpoint, such as https://…/v1"
        )
        if not self.instance.sealed:
            del self.fields["without_key"]
            self.fields["key"].help_text = _("Leave it empty where the endpoint asks for none.")
        else:
            self.fields["key"].help_text = _("A key is stored. Leave this empty to keep it.")

    def clean(self):
        cleaned = super().clean()
        given = cleaned.get("key") or cleaned.get("without_key")
        if not given and assistants.keeps_no_key(self.instance, cleaned.get("url", "")):
            self.add_error(
                "key", _("Enter the key anew: the stored one is for the former address.")
            )
        return cleaned

    @property
    def columns(self) -> dict:
        """The columns that were changed, and the key: None for the one that is stored."""
        removed = "" if self.cleaned_data.get("without_key") else None
        names = {*self.changed_data} - {"key", "without_key"}
        columns = {name: self.cleaned_data[name] for name in names}
        return {"key": self.cleaned_data["key"] or removed, **columns}

    def store(self, enterprise: Enterprise) -> None:
        """Raises ValidationError."""
        raise NotImplementedError


class EndpointForm(KeyForm):
    """The assistant's model."""

    class Meta:
        model = Assistant
        fields = ENDPOINT
        help_texts = {
            "model": _("As the endpoint calls it, such as qwen3:8b or deepseek-chat."),
            "prompt_tokens": _("How long a question may be, with its articles. 3,000 suits most."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["url"].required = self.fields["model"].required = True

    def store(self, enterprise: Enterprise) -> None:
        """Makes the assistant where there is none. Raises ValidationError."""
        assistants.change(assistants.make(enterprise), **self.columns)


class EmbeddingsForm(KeyForm):
    """The model of the search by meaning."""

    class Meta:
        model = Embeddings
        fields = ("source", "url", "model")
        widgets = {"source": forms.RadioSelect}
        help_texts = {
            "model": _("One for embeddings, such as bge-m3 or text-embedding-v4."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["source"].choices = [
            (one, format_html(CARD, capfirst(one.label), MEANS[one])) for one in Embeddings.Source
        ]

    def store(self, enterprise: Enterprise) -> None:
        """Raises ValidationError."""
        setting_up.change(setting_up.of(enterprise), **self.columns)


class WorkForm(Seen, forms.ModelForm):
    """How the assistant works, when, for which teams, and with which words. `language` is the
    enterprise's."""

    teams = forms.ModelMultipleChoiceField(
        Team.objects.none(), label=_("Teams"), widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Assistant
        fields = WORK
        widgets = {
            "mode": forms.RadioSelect,
            "when": forms.RadioSelect,
            "anger_words": forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
            "tone": forms.Textarea(attrs={"rows": 4, "maxlength": 1_000, "dir": "auto"}),
        }
        help_texts = {
            "anger_words": _(
                "Separated by commas. A message that contains one of them goes to people at once."
            ),
            "tone": _("How it writes: short or detailed, formal or warm. It adds no facts."),
            "daily_tokens": _(
                "When they are used up, people answer until midnight. 0: people answer all."
            ),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        enterprise = self.instance.enterprise
        self.language, self.texts = enterprise.text_language, dict[str, TextsField]()
        self.fields["mode"].choices = [
            (mode, format_html(CARD, capfirst(mode.label), DONE[mode])) for mode in Assistant.Mode
        ]
        self.fields["when"].choices = [(one, capfirst(one.label)) for one in Assistant.When]
        self.fields["teams"].queryset = enterprise.teams.order_by("pk")
        own = self.instance.member.places.values_list("team_id", flat=True)
        self.initial["teams"] = list(own)
        column = Enterprise._meta.get_field("human_words")
        field = column.formfield(widget=forms.Textarea(attrs={"rows": 2}))
        texts = {code: found.get("human_words") for code, found in enterprise.translations.items()}
        texts[self.language] = enterprise.human_words
        self.offer("human_words", field, texts, human_words.USUAL)
        for name, label in LABELS.items():
            area = forms.Textarea(attrs={"rows": 2, "maxlength": words.MAX_WORDS})
            field = forms.CharField(
                label=label, max_length=words.MAX_WORDS, required=False, widget=area
            )
            texts = {code: found.get(name) for code, found in self.instance.words.items()}
            usual = {code: found[name] for code, found in words.USUAL.items()}
            self.offer(name, field, texts, usual)

    def offer(self, name: str, field: forms.CharField, texts: dict, usual: dict) -> None:
        """Adds a text in each language."""
        codes = [code for code, _name in settings.LANGUAGES]
        languages = sorted(codes, key=lambda code: code != self.language)
        self.fields[name] = self.texts[name] = TextsField(field, languages, usual)
        self.initial[name] = texts

    @property
    def begins(self) -> bool:
        """Whether visitors are answered from now on who were not before."""
        now = self.cleaned_data["mode"] == assistants.ANSWER
        return now and self.initial["mode"] != assistants.ANSWER

    def store(self) -> None:
        """Raises ValidationError."""
        assistant, changed = self.instance, set(self.changed_data)
        columns = {name: self.cleaned_data[name] for name in changed & set(WORK)}
        if changed & set(LABELS):
            columns["words"] = {
                code: {name: text for name in LABELS if (text := self.text_of(name, code))}
                for code, _name in settings.LANGUAGES
            }
        teams = list(self.cleaned_data["teams"]) if "teams" in changed else None
        assistants.change(assistant, teams, **columns)
        if "human_words" in changed:
            self.store_human_words()

    def text_of(self, name: str, language: str) -> str:
        if language == self.language:
            return self.cleaned_data[name]
        return self.texts[name].others.get(language, "")

    def store_human_words(self) -> None:
        own = Enterprise.objects.select_for_update().get(pk=self.instance.enterprise_id)
        own.human_words = self.text_of("human_words", self.language)
        for code in self.texts["human_words"].others:
            texts = own.translations.pop(code, {}) | {
                "human_words": self.text_of("human_words", code)
            }
            if kept := {name: text for name, text in texts.items() if text}:
                own.translations[code] = kept
        own.save(update_fields=["human_words", "translations"])


def is_stored(form: KeyForm | WorkForm, *about: Enterprise) -> bool:
    """Stores what the form holds. Where that is refused, the form has the reason."""
    try:
        with audit.undoable():
            form.store(*about)
    except ValidationError as error:
        own = getattr(error, "error_dict", {}).keys() <= form.fields.keys()
        form.add_error(None, error if own else error.messages)
    return not form.errors
