"""Pictures of articles."""

from chat.models import ArticlePicture


def by_name(code: str, names: set[str]) -> dict[str, ArticlePicture]:
    """The pictures of an enterprise that have these names."""
    if not names:
        return {}
    found = ArticlePicture.objects.filter(enterprise__code=code, name__in=names)
    return {row.name: row for row in found}
