"""What is typed in the admin survives Enter, a tab that is killed, a log-out, and leaving by mistake."""

import re

import pytest

from tests.browser.pages import Watch, each_look, violations

pytestmark = pytest.mark.browser

PAUSE = 4_500  # milliseconds in which the script has kept what was typed


@pytest.fixture
def editor(browser, site):
    """A function that opens a page of the admin in a new browser, logged in."""
    contexts = []

    def open_(address, **options):
        context = browser.new_context(viewport={"width": 1366, "height": 768}, **options)
        contexts.append(context)
        page = context.new_page()
        page.watch = Watch(page, site)
        log_in(page, site)
        page.goto(site.url + address)
        return page

    yield open_
    for context in contexts:
        context.close()


def log_in(page, site):
    page.goto(f"{site.url}/admin/login/")
    page.fill("#id_username", "editor")
    page.fill("#id_password", site.password)
    page.click("[type=submit]")
    page.wait_for_selector("#content-main")


@pytest.fixture
def forms(site):
    """The addresses of a form of each kind, by the field that is typed in."""
    script = (
        "from articles.models import Article, Boost, Draft, Pin, Provider, Source, Story, Topic\n"
        "Draft.objects.all().delete()\n"
        "article = Article.objects.filter(story=None).first()\n"
        "boost, _ = Boost.objects.get_or_create(article=article, points=1, reason='Because')\n"
        "pin, _ = Pin.objects.get_or_create(article=article, reason='Because')\n"
        "story = Story.objects.filter(merged_into=None).first()\n"
        "print(article.pk, boost.pk, pin.pk, Provider.objects.first().pk, Source.objects.first().pk, story.pk, "
        "Topic.objects.first().pk)"
    )
    article, boost, pin, provider, source, story, topic = site.manage("shell", "-v0", "-c", script).split()
    return {
        f"/admin/articles/article/{article}/change/": "#id_title",
        f"/admin/articles/boost/{boost}/change/": "#id_reason",
        f"/admin/articles/pin/{pin}/change/": "#id_reason",
        f"/admin/articles/provider/{provider}/change/": "#id_name",
        f"/admin/articles/source/{source}/change/": "#id_title",
        f"/admin/articles/topic/{topic}/change/": "#id_shortname",
        f"/admin/desk/stories/{story}/": "#id_headline",
    }


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_enter_saves_and_stays_in_every_form(editor, site, forms, scripts):
    page = editor("/admin/", java_script_enabled=scripts)
    for address, field in forms.items():
        page.goto(site.url + address)
        page.fill(field, f"Typed {scripts}")
        with page.expect_navigation():
            page.press(field, "Enter")

        assert page.url == site.url + address, page.url
        assert page.input_value(field) == f"Typed {scripts}"
        assert page.locator(":is(.messagelist, .said) .success").count() == 1


def test_enter_on_a_ticked_row_does_not_run_the_chosen_action(editor, site):
    page = editor("/admin/articles/article/")
    page.locator("input.action-select").first.check()
    page.select_option("select[name=action]", "delete_selected")
    page.locator("input.action-select").first.press("Enter")
    page.wait_for_timeout(500)

    assert page.url == f"{site.url}/admin/articles/article/"
    assert page.locator("h1", has_text="Are you sure").count() == 0


def press(page, button):
    with page.expect_navigation():
        page.click(button)


def first_article(forms):
    return next(address for address in forms if "/article/" in address)


def test_a_killed_tab_gives_the_text_back(editor, forms):
    address = first_article(forms)
    page = editor(address)
    page.fill("#id_excerpt", "An hour of work")
    page.wait_for_timeout(PAUSE)
    page.close(run_before_unload=False)

    page = editor(address)
    assert "You typed something here at" in page.locator(".draft-note").inner_text()
    assert violations(page) == []
    press(page, ".draft-note a")

    assert page.input_value("#id_excerpt") == "An hour of work"
    assert violations(page) == []
    press(page, "[name=_continue]")
    assert page.locator(":is(.messagelist, .said) .success").count() == 1
    assert page.locator(".draft-note").count() == 0
    assert page.watch.troubles == []


