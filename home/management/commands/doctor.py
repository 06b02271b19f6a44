from django.core import checks
from django.core.management.base import BaseCommand, CommandError

from home.health import examine_parts


class Command(BaseCommand):
    help = "Say what is missing, weak or failing in this deployment, and what to do about it."
    # They are among what is told.
    requires_system_checks = []

    def handle(self, *args, **options):
        faults = [
            f"{message.id}: {message.msg} {message.hint or ''}".strip()
            for message in checks.run_checks(include_deployment_checks=True)
            if message.level >= checks.WARNING and not message.is_silenced()
        ]
        for name, report in examine_parts().items():
            detail = report.get("detail", "")
            if report["status"] in ("failed", "warning"):
                faults.append(f"{name}: {detail}")
            self.stdout.write(f"{report['status']:8} {name} {detail}".rstrip())
        if faults:
            raise CommandError("\n".join(["These are to be mended:", *faults]))
        self.stdout.write("Nothing is to be mended.")
