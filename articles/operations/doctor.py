"""All checks of the doctor, which this imports."""

from . import checks_files, checks_rows, checks_settings
from .findings import CHECKS, Finding, look

__all__ = ["CHECKS", "Finding", "checks_files", "checks_rows", "checks_settings", "look"]
