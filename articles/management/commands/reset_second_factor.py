"""Let an editor in who lost the app and the recovery codes."""

from django.contrib.auth import get_user_model
from django.core.management.base import CommandError

from articles.management import base
from newsroom.accounts import second_factor


class Command(base.Command):
    help = "Removes the second factor of an account, so that its editor can log in by password and set up another."

    def add_arguments(self, parser):
        parser.add_argument("name", metavar="NAME", help="What the editor types to log in.")
        super().add_arguments(parser)

    def handle(self, *, name, **options):
        model = get_user_model()
        user = model._default_manager.filter(**{model.USERNAME_FIELD: name}).first()
        if user is None:
            raise CommandError(f"NAME: expected the name of an account, found {name!r}.")
        removed = second_factor.remove(user)
        done = "logs in with a password only, until a second factor is set up" if removed else "had no second factor"
        self.finish({"removed": removed}, f"{name} {done}")
