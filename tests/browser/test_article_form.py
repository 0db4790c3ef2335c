"""Whole tasks in an article's form: paste, preview and schedule; upload; the next of the list; by keys; on a phone."""

import re
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from PIL import Image

from tests.browser.pages import each_look, text_of, violations

pytestmark = pytest.mark.browser
IMPORTS = "from datetime import timedelta\nfrom django.utils import timezone\nfrom articles.models import *"
ADD = "/admin/articles/article/add/"
FRAME = ".preview iframe"


def troubles(page):
    """Return what went wrong, without requests that ended because their page was left, or more was typed."""
    return [trouble for trouble in page.watch.troubles if trouble[0] != "failed"]


def in_frame(page, text):
    """Wait until what readers will see has a text."""
    page.frame_locator(FRAME).locator("main", has_text=text).wait_for()


def value_of(site, code):
    return site.manage("shell", "-v0", "-c", f"{IMPORTS}\nprint({code})").strip()


def choose(page, field, text):
    """Choose a row by its words, with keys alone."""
    page.locator(f".field-{field} .select2-selection").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.type(text)
    page.wait_for_selector(".select2-results__option--highlighted:not(.loading-results)")
    page.wait_for_timeout(600)
    page.keyboard.press("Enter")


def fill_in(page, title, number):
    page.fill("#id_web_url", f"https://tidewaterpost.example/new-{number}")
    page.fill("#id_title", title)
    choose(page, "provider", "Tidewater")
    page.fill("#id_published_at_0", "2026-11-01")
    page.fill("#id_published_at_1", "08:00:00")
    details = page.locator("details", has=page.locator("#id_source"))
    if details.count() and not details.get_attribute("open"):
        details.locator("summary").click()
    page.select_option("#id_source", index=1)


@pytest.mark.parametrize("width", [1366, 390])
def test_paste_preview_and_schedule_and_it_appears_on_the_minute(open_page, editor_state, site, width):
    page = open_page(ADD, width=width, storage_state=editor_state)
    page.fill("#id_web_url", value_of(site, "Article.objects.exclude(web_url='').filter(published=True)[0].web_url"))
    page.wait_for_selector(".known a")
    title = f"Scheduled in a browser at {width}"
    fill_in(page, title, width)
    page.wait_for_selector(".known:has-text('No article here')")
    in_frame(page, title)
    page.locator(".looks [value=share]").click()
    page.frame_locator(FRAME).locator("img[src^=data]").wait_for()
    page.locator(".looks [value=card]").click()
    in_frame(page, title)
    moment = datetime.now(UTC) + timedelta(days=1)
    page.check("#id_published")
    page.fill("#id_live_at_0", f"{moment:%Y-%m-%d}")
    page.fill("#id_live_at_1", f"{moment:%H:%M:%S}")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    in_frame(page, title)
    assert page.locator("#main, #content").first.is_visible()
    for look, scheme in each_look(page, [width]):
        assert violations(page) == [], (look, scheme)
        assert page.evaluate("document.scrollingElement.scrollWidth") <= look
    address = value_of(site, f"Article.objects.get(title={title!r}).get_absolute_url()")

    assert title not in text_of(site.url + address)
    soon = "timezone.now() + timedelta(seconds=5)"  # a day is too long for a test
    value_of(site, f"Article.objects.filter(title={title!r}).update(live_at={soon})")
    page.wait_for_timeout(5_500)
    assert title in text_of(site.url + address)
    assert troubles(page) == []


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_picture_is_uploaded_without_an_address_and_shown(open_page, editor_state, site, scripts, tmp_path):
    file = BytesIO()
    Image.new("RGB", (640, 360), "#3366aa").save(file, "PNG")
    pk = value_of(site, f"Article.objects.filter(images=None, story=None)[{int(scripts)}].pk")
    page = open_page(f"/admin/articles/article/{pk}/change/", storage_state=editor_state, java_script_enabled=scripts)
    page.set_input_files("#id_images-0-file", {"name": "a.png", "mimeType": "image/png", "buffer": file.getvalue()})
    with page.expect_navigation():
        page.click("[name=_continue]")
    thumbnail = page.locator("#images-0 .thumbnail")
    thumbnail.scroll_into_view_if_needed()
    if scripts:
        page.wait_for_function("() => document.querySelector('#images-0 .thumbnail').naturalWidth > 0")
    page.frame_locator(FRAME).locator("figure img").wait_for()
    assert troubles(page) == []


def test_keys_and_buttons_go_through_the_list_that_was_come_from(open_page, editor_state):
    page = open_page("/admin/articles/article/?state=published", storage_state=editor_state)
    names = page.locator("#result_list tbody th a").all_inner_texts()[:4]
    page.locator("#result_list tbody th a").first.click()
    page.wait_for_selector(FRAME)

    def at():
        return page.input_value("#id_title").strip()

    assert at() == names[0].strip()
    for key, place in (("j", 1), ("j", 2), ("k", 1)):
        with page.expect_navigation():
            page.keyboard.press(key)
        assert at() == names[place].strip()
    page.fill("#id_quality", "61")
    page.keyboard.press("Escape")
    page.focus("#id_quality")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    assert at() == names[2].strip()
    assert page.locator(".messagelist .success").count() == 1
    page.locator("[data-step=k]").click()
    page.wait_for_url(re.compile("_changelist_filters"))
    assert page.input_value("#id_quality") == "61"
    assert troubles(page) == []


@pytest.mark.parametrize("width", [1366, 390])
def test_save_is_always_in_sight_and_covers_no_field_that_has_the_focus(open_page, editor_state, site, width):
    pk = value_of(site, "Article.objects.exclude(images=None)[0].pk")
    page = open_page(f"/admin/articles/article/{pk}/change/", width=width, storage_state=editor_state)
    page.locator("#article_form .submit-row input").first.focus()
    for _ in range(60):
        page.keyboard.press("Tab")
        hidden = page.evaluate(
            """() => {
                const one = document.activeElement, box = one.getBoundingClientRect();
                const bar = document.querySelector(".submit-row").getBoundingClientRect();
                const seen = bar.top >= -1 && bar.bottom <= innerHeight;
                const covered = !one.closest(".submit-row, iframe") && box.top < bar.bottom - 1 && box.bottom > bar.top;
                return [!seen && one.closest(".compact") && one.id, covered && one.id].filter(Boolean);
            }"""
        )
        assert hidden == []


def test_without_scripts_a_button_previews_what_is_typed_and_sending_says_that_we_have_it(
    open_page, editor_state, site
):
    pk = value_of(site, "Article.objects.exclude(web_url='').filter(published=True)[0].pk")
    page = open_page(f"/admin/articles/article/{pk}/change/", storage_state=editor_state, java_script_enabled=False)
    page.fill("#id_title", "Typed without scripts")
    page.locator(".looks [value=card]").click()
    in_frame(page, "Typed without scripts")
    assert page.input_value("#id_title") == "Typed without scripts"  # nothing is lost, and nothing is stored
    assert value_of(site, f"Article.objects.get(pk={pk}).title") != "Typed without scripts"
