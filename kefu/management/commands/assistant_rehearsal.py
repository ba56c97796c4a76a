import json
import sys
from datetime import date

from django.core.management.base import CommandError

from accounts import audit
from accounts.management.base import SetupCommand, find_enterprise
from accounts.models import Enterprise
from chat.assistant import assistants, drafts, rehearsal
from chat.assistant.causes import Cause
from chat.models import AssistantTask

COUNTED = ("questions", "answered", "refused", "handed_over", "tokens")


class Command(SetupCommand):
    help = (
        "Puts the first questions of past receptions to the assistant, each alone, and prints what"
        " it would have answered. Nothing is posted. Ctrl-C ends it; what is done stays, on the"
        " assistant's page, too."
    )

    def add_arguments(self, parser):
        parser.add_argument("code", help="the enterprise's code")
        for name, to in (("--from", "since"), ("--to", "until")):
            parser.add_argument(
                name, dest=to, metavar="DAY", required=True, help="such as 2026-11-30"
            )
        parser.add_argument("--limit", type=int, metavar="N", help="only the newest N questions")
        parser.add_argument("--json", action="store_true", help="print one line of JSON")

    def handle(self, code, since, until, limit, json, **options):
        enterprise = find_enterprise(code)
        first, last = day(since), day(until)
        if first > last:
            raise CommandError("--from is after --to.")
        if limit is not None and limit < 1:
            raise CommandError("--limit is at least 1.")
        assistant = assistants.of(enterprise.code)
        if assistant is None or not assistant.is_set_up:
            raise CommandError("Name its endpoint and model first (manage.py assistant).")
        origin = audit.of_command("assistant_rehearsal")
        row, tasks = rehearsal.begin(assistant, first, last, origin, most=limit)
        done, is_stopped = self.ask(tasks)
        rehearsal.finish(row)
        found = rehearsal.totals(rehearsal.tasks_of(row))
        counts = {name: found[name] for name in COUNTED}
        if json:
            self.print_json(enterprise, done, counts)
        else:
            self.stdout.write(" ".join(f"{name}={count}" for name, count in counts.items()))
        if is_stopped:
            sys.exit(130)

    def ask(self, tasks: list[AssistantTask]) -> tuple[list[AssistantTask], bool]:
        """Asks the questions one by one; returns those that came to an end, and whether somebody
        has stopped it."""
        done: list[AssistantTask] = []
        for task in tasks:
            try:
                if not rehearsal.put(task):
                    continue
            except KeyboardInterrupt:
                AssistantTask.objects.filter(pk=task.pk).delete()
                self.stderr.write("Stopped.")
                return done, True
            done.append(task)
            self.stderr.write(f"{len(done)}/{len(tasks)} {rehearsal.outcome(task)}")
            if task.cause == Cause.HALF:
                self.stderr.write("Half of the day's tokens is used; the rest is for visitors.")
                break
        return done, False

    def print_json(self, enterprise: Enterprise, done: list[AssistantTask], counts: dict) -> None:
        people = rehearsal.people_of(enterprise.code, done)
        questions = [
            {
                "group": task.conversation_id,
                "seq": task.seq,
                "question": task.question,
                "outcome": rehearsal.outcome(task),
                "answer": rehearsal.answer(task),
                "citations": drafts.carried(enterprise, drafts.citations_of(task)),
                "person": people.get(task.pk, ("", ""))[1],
            }
            for task in done
        ]
        written = {"questions": questions, "totals": counts}
        self.stdout.write(json.dumps(written, ensure_ascii=False))


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{text!r} is no day such as 2026-11-30.") from error
