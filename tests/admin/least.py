"""Who may do what: the least role for each page, button and action of the admin and the desk. One table for all tests.

Each role may do what the one before may. `none` means that nobody may, superusers neither.
"""

from django.contrib import admin

from articles.desk.steps import STEPS
from tests.admin import effects, everything

ROLES = ["anonymous", "nobody", "reader", "editor", "publisher", "administrator", "superuser", "none"]
# Of each model: who may look at its rows, add, change and delete them. Django's own pages follow from this.
MODELS = {
    "article": "reader editor editor administrator",
    "story": "reader editor editor editor",
    "relatedlink": "reader editor editor editor",
    "boost": "reader editor editor editor",
    "pin": "reader editor editor editor",
    "topic": "reader editor editor administrator",
    "provider": "reader editor editor administrator",
    "suggestion": "reader none editor administrator",
    "conflict": "reader none editor administrator",
    "source": "reader administrator administrator administrator",
    "importrun": "reader none none superuser",
    "deletedarticle": "reader none none administrator",
    "action": "reader none none none",
    "issue": "reader none none administrator",
    "delivery": "publisher none none none",
    "subscriber": "administrator administrator administrator administrator",
    "user": "administrator administrator administrator administrator",
    "group": "administrator superuser superuser superuser",
    "login": "superuser none none none",
    "secondfactor": "superuser none none superuser",
}
# The actions of lists, besides deleting what is selected.
ACTIONS = {
    "article": {
        **dict.fromkeys(("publish", "unpublish", "make_one_story"), "editor"),
        **dict.fromkeys(("remove", "restore"), "publisher"),
        "export": "reader",
    },
    **{name: {"merge": "editor"} for name in ("story", "topic", "provider")},
    "suggestion": dict.fromkeys(("accept", "reject", "ignore"), "editor"),
    "conflict": dict.fromkeys(("keep_ours", "take_theirs"), "editor"),
    "delivery": {"retry": "publisher"},
}
# Our own pages: who may look, and who may press each of their buttons. `""` is the only button.
PAGES = {
    "": ("nobody", {}),
    "desk/": ("nobody", {}),
    "desk/triage/": ("reader", {}),
    "desk/triage/<int:pk>/": ("reader", dict.fromkeys(STEPS, "editor") | {"remove": "publisher", "undo": "reader"}),
    "desk/triage/<int:pk>/stories/": ("editor", {}),
    "desk/filters/": ("reader", {"": "reader"}),
    **dict.fromkeys(("desk/log/", "desk/imports/<int:pk>/", "desk/export/", "desk/stories/"), ("reader", {})),
    "desk/stories/<int:pk>/": (
        "reader",
        {
            **dict.fromkeys(("text", "split", "withdraw", "lead", "release", "move", "merge", "add"), "editor"),
            **{"publish": "editor", "remove": "publisher", "undo": "editor"},
        },
    ),
    "desk/stories/<int:pk>/find/": ("reader", {}),
    "desk/combine/": ("editor", {"": "editor"}),
    "desk/suggestions/": ("reader", {}),
    "desk/suggestions/<int:pk>/": (
        "editor",
        dict.fromkeys(("accept", "join", "keep", "different", "later", "undo"), "editor"),
    ),
    "desk/suggestions/accept/": ("editor", {"": "editor"}),
    "desk/topics/": ("reader", {"out": "editor"}),
    **{f"desk/{rows}/merge/": ("reader", {"": "editor"}) for rows in ("topics", "outlets")},
    "desk/restore/<int:pk>/": ("editor", {"": "editor"}),
    "desk/restore/import/<int:pk>/": ("editor", {"": "editor"}),
    "desk/import/": ("administrator", {"": "administrator"}),
    "desk/import/<int:pk>/": ("administrator", dict.fromkeys(("check", "apply", "throw_away"), "administrator")),
    "desk/import/<int:pk>/part/": ("administrator", {"": "administrator"}),
    "drafts/": ("nobody", {"": "editor"}),
    "articles/article/<int:pk>/values/": ("reader", {"": "editor"}),
    "articles/article/add/preview/": ("editor", {}),
    "articles/article/<path:object_id>/preview/": ("reader", {}),
    "articles/article/known/": ("reader", {}),
    "articles/story/<int:pk>/edit/": ("nobody", {}),  # leads to the desk's
    "articles/action/<int:pk>/undo/": ("reader", {"": "editor"}),
    "articles/action/<int:pk>/go/": ("editor", {"": "editor"}),
    "articles/issue/<int:pk>/edit/": ("reader", dict.fromkeys(("text", "up", "out", "in"), "editor")),
    "articles/issue/<int:pk>/html/": ("reader", {}),
    **{f"articles/issue/<int:pk>/{do}/": ("publisher", {"": "publisher"}) for do in ("send", "try", "again")},
    "articles/provider/<int:pk>/scorecard/": ("reader", {}),
    "articles/subscriber/find/": ("administrator", {"": "administrator"}),
    "auth/user/<id>/password/": ("administrator", {"": "administrator"}),
    **dict.fromkeys(("login/", "logout/"), ("anonymous", {})),
    **dict.fromkeys(("password_change/", "password_change/done/", "autocomplete/", "jsi18n/"), ("nobody", {})),
    "r/<path:content_type_id>/<path:object_id>/": ("nobody", {}),
    **dict.fromkeys(effects.OWN, ("anonymous", {})),  # about nobody but who is logged in: tests/accounts
}
REDIRECT = "<path:object_id>/"  # an old address, which leads to the form
SHORT = {"add/": 1, "<path:object_id>/change/": 2, "<path:object_id>/delete/": 3}


def of_model(model):
    """Return who may view, add, change and delete rows of a model."""
    return MODELS[model._meta.model_name].split()


def to_look(route):
    """Return who may open a page. Raises KeyError if that is not declared."""
    if route in PAGES:
        return PAGES[route][0]
    model, short = everything.model_of(route), _short(route)
    return "nobody" if short == REDIRECT else of_model(model)[{"add/": 1, "<path:object_id>/delete/": 3}.get(short, 0)]


def to_do(route, do):
    """Return who may press a button of a page, or do the action to a list. Raises KeyError if that is not declared."""
    if route in PAGES:  # a page without buttons takes any method
        return PAGES[route][1][do] if PAGES[route][1] else PAGES[route][0]
    model, short = everything.model_of(route), _short(route)
    if short == "" and do != "delete_selected":
        return ACTIONS[model._meta.model_name][do]
    if short == REDIRECT:
        return "nobody"
    return of_model(model)[3 if do == "delete_selected" else SHORT.get(short, 0)]


def _short(route):
    return route.removeprefix(everything.model_of(route)._meta.label_lower.replace(".", "/") + "/")


def undeclared():
    """Yield what the code has and the table does not: models, pages, actions of lists, steps of the desk."""
    yield from (model for model in admin.site._registry if model._meta.model_name not in MODELS)
    for route in everything.routes():
        model = everything.model_of(route)
        if route not in PAGES and not (model and _short(route) in effects.DJANGOS):
            yield route
    for model, model_admin in admin.site._registry.items():
        declared = {"delete_selected", *ACTIONS.get(model._meta.model_name, {})}
        if model_admin.actions is not None:
            yield from ((model, name) for _, name, _ in model_admin._get_base_actions() if name not in declared)
    sent = {data["do"] for data in effects.SENT["desk/triage/<int:pk>/"]}
    yield from STEPS.keys() - sent
