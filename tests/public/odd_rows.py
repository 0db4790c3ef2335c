"""Odd values for each kind of column, and rows that hold them, for tests of what readers get."""

import json
from contextlib import suppress

from django.db import DatabaseError, connection, models, transaction

from articles.models import (
    Action,
    ActionRow,
    Article,
    ArticleImage,
    ArticleTag,
    ArticleTopic,
    Boost,
    ImportedFile,
    Issue,
    IssueArticle,
    Pin,
    Provider,
    ProviderAlias,
    ProviderImage,
    RelatedLink,
    Source,
    Story,
    Topic,
    TopicAlias,
)

READ = [
    *(
        Source,
        Provider,
        ProviderAlias,
        Topic,
        TopicAlias,
        Article,
        ArticleTopic,
        ArticleTag,
        ImportedFile,
        Story,
        Action,
        ActionRow,
    ),
    *(RelatedLink, ArticleImage, ProviderImage, Boost, Pin, Issue, IssueArticle),
]  # models that a public address reads
TEXTS = ["", "https://example.org/", " ", "/", "a/b/..", "a\nb\r", "..", "\u202eevil\x85", "x" * 5000,
         "&#" + "9" * 5000 + ";", "<script>&\"'", "http://[", "//", "%ff%00", "\ufffe", b"\xff\x00"]  # fmt: skip
JSON = ["[]", "{}", '"text"', "1", "null", "[1e400]", '{"a": {"b": [null]}}', '[{"url": 1}]', "[[[[]]]]", '"\\ud800"']
MOMENTS = ["0001-01-01 00:00:00", "9999-12-31 23:59:59", "infinity", "-infinity", "20000-01-01", "0044-03-15 BC",
           "not a date", "2025-99-99 99:99:99", "", "1899-12-31 23:59:59"]  # fmt: skip
NUMBERS = ["abc", -1, 0, 2**31 - 1, 2**63 - 1, -(2**63), 1.5, b"\x00"]
ODD = {
    models.JSONField: JSON,
    models.DateTimeField: MOMENTS,
    models.DateField: MOMENTS,
    models.BooleanField: [7, "abc", None],
    models.ForeignKey: [987_654_321, None],
    models.IntegerField: NUMBERS,
    models.FloatField: NUMBERS,
    models.FileField: ["../../etc/passwd", "/etc/passwd", "pictures/gone.png", "pictures/" + "x" * 240, "\u202e", "."],
    models.CharField: TEXTS,
    models.TextField: TEXTS,
}


def odd_values(field):
    """Return odd values for a column, and NULL; none for one that the database keeps itself."""
    if field.primary_key or isinstance(field, models.GeneratedField):
        return []
    return [*next((values for kind, values in ODD.items() if isinstance(field, kind)), []), None]


def columns():
    """Yield the columns that public addresses may read."""
    for model in READ:
        for field in model._meta.concrete_fields:
            if odd_values(field):
                yield model, field


def plant(row, field, value):
    """Store a value as no form would. Return whether the database took it."""
    if isinstance(field, models.JSONField) and value is not None and connection.vendor == "postgresql":
        value = json.loads(value)
    table, column = row._meta.db_table, field.column
    with suppress(DatabaseError, OverflowError, ValueError), transaction.atomic(), connection.cursor() as cursor:
        if isinstance(value, dict | list):
            type(row).objects.filter(pk=row.pk).update(**{field.name: value})
        else:
            cursor.execute(f'UPDATE {table} SET "{column}" = %s WHERE {row._meta.pk.column} = %s', [value, row.pk])  # noqa: S608
        return True
    return False
