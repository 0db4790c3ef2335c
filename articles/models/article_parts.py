"""What articles have several of: topics and tags."""

from django.db import models
from django.db.models import UniqueConstraint
from taggit.models import ItemBase

from ..db.fields import VerbatimField
from ..frontmatter import schema
from .articles import Article
from .fields import validate_marks, validate_visible, within
from .taxonomy import PrintedNameField, Topic


class ArticleTopic(ItemBase):
    """A topic of an article, at its position in the list.

    An article has the topic that its name leads to. Two links lead to one topic if the file prints an old name too.
    """

    content_object = models.ForeignKey(Article, models.CASCADE, related_name="topic_links")
    tag = models.ForeignKey(Topic, models.CASCADE, related_name="article_links", verbose_name="topic")
    name = PrintedNameField(max_length=100, default="", editable=False, help_text="As the file prints it.")
    position = models.PositiveSmallIntegerField(default=0, validators=within(schema.POSITION))

    class Meta:
        verbose_name = "topic"
        ordering = ["position", "pk"]
        constraints = [
            UniqueConstraint(
                fields=["content_object", "name"],
                name="articletopic_name_once",
                violation_error_message="The article has this topic already.",
            )
        ]

    def __str__(self):
        return str(self.tag)


class ArticleTag(models.Model):
    """A tag of an article, such as the place `US`, at its position in the list. Only the JSON API shows tags."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="tags")
    name = VerbatimField(max_length=100, validators=[validate_visible, validate_marks])
    position = models.PositiveSmallIntegerField(default=0, validators=within(schema.POSITION))

    class Meta:
        verbose_name = "tag"
        ordering = ["position", "pk"]
        indexes = [models.Index(fields=["name", "article"], name="article_by_tag")]

    def __str__(self):
        return self.name
