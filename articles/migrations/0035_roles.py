"""New permissions to withdraw, and to decide about many: whoever could do that before is given them.

The roles themselves are made after `migrate`, by `articles/operations/roles.py`, when all permissions are there.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

NAMES = {
    "withdraw_article": "Can withdraw articles for good, and take that back",
    "decide_many": "Can decide about more than 50 rows of a list at once",
}


def give(apps, schema_editor):
    """Give each person and group the new permissions for what they may do already."""
    using = schema_editor.connection.alias
    user, group, permission, kind = (
        apps.get_model(label, name).objects.using(using)
        for label, name in (("auth", "User"), ("auth", "Group"), ("auth", "Permission"), ("contenttypes", "ContentType"))
    )
    of_article = kind.filter(app_label="articles", model="article").first()
    if of_article is None:  # a new database: there is nobody yet
        return
    ours = permission.filter(content_type__app_label__in=["articles", "auth"])
    holding = {
        "withdraw_article": ours.filter(codename="change_article"),
        "decide_many": ours.filter(
            Q(codename__startswith="change_") | Q(codename__startswith="delete_") | Q(codename="send_issue")
        ),
    }
    for codename, before in holding.items():
        new, _ = permission.get_or_create(
            content_type=of_article, codename=codename, defaults={"name": NAMES[codename]}
        )
        keys = list(before.values_list("pk", flat=True))
        for person in user.filter(user_permissions__in=keys).distinct():
            person.user_permissions.add(new)
        for team in group.filter(permissions__in=keys).distinct():
            team.permissions.add(new)


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0034_intake"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="article",
            options={"permissions": [("view_secured", "Can see the secured text of articles"), *NAMES.items()]},
        ),
        migrations.CreateModel(
            name="Role",
            fields=[
                ("key", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("given", models.JSONField(default=list, help_text="Such as articles.change_article.")),
                (
                    "group",
                    models.OneToOneField(
                        help_text="None: a person deleted it.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to="auth.group",
                    ),
                ),
            ],
            options={"default_permissions": ()},
        ),
        migrations.RunPython(give, migrations.RunPython.noop),
    ]
