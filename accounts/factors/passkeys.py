"""Passkeys: key pairs that a member's devices keep (WebAuthn). The page asks the device to sign a
challenge; nothing that is sent can be used again or on another site."""

import base64
import hashlib
import json
from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.utils import timezone
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
)

from accounts.models import Member, Passkey

STATE = "passkey_challenge"
"""In the session: the challenge that waits for an answer, and what it is for."""
ADDING, SECOND, ALONE = "adding", "second", "alone"
MOST = 20
"""Passkeys of a member."""
LONGEST = 20_000
"""Characters of an answer; attestations carry certificates."""


def ask_to_add(request: HttpRequest, member: Member) -> dict:
    """The options by which the page has a device make a passkey."""
    user = PublicKeyCredentialUserEntity(
        id=member.uuid.encode(), name=member.name, display_name=member.display_name
    )
    options, state = server(request).register_begin(
        user,
        credentials=credentials_of(member),
        resident_key_requirement="preferred",
        user_verification="preferred",
    )
    request.session[STATE] = {**state, "for": ADDING}
    return dict(options)


def ask(request: HttpRequest, member: Member | None = None) -> dict | None:
    """The options by which the page has a device sign: one of the member's, or any that knows who
    it is and asks for a finger, a face or a PIN. None if the member has no passkey."""
    credentials = credentials_of(member) if member else None
    if credentials == []:
        return None
    verification = "preferred" if member else "required"
    options, state = server(request).authenticate_begin(credentials, verification)
    request.session[STATE] = {**state, "for": SECOND if member else ALONE}
    return dict(options)


def add(request: HttpRequest, member: Member, name: str, answer: str) -> bool:
    """Stores the passkey that a device made. Returns whether the answer fits the challenge and the
    passkey is new."""
    state, parsed = taken(request, ADDING), parse(answer)
    if state is None or parsed is None or Passkey.objects.filter(member=member).count() >= MOST:
        return False
    try:
        data = server(request).register_complete(state, parsed)
    except Exception:  # The package raises whatever its parsers do.
        return False
    made = data.credential_data
    try:
        with transaction.atomic():
            Passkey.objects.create(
                member=member,
                name=name,
                key=digest(made.credential_id),
                data=base64.b64encode(made).decode(),
                sign_count=data.counter,
            )
    except IntegrityError:  # It is somebody's already.
        return False
    return True


def accept(request: HttpRequest, answer: str, member: Member | None = None) -> Member | None:
    """Whose passkey has signed the challenge; the given member's, if it has to be theirs. None
    if the answer does not fit. Each challenge takes one answer."""
    state, parsed = taken(request, SECOND if member else ALONE), parse(answer)
    if state is None or parsed is None:
        return None
    try:
        response = AuthenticationResponse.from_dict(parsed)
        row = Passkey.objects.select_related("member").filter(key=digest(response.raw_id)).first()
        if row is None or (member and row.member_id != member.pk):
            return None
        server(request).authenticate_complete(state, [credential(row)], response)
    except Exception:  # As above.
        return None
    count = response.response.authenticator_data.counter
    unused = Passkey.objects.filter(pk=row.pk)
    if count or row.sign_count:
        # A count that does not grow is that of a copied key. Passkeys that are synchronised
        # between devices have none.
        unused = unused.filter(sign_count__lt=count)
    return row.member if unused.update(sign_count=count, used_at=timezone.now()) else None


def taken(request: HttpRequest, purpose: str) -> dict | None:
    """The challenge that waits in the session, if it was made for this; it is gone afterwards."""
    state = request.session.pop(STATE, None)
    return state if state and state["for"] == purpose else None


def parse(answer: str) -> Mapping | None:
    try:
        found = json.loads(answer) if len(answer) <= LONGEST else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, Mapping) else None


def server(request: HttpRequest) -> Fido2Server:
    """What checks answers: they have to come from a page of exactly this origin."""
    host = request.get_host()
    origin = f"{request.scheme}://{host}"
    entity = PublicKeyCredentialRpEntity(id=split_domain_port(host)[0], name="Kefu")
    return Fido2Server(entity, verify_origin=lambda claimed: claimed == origin)


def credentials_of(member: Member) -> list[AttestedCredentialData]:
    return [credential(row) for row in Passkey.objects.filter(member=member).order_by("pk")]


def credential(row: Passkey) -> AttestedCredentialData:
    return AttestedCredentialData(base64.b64decode(row.data))


def digest(credential_id: bytes) -> str:
    """By which a passkey is found: ids have up to 1,023 bytes, more than an index may hold."""
    return hashlib.sha256(credential_id).hexdigest()
