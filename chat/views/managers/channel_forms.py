"""The form in which a manager sets a channel up, and the guide beside it."""

from typing import Any, cast
from urllib.parse import unquote, urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import audit
from accounts.admin.seen import Seen
from accounts.forms.secrets import SecretInput
from accounts.models import Enterprise
from accounts.sentences import Words
from chat.channels import failures, kinds, setup
from chat.channels.contract import Failed, Key
from chat.models import Channel
from chat.protocol import channels

OWN = "name", "team", "assistant"
"""The columns of the form."""
RARE = (
    *(setup.API, "authserv", "subaddress"),
    *("oauth_client", "oauth_secret", "oauth_refresh", "oauth_token_url"),
)
"""Settings that most channels leave as they are."""
LABELS: dict[str, Words] = {
    "mode": gettext_lazy("How messages come"),
    "appid": "AppID",
    "secret": "Secret",
    "aeskey": "EncodingAESKey",
    "corpid": gettext_lazy("Company id (CorpID)"),
    "open_kfid": gettext_lazy("Account id (open_kfid)"),
    "welcome": gettext_lazy("Welcome words"),
    "address": gettext_lazy("Mail address"),
    "imap": gettext_lazy("Where mails are fetched (IMAP)"),
    "smtp": gettext_lazy("Where mails are sent (SMTP)"),
    "signature": gettext_lazy("Signature"),
    "subject": gettext_lazy("Subject"),
    "authserv": gettext_lazy("Name of your mail server in Authentication-Results"),
    "subaddress": gettext_lazy("Mails to name+anything@… arrive"),
    "oauth_client": gettext_lazy("OAuth: client id"),
    "oauth_secret": gettext_lazy("OAuth: client secret"),
    "oauth_refresh": gettext_lazy("OAuth: refresh token"),
    "oauth_token_url": gettext_lazy("OAuth: address of the token endpoint"),
    setup.API: gettext_lazy("Another address of the service"),
}
"""What settings are called; one that is missing here is called by its key."""
OF_KIND: dict[tuple[str, str], Words] = {
    ("telegram", "token"): gettext_lazy("Token of the bot"),
    ("weixin", "token"): gettext_lazy("Token of the callback"),
    ("weixin_kf", "token"): gettext_lazy("Token of the callback"),
    ("weixin", "secret"): "AppSecret",
}
HELP: dict[str, Words] = {
    "imap": gettext_lazy("imaps://user:password@imap.example.com, with %40 for an @ in the user"),
    "smtp": gettext_lazy("smtp+tls://user:password@smtp.example.com:587"),
    "welcome": gettext_lazy("Said to whoever opens the chat and has not written for 48 hours."),
    "signature": gettext_lazy("One line below each mail of this team, from whichever mailbox."),
    "subject": gettext_lazy("Of this team's mails where nobody has given one."),
    "oauth_client": gettext_lazy("Instead of a password, as Microsoft 365 asks for."),
    "aeskey": gettext_lazy("43 letters and digits. The other side makes one for you."),
    setup.API: gettext_lazy("Scheme, host and port of a proxy. Empty for the usual one."),
}
HELP_OF_KIND: dict[tuple[str, str], Words] = {
    ("weixin", "aeskey"): gettext_lazy(
        "43 letters and digits, made there. Without it, texts come unencrypted and unsigned: "
        "whoever reads one call can forge others."
    ),
}
CHOICES: dict[str, Words] = {
    "auto": gettext_lazy("by its mail service"),
    "poll": gettext_lazy("Kefu asks for them: works everywhere"),
    "webhook": gettext_lazy("Telegram calls: needs a public https address"),
    "yes": gettext_lazy("yes"),
    "no": gettext_lazy("no"),
}
SUMMARIES: dict[str, Words] = {
    "telegram": gettext_lazy("A bot that people write to. 2 steps; no public address needed."),
    "weixin": gettext_lazy("Messages to your official account. Needs a public https address."),
    "weixin_kf": gettext_lazy("WeCom's customer service inside WeChat. Needs a public address."),
    "mail": gettext_lazy("A mailbox that customers write to, by IMAP and SMTP."),
}
GUIDES: dict[str, tuple[Words, ...]] = {
    "telegram": (
        gettext_lazy("In Telegram, write /newbot to @BotFather, then a name for your bot."),
        gettext_lazy("Copy the token that it answers with, such as 123456:ABC…, and save it here."),
        gettext_lazy("Write to your bot: the message appears in the workspace."),
    ),
    "weixin": (
        gettext_lazy(
            "At mp.weixin.qq.com, open 设置与开发 → 开发接口管理 → 基本配置. Copy the AppID and "
            "reset the AppSecret, which is shown once."
        ),
        gettext_lazy("Add this server's address to IP白名单 there."),
        gettext_lazy(
            "Under 服务器配置, have an EncodingAESKey made, invent a Token of letters and digits, "
            "and enter both here. Save here first."
        ),
        gettext_lazy(
            "Then enter the address below there as URL, choose 安全模式, press 提交 and 启用."
        ),
        gettext_lazy("Follow the account and write to it: the message appears in the workspace."),
    ),
    "weixin_kf": (
        gettext_lazy("At work.weixin.qq.com, copy 企业ID at the end of 我的企业."),
        gettext_lazy(
            "Open 应用管理 → 微信客服, allow the API to manage the account, and copy its Secret."
        ),
        gettext_lazy(
            "Under 接收消息 → 设置, have Token and EncodingAESKey made, and enter both here with "
            "the account's open_kfid, which begins with wk. Save here first."
        ),
        gettext_lazy("Then enter the address below there as URL and save."),
        gettext_lazy("Open the account's link in WeChat and write: it appears in the workspace."),
    ),
    "mail": (
        gettext_lazy("Take a mailbox that only Kefu reads, such as support@your-shop.example."),
        gettext_lazy(
            "Allow IMAP and SMTP there, and make a password for programs: 授权码 at QQ and 163, "
            "an app password at Gmail."
        ),
        gettext_lazy("Enter both addresses here with the user and that password, and save."),
        gettext_lazy("Write a mail to the address: it appears in the workspace within a minute."),
    ),
}
"""By kind, what to press on the other side, as its pages were in November 2026."""