def test_a_text_is_back_after_a_log_out_and_a_log_in(editor, site, forms):
    address = first_article(forms)
    page = editor(address)
    page.fill("#id_excerpt", "Before the log-out")
    page.wait_for_timeout(PAUSE)
    page.context.clear_cookies()
    page.fill("#id_excerpt", "After the log-out")
    page.wait_for_timeout(PAUSE)
    assert "You are logged out" in page.locator(".draft-told").inner_text()

    other = page.context.new_page()  # logged in again, the first window keeps what it has
    log_in(other, site)
    page.wait_for_timeout(PAUSE)
    assert page.locator(".draft-told").inner_text() == ""
    press(page, "[name=_continue]")

    assert page.locator(":is(.messagelist, .said) .success").count() == 1
    assert page.input_value("#id_excerpt") == "After the log-out"


def test_saving_after_a_log_out_shows_the_text_and_the_draft_is_there(editor, site, forms):
    address = first_article(forms)
    page = editor(address)
    page.fill("#id_excerpt", "Nearly saved")
    page.wait_for_timeout(PAUSE)
    page.context.clear_cookies()
    press(page, "[name=_continue]")
    assert "Nothing was saved" in page.locator(".errornote").inner_text()

    log_in(page, site)
    page.goto(site.url + address)
    press(page, ".draft-note a")
    assert page.input_value("#id_excerpt") == "Nearly saved"
    page.goto(site.url + address)
    press(page, ".draft-note button")
    assert page.locator(".draft-note").count() == 0


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_second_saver_sees_both_texts_and_chooses_with_the_keyboard(editor, forms, scripts):
    address = first_article(forms)
    second = editor(address, java_script_enabled=scripts)
    first = editor(address)
    first.fill("#id_excerpt", f"First{scripts}")
    press(first, "[name=_continue]")
    second.fill("#id_excerpt", "Second")
    press(second, "[name=_continue]")

    assert f"First{scripts}" in second.locator(".both-texts").inner_text().replace("\n", " ")
    if scripts:
        for _look in each_look(second, [390, 1366]):
            assert violations(second) == []
            assert second.evaluate("document.documentElement.scrollWidth <= innerWidth")
    second.locator("[name=choose-excerpt][value^=theirs]").focus()
    second.keyboard.press("Space")
    with second.expect_navigation():
        second.keyboard.press("Enter")
    assert second.input_value("#id_excerpt") == f"First{scripts}"
    assert second.locator(".messagelist .success").count() == 1


@pytest.mark.parametrize("typed", [True, False], ids=["with unsaved text", "with nothing typed"])
def test_leaving_warns_if_text_is_unsaved(editor, forms, typed):
    page = editor(first_article(forms))
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    if typed:
        page.fill("#id_excerpt", "Not saved")
    page.click("#site-name a")
    page.wait_for_url(re.compile("/admin/$"))

    assert asked == (["beforeunload"] if typed else [])


def test_saving_does_not_warn(editor, forms):
    page = editor(first_article(forms))
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.fill("#id_excerpt", "Saved")
    page.click("[name=_save]")
    page.wait_for_url(re.compile("/admin/articles/article/"))

    assert asked == []


@pytest.mark.parametrize("width", [1100, 390])
def test_buttons_lie_over_no_heading(editor, forms, width):
    page = editor(first_article(forms))
    page.fill("#id_title", "A heading that is long enough for two lines " * 4)
    press(page, "[name=_continue]")
    page.set_viewport_size({"width": width, "height": 900})
    boxes = page.evaluate(
        """[...document.querySelectorAll("#content h1, #content h2, .object-tools li")].map(one => {
            const range = document.createRange(); range.selectNodeContents(one);
            const box = range.getBoundingClientRect();
            return [one.tagName, box.left, box.right, box.top, box.bottom]})"""
    )
    headings = [box for box in boxes if box[0] != "LI"]
    buttons = [box for box in boxes if box[0] == "LI"]

    over = [
        (a, b) for a in headings for b in buttons
        if min(a[2], b[2]) - max(a[1], b[1]) > 1 and min(a[4], b[4]) - max(a[3], b[3]) > 1
    ]  # fmt: skip
    assert (over, len(buttons) > 2) == ([], True)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
