"""Editors who log in, for the tests of their accounts."""

import re

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from newsroom.accounts import codes, second_factor

NAME, PASSWORD, WRONG = "chief", "correct horse battery", "wrong"
PAGE = "/admin/login/"


class QuickHasher(PBKDF2PasswordHasher):
    """Takes a twentieth of the usual time, so that other differences in time are seen the better."""

    iterations = PBKDF2PasswordHasher.iterations // 20


def make_editor(name=NAME, **more):
    return User.objects.create_superuser(name, f"{name}@example.org", PASSWORD, **more)


def log_in(client, name=NAME, password=PASSWORD, address="192.0.2.1", **more):
    return client.post(PAGE, {"username": name, "password": password, **more}, REMOTE_ADDR=address)


def is_in(client):
    return client.get("/admin/").status_code == 200


def protect(user):
    """Give a user a second factor whose codes were not used yet. Return its secret and recovery codes."""
    secret = codes.make_secret()
    made = second_factor.set_up(user, secret, now_code(secret))
    user_factor(user).update(last_step=0)
    return secret, made


def user_factor(user):
    return second_factor.SecondFactor.objects.filter(user=user)


def now_code(secret, seconds=0):
    return codes.code_at(secret, int((timezone.now().timestamp() + seconds) // codes.STEP))


def enter(client, code, **options):
    return client.post("/admin/login/code/", {"code": code}, **options)


def without_token(response):
    """The body of a page without what differs each time."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())


@pytest.fixture
def editor(db):
    return make_editor()


@pytest.fixture
def other():
    """Another browser."""
    return Client()
