"""The locks that routing takes on members."""

from collections.abc import Iterable

from accounts.models import Member


def lock_members(ent_id: str, people: Iterable[str]) -> dict[str, Member]:
    """The members of an enterprise among `people` by uuid, locked in the order of their ids;
    conversations come after."""
    ids = sorted(
        Member.objects.filter(uuid__in=people, enterprise__code=ent_id).values_list("pk", flat=True)
    )
    list(Member.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
    return {member.uuid: member for member in Member.objects.filter(pk__in=ids)}
