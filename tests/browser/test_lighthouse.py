"""Lighthouse's scores on a slow phone (its default: simulated 4G and a processor four times slower)."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from statistics import median

import pytest

from tests.browser.pages import PUBLIC, address_of

pytestmark = pytest.mark.browser

SCRIPT = Path(__file__).parent / "lighthouse.mjs"
PAGES = ["front", "story", "article-links-out", "topic", "search", "search-found"]
FULL = {"performance": 100, "accessibility": 100, "best-practices": 100, "seo": 100}
TRIES = 3  # of three runs each: a machine that has other work to do makes pages slower, never faster


def runs(url, times):
    """What Lighthouse found each time."""
    environment = {**os.environ, "CHROME_PATH": shutil.which("chromium")}
    command = ["node", SCRIPT, *[url] * times]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def median_scores(found):
    return {name: median(run["scores"][name] for run in found) for name in FULL}


@pytest.mark.parametrize("name", PAGES)
def test_pages_have_full_scores_as_the_median_of_three_runs(samples, name):
    for _ in range(TRIES):
        found = runs(samples.url + address_of(samples, name), 2)
        if any(run["scores"] != FULL for run in found):  # else the third cannot change the median
            found += runs(samples.url + address_of(samples, name), 1)
        if median_scores(found) == FULL:
            break

    assert median_scores(found) == FULL, found


def test_a_search_that_finds_nothing_is_kept_out_of_search_engines(samples):
    (found,) = runs(samples.url + PUBLIC["search-nothing"], 1)

    assert "is-crawlable" in [fault[0] for fault in found["faults"]]
