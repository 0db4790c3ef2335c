"""What the WebSub hub was told."""

from django.db import models


class HubNotice(models.Model):
    """A feed as the WebSub hub was told of it last."""

    feed = models.CharField(max_length=255, unique=True, help_text="Its tag: address.")
    digest = models.CharField(max_length=32, blank=True, help_text="Of what it said. Empty: the hub did not take it.")
    at = models.DateTimeField()

    def __str__(self):
        return self.feed
