"""Feeds that the WebSub hub was told about."""

from django.db import models


class HubNotice(models.Model):
    """A feed, as the WebSub hub was last told about it."""

    feed = models.CharField(max_length=255, unique=True, help_text="The tag: address of the feed.")
    digest = models.CharField(
        max_length=32, blank=True, help_text="The digest of its content. Empty if the hub did not accept it."
    )
    at = models.DateTimeField()

    def __str__(self):
        return self.feed
