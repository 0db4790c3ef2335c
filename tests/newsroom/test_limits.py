"""Requests that are too large: they are refused before anything keeps or reads them whole."""

from io import BytesIO

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory

from newsroom.limits import EDITORS, READERS, limit_bodies

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"
PUBLIC = ["/", "/display/", "/newsletter/", "/search/", "/nothing/", "/admin/login/"]


class Endless:
    """A body that goes on for as long as it is read."""

    def __init__(self):
        self.read_so_far = 0

    def read(self, number=-1):
        assert 0 < number <= EDITORS + 1, "It must not be read to its end."
        self.read_so_far += number
        return b"a" * number

    readline = read  # which Django's wrapper asks for


@pytest.fixture
def client(db):
    return Client(raise_request_exception=False)


@pytest.mark.attack(9)
@pytest.mark.parametrize("address", PUBLIC)
def test_readers_send_little(client, address):
    at_most, more = (client.post(address, b"a" * size, FORM).status_code for size in (READERS, READERS + 1))

    assert (at_most == 413, more) == (False, 413)


@pytest.mark.attack(9)
@pytest.mark.parametrize("address", PUBLIC[:-1])
def test_readers_send_no_files(client, address):
    answer = client.post(address, {"email": "a@example.org", "file": SimpleUploadedFile("a.txt", b"a")})

    assert answer.status_code == 413
    assert "too large" in answer.content.decode()


@pytest.mark.attack(9)
@pytest.mark.parametrize("address", ["/api/news/", "/harbour/api/news/index.json"])
def test_programs_are_told_in_json(client, address):
    answer = client.post(address, b"a" * (READERS + 1), "application/json")

    assert (answer.status_code, answer.json()) == (413, {"error": "This is too large to send."})


@pytest.mark.attack(9)
@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"&".join(b"a%d=" % n for n in range(5000)), FORM, 200),
        (b"&" * 20_001, FORM, 413),
        (b"--x\r\nContent-Disposition: form-data; name=a", MULTIPART, 200),
        (b"no boundary", "multipart/form-data", 400),
        (b"a=1", FORM + "; charset=utf-16", 400),
        (b"a=1", FORM + "; charset=none", 200),
        (b"--x\r\n" * 5000, MULTIPART, 200),
    ],
    ids=["many fields", "too many", "a cut form", "no boundary", "another charset", "no charset", "many parts"],
)
def test_a_form_is_read_or_refused(client, body, kind, status):
    assert client.generic("POST", "/admin/login/", body, kind).status_code == status


@pytest.mark.attack(9)
@pytest.mark.parametrize("length", ["-1", "x", "9" * 30, "1e3", "²", ""])
def test_an_odd_length_is_never_an_error(client, length):
    assert client.post("/admin/login/", b"a=1", FORM, CONTENT_LENGTH=length).status_code in (200, 400, 413)


def ask(body, address="/display/", **environ):
    """Send a body without a length, as a server does that took the chunks apart."""
    environ = {"wsgi.input": body, "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked", **environ}
    request = RequestFactory().post(address, content_type=FORM, **environ)
    del request.META["CONTENT_LENGTH"]
    answers = []
    response = limit_bodies(lambda given: answers.append(given.POST) or given)(request)
    return answers[0].dict() if answers else response.status_code


@pytest.mark.attack(9)
def test_a_body_without_a_length_is_read_as_far_as_its_limit():
    endless = Endless()

    assert ask(endless) == 413
    assert endless.read_so_far == READERS + 1
    assert ask(BytesIO(b"a=1&b=2")) == {"a": "1", "b": "2"}


@pytest.mark.attack(9)
def test_a_body_that_may_never_end_is_not_read():
    endless = Endless()

    assert ask(endless, **{"wsgi.input_terminated": False}) == 411
    assert endless.read_so_far == 0


@pytest.mark.attack(9)
@pytest.mark.parametrize(("rights", "status"), [({}, 413), ({"is_staff": True}, 403)], ids=["a reader", "an editor"])
def test_only_editors_send_large_forms(db, rights, status):
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_user("ed", **rights))

    assert client.post("/admin/articles/article/add/", b"a" * (READERS + 1), FORM).status_code == status
    assert client.post("/admin/articles/article/add/", b"a" * 10, FORM, CONTENT_LENGTH=EDITORS + 1).status_code == 413