class ChannelForm(Seen, forms.ModelForm):
    """A channel of a kind: what it is called, who answers, and its keys. Stored secrets are never
    shown."""

    class Meta:
        model = Channel
        fields = OWN

    def __init__(self, *args, enterprise: Enterprise, **kwargs):
        super().__init__(*args, **kwargs)
        channel: Channel = self.instance
        self.keys = list(kinds.adapter_of(channel).keys)
        self.fields["name"].required = False
        self.fields["name"].widget.attrs["placeholder"] = channel.get_kind_display()
        self.fields["name"].help_text = _("For your team. Visitors do not see it.")
        teams = cast(forms.ModelChoiceField, self.fields["team"])
        teams.queryset = enterprise.teams.order_by("pk")
        teams.empty_label = None
        self.fields["team"].help_text = _("Who answers what comes from now on.")
        if not channel.pk:
            self.initial["team"] = enterprise.teams.order_by("pk").first()
        if channel.kind != channels.MAIL:
            del self.fields["assistant"]
        stored = setup.stored_secrets(channel)
        for key in [*self.keys, Key(setup.API, default="")]:
            self.fields[key.name] = self.field_of(key, stored.get(key.name, ""))
            if not key.secret:
                self.initial[key.name] = channel.settings.get(key.name) or key.default or ""

    def field_of(self, key: Key, stored: str) -> forms.Field:
        kind = self.instance.kind
        how: dict[str, Any] = {
            "label": OF_KIND.get((kind, key.name)) or LABELS.get(key.name, key.name),
            "help_text": HELP_OF_KIND.get((kind, key.name)) or HELP.get(key.name, ""),
            "required": key.default is None and not stored,
        }
        if key.choices:
            named = [(one, CHOICES.get(one, one)) for one in key.choices]
            return forms.ChoiceField(choices=named, **how)
        plain = {"autocomplete": "off", "dir": "auto", "spellcheck": "false"}
        widget: forms.Widget = forms.TextInput(plain)
        if key.secret:
            widget = SecretInput()
        if stored:
            how["help_text"] = _("It is stored. Leave this empty to keep it.")
        if stored and key.name in setup.BOXES:
            text = _("It is stored: %(where)s. Leave this empty to keep it with its password.")
            how["help_text"] = text % {"where": account_at(stored)}
        return forms.CharField(max_length=setup.MOST, widget=widget, **how)

    @property
    def sections(self) -> list[tuple[str, list[str]]]:
        """The names of the fields, by section."""
        names = [key.name for key in self.keys]
        return [
            (_("Name and team"), [name for name in OWN if name in self.fields]),
            (_("Keys"), [name for name in names if name not in RARE]),
            (_("Rarely needed"), [name for name in [*names, setup.API] if name in RARE]),
        ]

    @property
    def given(self) -> dict[str, str]:
        names = [key.name for key in self.keys] + [setup.API]
        return {name: self.cleaned_data[name] for name in names}

    def store(self, enterprise: Enterprise, by: audit.Origin) -> Channel | None:
        """The channel as it is stored. Where it is refused the form has the reason, and None is
        returned; of one that is there the keys are stored all the same where the other side
        refuses them, since the test says so then."""
        channel: Channel = self.instance
        columns = {name: self.cleaned_data[name] for name in OWN if name in self.fields}
        columns["name"] = columns["name"] or str(channel.get_kind_display())
        try:
            if channel.pk:
                setup.change(channel, self.given, by, **columns)
                return channel
            return setup.add(enterprise, channel.kind, self.given, by=by, **columns)
        except ValidationError as error:
            own = getattr(error, "error_dict", {}).keys() <= self.fields.keys()
            self.add_error(None, error if own else error.messages)
        except Failed as failed:
            if channel.pk:
                return channel
            self.add_error(None, failures.words(channel.kind, failed.code, failed.words))
        return None


def account_at(url: str) -> str:
    """The user and the host of a secret that is the URL of a mailbox, whose rest is not shown: in
    one that was mistyped a part of the password may stand as port or path."""
    parts = urlsplit(url)
    return ", ".join(filter(None, (unquote(parts.username or ""), parts.hostname)))
