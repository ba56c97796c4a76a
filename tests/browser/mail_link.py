"""Gives the visitor of an enterprise's newest conversation an address, and prints the paths of the
links that a mail to it has: `python -m tests.browser.mail_link CODE`, in a served product's
environment."""

import os
import sys


def main(code: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.settings")
    import django

    django.setup()
    from accounts.models import Enterprise
    from chat.models import Conversation, Visitor
    from chat.visitors import links

    enterprise = Enterprise.objects.get(code=code)
    conversation = Conversation.objects.filter(ent_id=code).latest("last_activity")
    visitors = Visitor.objects.filter(uuid=conversation.visitor_id)
    visitors.update(contact="li@example.com", contact_by="visitor")
    for what in (links.BACK, links.STOP):
        print(links.address(what, conversation, enterprise))


if __name__ == "__main__":
    main(sys.argv[1])
