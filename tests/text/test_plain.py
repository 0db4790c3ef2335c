"""A source's text as readers see it."""

import pytest

from articles.text.plain import plain


@pytest.mark.attack(7)
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x97b", "a—b"),
        ("\x93a\x94 \x80 5", "“a” € 5"),
        ("a&#151;b", "a—b"),
        ("a\x81\x8d\x9db", "ab"),
        ("a\x07\x1b[2Jb\x7f", "a[2Jb"),
        ("a\ufffe\uffffb", "ab"),
        ("a\x85b\u2028c\td", "a b c d"),
        ("&amp;lt; 😀 é", "&lt; 😀 é"),
    ],
)
def test_control_characters_are_shown_as_windows_1252_or_dropped(text, shown):
    assert plain(text) == shown
