"""The administration's navigation."""

from django import template

from accounts.admin import navigation

register = template.Library()


@register.inclusion_tag("admin/navigation.html", takes_context=True)
def tasks(context) -> dict:
    """The navigation, for those who have a choice."""
    request = context["request"]
    if not request.user.is_authenticated:
        return {"groups": []}
    # Django's lists use the same field for their filter, by id.
    ours = request.user.is_superuser and not request.resolver_match.namespace
    groups = navigation.groups(request, request.GET.get("enterprise", "") if ours else "")
    if sum(len(group.entries) for group in groups) < 2:
        groups = []
    return {"groups": groups, "here": navigation.here(request.path, groups)}
