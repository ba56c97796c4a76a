"""The form in which a manager sets a robot up, and the guide beside it."""

from typing import cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import audit
from accounts.admin.seen import Seen
from accounts.forms.secrets import SecretInput
from accounts.models import Enterprise
from accounts.sentences import Words
from chat.conversations.causes import TOLD
from chat.models import Notification, Robot
from chat.notifications.robots import setup
from chat.notifications.robots.platforms import PLATFORMS

Cause = Notification.Kind
COLUMNS = "name", "team", "causes", "with_words", "quiet_from", "quiet_to"
CAUSES: dict[str, Words] = {
    Cause.LATE: gettext_lazy("A visitor has waited past the target"),
    Cause.WANTED: gettext_lazy("A person is wanted in place of the bot"),
    Cause.LEADER: gettext_lazy("A leader is called"),
    Cause.RATED: gettext_lazy("A rating of 1 or 2 stars"),
    Cause.BROKEN: gettext_lazy("A channel, a webhook or the assistant's model does not work"),
}
SUMMARIES: dict[str, Words] = {
    "feishu": gettext_lazy("A custom bot of a Feishu or Lark group"),
    "dingtalk": gettext_lazy("A custom bot of a DingTalk group"),
    "wecom": gettext_lazy("A group robot of WeCom"),
    "slack": gettext_lazy("An app of a Slack channel"),
    "teams": gettext_lazy("A workflow of a channel"),
}
LAST = gettext_lazy("Save here: a test message appears in the group.")
GUIDES: dict[str, tuple[Words, ...]] = {
    "feishu": (
        gettext_lazy("In the group, open 设置 → 群机器人 → 添加机器人 → 自定义机器人."),
        gettext_lazy(
            "Under 安全设置, tick 签名校验 and copy the secret; or tick 自定义关键词 and enter "
            "Kefu."
        ),
        gettext_lazy("Copy its address, and enter both here."),
        LAST,
    ),
    "dingtalk": (
        gettext_lazy("In the group, open 群设置 → 机器人 → 添加机器人 → 自定义."),
        gettext_lazy(
            "Under 安全设置, tick 加签 and copy the secret, which begins with SEC; or tick "
            "自定义关键词 and enter Kefu."
        ),
        gettext_lazy("Copy its address, and enter both here."),
        LAST,
    ),
    "wecom": (
        gettext_lazy("In the group, open the menu at its top and choose 消息推送 or 群机器人."),
        gettext_lazy("Add one, and copy its address. There is no secret."),
        LAST,
    ),
    "slack": (
        gettext_lazy("At api.slack.com/apps, make an app, or open one."),
        gettext_lazy("Switch Incoming Webhooks on, add one, and choose the channel."),
        gettext_lazy("Copy the address that is new there. There is no secret."),
        LAST,
    ),
    "teams": (
        gettext_lazy("At the channel, open ••• → Workflows."),
        gettext_lazy(
            "Choose “Send webhook alerts to a channel” (earlier: “Post to a channel when a webhook "
            "request is received”), and save it."
        ),
        gettext_lazy("Copy the address that it shows. There is no secret."),
        LAST,
    ),
}
"""By kind, what to press there, as its pages were in November 2026."""


class RobotForm(Seen, forms.ModelForm):
    """A robot: what it is called and hears of, and where its group is. What is stored of the
    address and the secret is never shown."""

    causes = forms.MultipleChoiceField(
        label=gettext_lazy("It says when"),
        choices=list(CAUSES.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    url = forms.CharField(label=gettext_lazy("Address of the robot"), max_length=setup.MAX_URL)
    secret = forms.CharField(
        label=gettext_lazy("Secret of the signature"), max_length=setup.MAX_SECRET, required=False
    )

    class Meta:
        model = Robot
        fields = COLUMNS

    def __init__(self, *args, enterprise: Enterprise, **kwargs):
        super().__init__(*args, **kwargs)
        robot: Robot = self.instance
        self.fields["name"].required = False
        self.fields["name"].widget.attrs["placeholder"] = robot.get_kind_display()
        self.fields["name"].help_text = _("Such as the name of the group.")
        teams = cast(forms.ModelChoiceField, self.fields["team"])
        teams.queryset = enterprise.teams.order_by("pk")
        teams.empty_label = _("all teams")
        teams.help_text = _("What belongs to no team only robots of all teams say.")
        self.fields["with_words"].help_text = _(
            "With the visitor's name and last message, without addresses and phone numbers. "
            "Everybody in the group reads it."
        )
        for name in ("quiet_from", "quiet_to"):
            self.fields[name].widget = forms.TimeInput({"type": "time"}, format="%H:%M")
        self.fields["quiet_to"].help_text = _(
            "In the time zone %(zone)s. What happens meanwhile is not sent later."
        ) % {"zone": enterprise.zone}
        if not robot.pk:
            self.initial["causes"] = list(TOLD)
        self.hide_secrets(bool(robot.sealed))

    def hide_secrets(self, is_stored: bool) -> None:
        if PLATFORMS[self.instance.kind].sign is None:
            del self.fields["secret"]
        for name in ("url", "secret"):
            if name in self.fields:
                self.fields[name].widget = SecretInput()
        self.fields["url"].required = not is_stored
        if is_stored:
            self.fields["url"].help_text = _(
                "It is stored. Leave this empty to keep it and its secret."
            )
        else:
            example = PLATFORMS[self.instance.kind].example
            self.fields["url"].help_text = example

    @property
    def sections(self) -> list[tuple[str, list[str]]]:
        """The names of the fields, by section."""
        found = [
            (_("Group"), ["name", "url", "secret"]),
            (_("What it says"), ["team", "causes", "with_words"]),
            (_("Quiet hours"), ["quiet_from", "quiet_to"]),
        ]
        return [(title, [one for one in names if one in self.fields]) for title, names in found]

    def _post_clean(self) -> None:
        """Everything that is wrong is said at once."""
        super()._post_clean()  # type: ignore[misc]  # The stubs do not know it.
        found = setup.faults(self.instance, self.cleaned_data.get("url", ""))
        for name, text in found.items():
            if name not in self.errors:
                self.add_error(name, text)

    def store(self, by: audit.Origin) -> Robot | None:
        """The robot as it is stored; None where it is refused, and the form has the reason."""
        columns = {name: self.cleaned_data[name] for name in COLUMNS}
        given = {name: self.cleaned_data.get(name, "") for name in ("url", "secret")}
        try:
            setup.store(self.instance, by, **given, **columns)
        except ValidationError as error:
            own = getattr(error, "error_dict", {}).keys() <= self.fields.keys()
            self.add_error(None, error if own else error.messages)
            return None
        return self.instance
