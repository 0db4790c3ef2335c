"""What a form may say of an article, an outlet or a topic: what a file may say, by the same rules, and nothing else."""

import re
from collections.abc import Callable, Iterator

from django.core.exceptions import ValidationError
from django.core.validators import BaseValidator, MaxValueValidator, MinValueValidator

from ..db.fields import URL_LENGTH, VerbatimField
from ..frontmatter import schema
from ..frontmatter.scalars import Number
from ..text import rules, signs


def within(bounds: Number) -> list[BaseValidator]:
    """Return validators of a number with the bounds that it has in files."""
    return [MinValueValidator(bounds.minimum), MaxValueValidator(bounds.maximum)]


def _check(rule: Callable[[str], object], text: str) -> None:
    try:
        rule(text)
    except ValueError as error:
        message = str(error)
        raise ValidationError(f"{message[:1].upper()}{message[1:]}.") from error


def validate_address(text: str) -> None:
    _check(rules.address, text)


def validate_picture_address(text: str) -> None:
    _check(rules.picture_address, text)


def validate_domain(text: str) -> None:
    _check(schema.DOMAIN.read, text)


def validate_slug(text: str) -> None:
    _check(rules.slug, text)


def validate_stem(text: str) -> None:
    _check(rules.stem, text)


def validate_source(text: str) -> None:
    _check(rules.source, text)


def validate_visible(text: str) -> None:
    """Refuse a title or a name of which readers would see nothing."""
    if not signs.seen(text).strip():
        raise ValidationError("Enter a text that readers can see.")


def validate_marks(text: str) -> None:
    """Refuse marks that pile up on a letter."""
    if signs.stream_safe(text) != text:
        raise ValidationError(f"Enter at most {signs.MOST_MARKS} marks on a letter.")


def validate_texts(value: object) -> None:
    """Refuse what PostgreSQL cannot store in JSON: NUL, and half of a character."""
    if re.search("[\x00\ud800-\udfff]", " ".join(_texts(value))):
        raise ValidationError("Enter text without NUL characters and halves of characters.")


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value


class AddressField(VerbatimField):
    """A web address exactly as its source has it.

    It is no URLField, because real addresses hold blanks and line separators, and saving an unchanged article must
    never fail.
    """

    default_validators = [validate_address]

    def __init__(self, *args, **options):
        options.setdefault("max_length", URL_LENGTH)
        options.setdefault("blank", True)
        super().__init__(*args, **options)
