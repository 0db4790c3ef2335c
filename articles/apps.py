from importlib import import_module

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ArticlesConfig(AppConfig):
    name = "articles"
    verbose_name = "News"

    def ready(self) -> None:
        import_module("newsroom.accounts.sessions")  # notes each log-in, by whatever way
        post_migrate.connect(import_module("articles.operations.roles").keep_in_line, sender=self)
