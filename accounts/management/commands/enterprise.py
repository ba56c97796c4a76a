from accounts.management.base import RecordedCommand, find_enterprise


class Command(RecordedCommand):
    help = (
        "Changes an enterprise, and prints one line of its settings. What is left out stays as it"
        " is."
    )

    def add_arguments(self, parser):
        parser.add_argument("code", help="the enterprise's code")
        parser.add_argument(
            "--push-text",
            choices=["on", "off"],
            help="whether pushes to members' devices show what visitors wrote",
        )

    def handle(self, code, push_text, **options):
        enterprise = find_enterprise(code)
        if push_text:
            enterprise.push_text = push_text == "on"
            enterprise.save(update_fields=["push_text"])
        self.stdout.write(f"Enterprise {code}: push-text={'on' if enterprise.push_text else 'off'}")
