"""Reads a form of the admin as a browser does, and posts it with changes."""

from html.parser import HTMLParser

from django.urls import reverse

MEMBERS, TEAMS = "/admin/accounts/member/", "/admin/accounts/team/"
ENTERPRISES = "/admin/accounts/enterprise/"
GOOD = "a good long phrase"
"""A password that the rules let pass."""


def edit(row, section: str = "") -> str:
    """The address of a row's form, or of a section of an enterprise's settings."""
    page = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    return f"{page}?section={section}" if section else page


class FormReader(HTMLParser):
    """The fields that a browser would send for the page's main form."""

    def __init__(self):
        super().__init__()
        self.fields = {}
        self.select = self.textarea = None

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        name = attributes.get("name")
        if tag == "select":
            self.select = name
        elif tag == "option" and self.select and "selected" in attributes:
            self.fields[self.select] = attributes.get("value", "")
        elif tag == "textarea":
            self.textarea = name
            self.fields[name] = ""
        elif tag == "input" and name and "disabled" not in attributes:
            self.read_input(attributes, name)

    def read_input(self, attributes, name):
        kind = attributes.get("type", "text")
        if kind == "checkbox":
            if "checked" in attributes:
                self.fields[name] = attributes.get("value", "on")
        elif kind not in ("submit", "file", "button", "image"):
            self.fields[name] = attributes.get("value", "")

    def handle_endtag(self, tag):
        if tag == "select":
            self.select = None
        elif tag == "textarea":
            self.textarea = None

    def handle_data(self, data):
        if self.textarea:
            self.fields[self.textarea] += data.removeprefix("\n")


def form_of(response) -> dict:
    reader = FormReader()
    reader.feed(response.content.decode())
    hidden = ("csrfmiddlewaretoken", "language", "next")
    return {
        name: value
        for name, value in reader.fields.items()
        if name not in hidden and "__prefix__" not in name
    }


def submit(client, url, /, **changes):
    """Opens the page and posts its form with these changes (`None` leaves a field out)."""
    page = client.get(url)
    assert page.status_code == 200, (url, page.status_code)
    fields = {**form_of(page), **changes}
    return client.post(url, {name: value for name, value in fields.items() if value is not None})


def submit_each(client, url, /, *changes: dict) -> list:
    """Opens the page once, and posts its form with each of these changes."""
    fields = form_of(client.get(url))
    return [
        client.post(url, {name: v for name, v in {**fields, **one}.items() if v is not None})
        for one in changes
    ]


def errors_of(response) -> dict:
    """The errors of the page's form and of its inlines, as one dictionary of lists."""
    found = dict(response.context["adminform"].form.errors)
    for inline in response.context["inline_admin_formsets"]:
        for number, errors in enumerate(inline.formset.errors):
            found.update(
                {f"{inline.formset.prefix}-{number}-{key}": e for key, e in errors.items()}
            )
        if inline.formset.non_form_errors():
            found[inline.formset.prefix] = inline.formset.non_form_errors()
    return found


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)
