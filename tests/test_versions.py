"""The program that upgrades from every earlier version notices what an upgrade loses."""

import pytest

from tests.versions import chosen, differences

BEFORE = {"articles_article": [{"id": "1", "title": "A", "heat": "3"}, {"id": "2", "title": "B", "heat": "4"}]}


def changed(**values):
    first, second = BEFORE["articles_article"]
    return {"articles_article": [first | values, second]}


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (changed(title="C"), "articles_article.title: 1 of 2, such as ('A', 'C')"),
        (changed(heat=""), "articles_article.heat: 1 of 2, such as ('3', '')"),
        ({"articles_article": BEFORE["articles_article"][:1]}, "articles_article: 2 rows before, 1 after"),
        ({}, "articles_article is gone, with 2 rows"),
        (changed(id="9"), "articles_article.title: 1 of 2, such as ('A', None)"),
    ],
)
def test_a_loss_is_told(after, told):
    assert told in differences(BEFORE, after)


def test_what_an_upgrade_adds_is_no_loss():
    after = {**changed(new="x"), "articles_extra": [{"id": "1"}]}

    assert differences(BEFORE, after) == []


def test_how_far_a_file_was_read_may_change():
    file = {"articles_importedfile": [{"id": "1", "digest": "d", "secured": "s"}]}

    assert differences(file, {"articles_importedfile": [{"id": "1", "digest": "", "secured": "s"}]}) == []
    assert differences(file, {"articles_importedfile": [{"id": "1", "digest": "", "secured": ""}]}) != []


def test_the_oldest_version_is_always_tried():
    assert chosen(["a", "b", "c", "d", "e"], 2) == ["a", "d", "e"]
