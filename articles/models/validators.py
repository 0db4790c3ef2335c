"""Validators of fields: what a file may say, a form may say, and nothing else."""

from django.core.validators import BaseValidator, MaxValueValidator, MinValueValidator

from ..frontmatter.scalars import Number


def within(bounds: Number) -> list[BaseValidator]:
    """Return validators of a number with the bounds that it has in files."""
    return [MinValueValidator(bounds.minimum), MaxValueValidator(bounds.maximum)]
