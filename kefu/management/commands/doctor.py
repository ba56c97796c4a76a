import json
import sys

from django.core.management.base import BaseCommand

from kefu import doctor
from kefu.doctor.finding import ERROR


class Command(BaseCommand):
    help = (
        "Tells what is misconfigured, with the cure; exit code 1 if something is an error. "
        "Run it as the user, and with the environment, that bin/serve has."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, **options):
        findings = sorted(doctor.run_checks(), key=lambda pair: pair[1].severity != ERROR)
        bad = doctor.has_errors(findings)
        if options["json"]:
            rows = [{"check": name, **finding._asdict()} for name, finding in findings]
            answer = {"ok": not bad, "checks": len(doctor.CHECKS), "findings": rows}
            self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=1))
        else:
            self.write_report(findings)
        if bad:
            sys.exit(1)

    def write_report(self, findings) -> None:
        """Writes a line for each finding, with colours on a terminal."""
        for _name, (severity, what, cure) in findings:
            paint = self.style.ERROR if severity == ERROR else self.style.WARNING
            self.stdout.write(f"{paint(severity.ljust(8))}{what}. Cure: {cure}.")
        errors = sum(finding.severity == ERROR for _name, finding in findings)
        count = f"{errors} errors, {len(findings) - errors} warnings"
        self.stdout.write(f"{len(doctor.CHECKS)} checks: {count if findings else 'all is well'}")
