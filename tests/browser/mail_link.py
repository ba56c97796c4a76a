"""Prints the paths of the links that a mail to the visitor of an enterprise's newest conversation
has: `python -m tests.browser.mail_link CODE`, in a served product's environment."""

import os
import sys


def main(code: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.settings")
    import django

    django.setup()
    from accounts.models import Enterprise
    from chat.mail import answers
    from chat.models import Conversation

    enterprise = Enterprise.objects.get(code=code)
    conversation = Conversation.objects.filter(ent_id=code).latest("last_activity")
    for what in ("back", "stop"):
        print(answers.address(what, conversation, enterprise))


if __name__ == "__main__":
    main(sys.argv[1])
