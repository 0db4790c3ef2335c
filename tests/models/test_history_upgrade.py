"""An upgrade keeps what Django's log and the changes of articles had recorded, and tells it once."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from articles.models import Action, Article, Change, Topic

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
BEFORE = [("articles", "0029_triage")]


def test_an_upgrade_takes_over_what_only_the_log_of_forms_had():
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE)
    models, user = executor.loader.project_state(BEFORE).apps, User.objects.create_user("ed")
    add = {
        name: models.get_model("articles", name).objects.create for name in ("Source", "Provider", "Article", "Topic")
    }
    change, action = (models.get_model("articles", name).objects.create for name in ("Change", "Action"))
    rows = {"source": add["Source"](name="a"), "provider": add["Provider"](domain="a.example", name="A")}
    article = add["Article"](stem="a", title="A", published_at=timezone.now(), **rows)
    topic = add["Topic"](name="Harbour", slug="harbour")
    old = timezone.now() - timedelta(days=9)

    def entry(model, key, flag, message):
        kind = ContentType.objects.get_for_model(model)
        fields = {"content_type": kind, "object_id": str(key), "object_repr": "Harbour <b>", "action_flag": flag}
        LogEntry.objects.create(user=user, action_time=old, change_message=message, **fields)

    entry(Topic, topic.pk, 2, '[{"changed": {"fields": ["Name", "Keywords"]}}]')
    entry(Topic, 999, 3, "")
    entry(Article, article.pk, 2, '[{"changed": {"fields": ["Title"]}}]')  # told by its change
    old_change = change(article_id=article.pk, user_id=user.pk, deltas={"title": ["Z", "A"]})
    models.get_model("articles", "Change").objects.filter(pk=old_change.pk).update(at=old)
    new_change = change(article_id=article.pk, user_id=user.pk, deltas={"title": ["A", "B"]})
    told = action(kind="change", what="Changed", user_id=user.pk)
    for model, key in (("article", article.pk), ("topic", topic.pk)):
        told.rows.create(model=model, key=key, before={}, after={})

    call_command("migrate", verbosity=0)

    found = Action.objects.exclude(pk=told.pk).order_by("what").values_list("kind", "what", "about", "at", "user")
    assert list(found) == [
        ("change", "Changed the topic “Harbour <b>”: name, keywords", "topic", old, user.pk),
        ("delete", "Deleted the topic “Harbour <b>”", "topic", old, user.pk),
    ]
    assert Action.objects.get(pk=told.pk).about == "article"
    assert dict(Change.objects.values_list("pk", "in_action")) == {old_change.pk: False, new_change.pk: True}
    assert LogEntry.objects.count() == 3
