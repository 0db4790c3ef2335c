"""When what runs regularly ran last."""

from typing import Any

from django.db import models
from django.utils import timezone


class LastRun(models.Model):
    """A command that runs regularly, and when it last did its work."""

    command: Any = models.CharField(max_length=50, primary_key=True)
    at: Any = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.command)

    @classmethod
    def note(cls, command: str) -> None:
        """Store that a command has done its work now."""
        cls._default_manager.update_or_create(command=command, defaults={"at": timezone.now()})
