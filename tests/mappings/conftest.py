"""Folders of other programs."""

import pytest

from tests.mappings.runs import NAME, POST, TABLE
from tests.sync.sites import write


@pytest.fixture
def blog(tmp_path):
    return write(tmp_path / "blog", {NAME: POST})


@pytest.fixture
def table(tmp_path):
    return write(tmp_path / "list", {"links.csv": TABLE})
