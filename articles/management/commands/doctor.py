"""Look for what is wrong with the site."""

from dataclasses import asdict

from articles.management import base
from articles.operations import doctor
from articles.text.plain import counted
from newsroom.masking import one_line


class Command(base.Command):
    help = (
        "Looks for what is wrong with the site and its surroundings, and says what to do. Changes nothing. Exits with "
        "0 if nothing is wrong, with 2 if something is."
    )

    def handle(self, **options):
        found = doctor.look(lambda names: self.progress(names, "check"))
        for finding in found:
            self.stdout.write(one_line(f"{finding.check}: {finding.where}: {finding.what}"))
            self.stdout.write(one_line(f"    {finding.cure}"))
        report = {"checks": sorted(doctor.CHECKS), "findings": [asdict(finding) for finding in found]}
        self.finish(report, f"{counted(len(doctor.CHECKS), 'check')}, {counted(len(found), 'finding')}", not found)
