"""Who a name and a password belong to."""

from django.contrib.auth.backends import ModelBackend

from .models import Member


class MemberBackend(ModelBackend):
    """Also recognises members of a closed enterprise, so that the form can tell them why they
    may not enter: who knows the password may know. Nobody's session is theirs."""

    def user_can_authenticate(self, member: Member) -> bool:
        return member.is_active or member.status == Member.Status.NORMAL

    def get_user(self, pk) -> Member | None:
        member = super().get_user(pk)
        return member if member and member.is_active else None

    async def aget_user(self, pk) -> Member | None:
        member = await super().aget_user(pk)
        return member if member and member.is_active else None
