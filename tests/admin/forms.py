"""Helpers that fill in and send the admin's forms."""

from django.urls import reverse


def form_data(response):
    """Return what a browser would send back from an untouched form."""
    data = {}
    forms = [response.context["adminform"].form]
    for inline in response.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for bound in form:
            names = [bound.html_name, *([bound.html_initial_name] if bound.field.show_hidden_initial else [])]
            value = bound.value()
            for name in names:
                if hasattr(bound.field.widget, "decompress"):
                    for part, piece in enumerate(bound.field.widget.decompress(value)):
                        data[f"{name}_{part}"] = "" if piece is None else str(piece)
                elif value is True:
                    data[name] = "on" if name == bound.html_name else "True"
                elif value is not None and value is not False:
                    data[name] = str(value).replace("\r\n", "\n").replace("\n", "\r\n")
    return data


def change(client, instance, **values):
    """Open a row's form, change some values and save it. None leaves a value out."""
    url = reverse(f"admin:articles_{instance._meta.model_name}_change", args=[instance.pk])
    data = form_data(client.get(url)) | values
    response = client.post(url, {key: value for key, value in data.items() if value is not None})
    assert response.status_code == 302, response.context["errors"]


def confirm(client, answer):
    """Press the button of the page that shows first what will be done, to which an answer leads."""
    context = client.get(answer.url).context
    if "pairs" in context:
        data = {"suggestion": [pair.suggestion.pk for pair in context["pairs"]]}
    else:
        joined = context["joined"]
        data = {"story": [story.pk for story in joined.stories], "article": [one.pk for one in joined.loose]}
        into = joined.into.pk if joined.into else ""
        data |= {"into": into, "shown": f"{into} {joined.size}"}
    return client.post(answer.url.partition("?")[0], data, follow=True)
