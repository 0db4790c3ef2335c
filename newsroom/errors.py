"""Django's debug page without secrets."""

import re
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe
from django.views import debug

from .masking import hide_secrets


class ExceptionFilter(debug.SafeExceptionReporterFilter):
    """Hides more than Django does, whatever DEBUG says: addresses of servers, cookies, and posted passwords."""

    hidden_settings = re.compile(
        "API|AUTH|TOKEN|KEY|SECRET|PASS|SIGNATURE|COOKIE|CSRF|URL|DSN|LOCATION|METRICS", re.IGNORECASE
    )

    def is_active(self, request: HttpRequest | None) -> bool:
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        found = super().get_post_parameters(request)
        return {name: self.cleanse_setting(name, value) for name, value in found.items()}

    def get_safe_cookies(self, request: HttpRequest) -> dict[str, Any]:
        return dict.fromkeys(super().get_safe_cookies(request), self.cleansed_substitute)


class ExceptionReporter(debug.ExceptionReporter):
    """Django's debug page and mail, without the site's keys and passwords wherever in them they are."""

    def get_traceback_html(self) -> SafeString:
        return mark_safe(hide_secrets(super().get_traceback_html()))  # noqa: S308 (as safe as Django's)

    def get_traceback_text(self) -> SafeString:
        return mark_safe(hide_secrets(super().get_traceback_text()))  # noqa: S308 (plain text)
