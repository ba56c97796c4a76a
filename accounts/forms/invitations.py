"""Many people invited at once: the addresses that somebody pastes, and what all of them get."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import rights
from accounts.models import DEFAULT_TEAM, Enterprise, Member, Team

MOST = 100
"""Addresses at once. Each costs a transaction that gives its member a seat in every open
conversation of the teams."""
HOURLY = 300
"""Members that an enterprise may get within an hour: a stolen account is no way to mail masses."""
MAX_TEXT = 20_000
"""Characters: MOST addresses of 125 with names of 50, and what stands between them."""
LONGEST = Member._meta.get_field("email").max_length or 0
QUOTED = re.compile(r'"([^"\n]*)"')
SEPARATORS = re.compile(r"[,;，；、\r\n]+")
UNFIT = re.compile(r"[^\w.@+-]")
"""Characters that an address may have and an account may not."""

AT_MOST = _(
    "Up to %(most)d at once, separated by commas, spaces or line breaks, also as Mei Lin "
    "<mei@example.com>."
)
TOO_MANY = _("Nobody was invited: at most %(most)d addresses at once.")


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody of the list: the words as pasted, the name or "", and the address, which may be
    anything."""

    words: str
    name: str
    address: str

    @property
    def is_address(self) -> bool:
        try:
            validate_email(self.address)
        except ValidationError:
            return False
        return len(self.address) <= LONGEST

    @property
    def account(self) -> str:
        return UNFIT.sub("-", self.address.lower())


def entries(text: str) -> Iterator[Entry]:
    """Everybody in a pasted text: addresses between commas, semicolons, spaces and line ends, alone
    or as Name <address>. A comma within a quoted name separates nothing."""
    text = QUOTED.sub(lambda found: SEPARATORS.sub(" ", found[1]), text)
    for part in SEPARATORS.split(text):
        rest = part
        while "<" in rest:
            before, _bracket, rest = rest.partition("<")
            address, _bracket, rest = rest.partition(">")
            words = before.split()
            # Addresses without a name may stand before the name of the next one.
            yield from (Entry(word, "", word) for word in words if "@" in word)
            name = " ".join(word for word in words if "@" not in word)
            yield Entry(f"{name} <{address}>".strip(), name, address.strip())
        yield from (Entry(word, "", word) for word in rest.split())


class InviteForm(forms.Form):
    """`cleaned_data["addresses"]` is a list of Entry."""

    addresses = forms.CharField(
        label=_("E-mail addresses"),
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto", "spellcheck": "false"}),
    )
    role = forms.TypedChoiceField(label=_("Role"), coerce=int, initial=Member.Role.AGENT)
    teams = forms.ModelMultipleChoiceField(
        Team.objects.none(),
        label=_("Teams"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, enterprise: Enterprise, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.enterprise, fields = enterprise, cast("dict[str, Any]", self.fields)
        fields["addresses"].help_text = AT_MOST % {"most": MOST}
        people = [one for one in Member.Role.choices if one[0] not in rights.PROGRAMS]
        fields["role"].choices = people
        teams = list(enterprise.teams.order_by("pk"))
        fields["teams"].queryset = enterprise.teams.all()
        fields["teams"].choices = [(team.pk, team.name) for team in teams]
        fields["teams"].initial = [team.pk for team in teams if team.slug == DEFAULT_TEAM]

    def clean_addresses(self) -> list[Entry]:
        text = self.cleaned_data["addresses"]
        found = list(entries(text)) if len(text) <= MAX_TEXT else []
        if len(text) > MAX_TEXT or len(found) > MOST:
            raise ValidationError(TOO_MANY, params={"most": MOST})
        if not found:  # Commas alone.
            raise ValidationError(self.fields["addresses"].error_messages["required"])
        hour = timezone.now() - timedelta(hours=1)
        if self.enterprise.members.filter(created_at__gt=hour).count() + len(found) > HOURLY:
            raise ValidationError(
                _("At most %(most)d members can be added within an hour. Try again later."),
                params={"most": HOURLY},
            )
        return found

    def clean(self):
        """Roles without a place in teams get none, whatever is ticked."""
        if rights.SEAT not in rights.OF_ROLE.get(self.cleaned_data.get("role"), ()):
            self.cleaned_data["teams"] = []
