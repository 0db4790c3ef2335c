"""Hostile text in every column that holds text: run in a test, or by `manage.py shell` for a site that is served."""

from django.apps import apps

# It leaves any context of HTML and begins a tag and an attribute of its own; what runs in a browser tells of itself.
TEXT = "\"'></a></script><hostile-tag hostile-attribute=1><img src=x onerror=alert(1)><script>alert(2)</script>{{7*7}}"
LINK = "javascript:alert(3)"
# What must be of a certain form for a page to be shown, or for an editor to log in.
KEPT = {
    "state",
    "type",
    "kind",
    "model",
    "taken",
    "outcome",
    "factor",
    "token",
    "password",
    "username",
    "session_key",
    "digest",
    "stem",
    "key",
}


TEXTS = {"CharField", "TextField", "VerbatimField", "VerbatimTextField", "AddressField"}
REMARK = {"path": TEXT, "line": 1, "key": TEXT, "message": TEXT}
LISTS = {"rejected": [REMARK], "warnings": [REMARK], "deltas": {"title": [TEXT, TEXT], "tags": [[TEXT], [TEXT]]}}
LISTS |= {key: {"headline": TEXT} for key in ("before", "after")}
LISTS |= dict.fromkeys(["base", "ours", "theirs"], TEXT)
LISTS |= {key: [TEXT] for key in ("retired", "paths", "sources", "keywords", "hashtags", "images", "other_names")}


def fill():
    """Put hostile text into all rows of the site, of articles' and of accounts'. Return the number of columns."""
    filled = 0
    for model in [*apps.get_app_config("articles").get_models(), *apps.get_app_config("auth").get_models()]:
        for field in model._meta.concrete_fields:
            if not _takes_text(model, field):
                continue
            for pk in model._base_manager.values_list("pk", flat=True):
                text = LINK if "url" in field.name else TEXT
                text = (f"{pk}{text}" if field.unique else text)[: field.max_length]
                model._base_manager.filter(pk=pk).update(**{field.name: LISTS.get(field.name, text)})
            filled += 1
    return filled


def _takes_text(model, field):
    if field.primary_key or field.choices or field.name in KEPT or field.is_relation or field.generated:
        return False
    if model._meta.label == "auth.Permission" or model._meta.model_name in ("mapping", "throttle", "mailrequest"):
        return False
    return field.name in LISTS or type(field).__name__ in TEXTS
