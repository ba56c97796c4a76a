"""The administration's navigation, and the way back from a page that has a parent."""

from django import template
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters, admin_urlname
from django.urls import reverse

from accounts.admin import lists, navigation

register = template.Library()


@register.inclusion_tag("admin/navigation.html", takes_context=True)
def tasks(context) -> dict:
    """The navigation, for those who are signed in."""
    request = context["request"]
    if not request.user.is_authenticated:
        return {"groups": []}
    enterprise = navigation.chosen(request)
    groups = navigation.groups(request, enterprise)
    return {
        "groups": groups,
        "here": navigation.here(request, groups),
        "enterprise": enterprise,
        "me": request.user,
        "theme": context.get("theme"),
        "request": request,
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("admin/back.html", takes_context=True)
def back_link(context) -> dict:
    """Where a page of a model's row leads back to: its row's page or, from there, the list."""
    found, options = context.flatten(), context.get("opts")
    row = found.get("original") or found.get("object")
    if options is None or "cl" in found:
        return {}
    if row is not None and getattr(row, "pk", None) and "adminform" not in found:
        href = reverse(admin_urlname(options, "change"), args=[row.pk])
        return {"href": href, "label": str(row)}
    href = reverse(admin_urlname(options, "changelist"))
    if row is not None and navigation.is_alone(context["request"], options.model):
        return {}
    href = add_preserved_filters(found, href)
    return {"href": href, "label": lists.title_of(options.model)}
