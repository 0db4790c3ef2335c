from importlib import import_module

from django.apps import AppConfig


class ArticlesConfig(AppConfig):
    name = "articles"
    verbose_name = "News"

    def ready(self) -> None:
        import_module("newsroom.accounts.sessions")  # notes each log-in, by whatever way
