"""How an enterprise looks to its visitors: its colours, logo and cover, with a preview."""

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts import avatars
from accounts.forms.texts import TextsForm
from accounts.models import Enterprise, Member

PICTURES = {"logo": avatars.LOGO, "cover": avatars.COVER}
"""The columns of pictures, with the limits within which they are drawn."""
COLOUR = {"type": "color"}


def file_field(label, help_text) -> forms.FileField:
    accept = {"accept": "image/png,image/jpeg,image/gif,image/webp"}
    widget = forms.FileInput(attrs=accept)
    return forms.FileField(
        label=capfirst(label), help_text=help_text, required=False, widget=widget
    )


class BrandForm(TextsForm):
    """Uploads or removes the pictures of an enterprise. A cover colour that equals the accent
    colour is not stored, so that it follows it."""

    logo_file = file_field(
        _("logo"), _("PNG, JPEG, GIF or WebP, up to 2 MB; best is a square of 256 pixels.")
    )
    without_logo = forms.BooleanField(label=_("Remove the logo"), required=False)
    cover_file = file_field(
        _("cover picture"),
        _(
            "Shown instead of the cover colour, darkened so that white text can be read on it; up "
            "to 2 MB, best 1440 × 720 pixels."
        ),
    )
    without_cover = forms.BooleanField(label=_("Remove the cover picture"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("accent", "cover_colour"):
            if name in self.fields:
                self.fields[name].widget = forms.TextInput(attrs=COLOUR)
        if not self.instance.cover_colour:
            self.initial["cover_colour"] = self.instance.accent
        for name in PICTURES:
            if not getattr(self.instance, name):
                self.fields.pop(f"without_{name}", None)

    def clean(self):
        cleaned = super().clean()
        accent, cover = cleaned.get("accent", ""), cleaned.get("cover_colour", "")
        follows = not self.instance.cover_colour and cover == self.initial.get("cover_colour")
        if follows or cover.lower() == accent.lower():
            cleaned["cover_colour"] = ""
        self.addresses: dict[str, str] = {}
        for name, limits in PICTURES.items():
            if cleaned.get(f"without_{name}"):
                self.addresses[name] = ""
            upload = cleaned.get(f"{name}_file")
            if upload and not self.errors:
                try:
                    self.addresses[name] = avatars.store(upload, self.instance.code, limits)
                except ValidationError as error:
                    self.add_error(f"{name}_file", error)
        return cleaned

    def _post_clean(self):
        super()._post_clean()
        self.removed: list[str] = []
        if self.errors:
            return
        for name, address in self.addresses.items():
            self.removed.append(getattr(self.instance, name))
            setattr(self.instance, name, address)
            self.changed_columns.append(name)


def is_shown_elsewhere(address: str, enterprise: Enterprise) -> bool:
    """Whether a picture is another enterprise's, too, or a member's: files have no owner."""
    others = Enterprise.objects.exclude(pk=enterprise.pk)
    there = others.filter(Q(logo=address) | Q(cover=address))
    return there.exists() or Member.objects.filter(avator=address).exists()


class BrandAdmin:
    """A mixin for EnterpriseAdmin."""

    def changeform_view(self, request, *args, **kwargs):
        # Draw before the transaction: it would lock SQLite for everybody meanwhile.
        for name, limits in PICTURES.items():
            if upload := request.FILES.get(f"{name}_file"):
                avatars.draw_anew(upload, request.user.uuid, limits)
        return super().changeform_view(request, *args, **kwargs)

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        for address in filter(lambda one: not is_shown_elsewhere(one, obj), form.removed):
            transaction.on_commit(lambda gone=address: avatars.remove(gone))

    def without_use(self, enterprise) -> set[str]:
        """The fields that would remove a picture where there is none."""
        return {f"without_{name}" for name in PICTURES if not getattr(enterprise, name)}
