"""Import files that an editor sent at the desk, which starts this."""

from django.core.management.base import CommandError

from articles.management import base
from articles.models import Upload
from articles.sync import uploads


class Command(base.Command):
    help = (
        "Checks or imports the files that an editor sent at the desk. The desk starts it; run it yourself only to go "
        "on where it was interrupted."
    )

    def add_arguments(self, parser):
        parser.add_argument("upload", type=int, metavar="NUMBER", help="The number in the address of its page.")
        super().add_arguments(parser)

    def handle(self, *, upload, **options):
        found = Upload.objects.select_related("user").filter(pk=upload).first()
        if found is None or not found.is_busy:
            raise CommandError(f"expected the number of an upload to check or import, found {upload}.")
        uploads.work(found)
        self.finish({"upload": upload, "state": found.state}, f"{found}: {found.get_state_display()}")
