"""Enter presses the first button of a form: nowhere in the admin does that decide, delete, merge, send or leave."""

from html.parser import HTMLParser

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.admin import everything

# What a form's first button may say.
SAFE = {
    "Save and continue editing", "Save", "Save headline and summary", "Search", "Find", "Log in", "Set up",
    "Save the texts", "Send and check", "Send",
    "Filter", "Set", "Boost", "Add", "Change my password", "Change password", "Reset my password", "Log out elsewhere",
}  # fmt: skip
NOT_TYPED = {"hidden", "submit", "button", "image", "reset"}  # types of inputs in which Enter submits nothing


class Forms(HTMLParser):
    """The forms of a page: whether Enter sends each, and the words of its first button, or None if that is disabled."""

    def __init__(self, page):
        super().__init__()
        self.found, self.reads_button = [], False
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        form = self.found[-1] if self.found else None
        if tag == "form":
            self.found.append({"typed": False, "first": ""})
        elif tag in ("input", "button") and form:
            kind = given.get("type") or ("submit" if tag == "button" else "text")
            form["typed"] |= kind not in NOT_TYPED
            if kind == "submit" and form["first"] == "":
                form["first"] = None if "disabled" in given else given.get("value", "")
                self.reads_button = tag == "button" and "disabled" not in given
                form["first"] = "" if self.reads_button else form["first"]

    def handle_data(self, data):
        if self.reads_button:
            self.found[-1]["first"] += data

    def handle_endtag(self, tag):
        self.reads_button = self.reads_button and tag != "button"


def first_buttons(page):
    """Return the words of the buttons that Enter in a field of the page presses."""
    forms = Forms(page.content.decode()).found
    return [form["first"] for form in forms if form["typed"] and form["first"] is not None]


QUICK = {
    "articles/article/": ["Search"],
    "articles/article/<path:object_id>/change/": ["Save and continue editing"],
    "desk/stories/<int:pk>/": ["Save headline and summary"],
    "account/second-factor/remove/": [],
}


@pytest.mark.django_db
@pytest.mark.parametrize("routes", [QUICK, pytest.param([], marks=pytest.mark.slow)], ids=["some", "all"])
def test_enter_does_the_safe_thing_in_every_form_of_the_admin(routes):
    rows, client, seen = everything.make_rows(), Client(), {}
    root = User.objects.create_superuser("root")
    for who in (None, root):
        for route in routes or everything.routes():
            if who:
                client.force_login(who)
            model = everything.model_of(route)
            page = client.get(everything.address(route, rows[model].pk if model else 1))
            if page.status_code == 200 and "html" in page["Content-Type"]:
                seen[route, bool(who)] = first_buttons(page)

    assert {route: said for route, said in seen.items() if set(said) - SAFE} == {}
    if routes:
        assert {route: said for (route, _), said in seen.items()} == routes
    else:
        assert len([said for said in seen.values() if said]) > 25
