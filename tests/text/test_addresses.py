"""Stems, links and embeds."""

from datetime import UTC, datetime

import pytest

from articles.text import addresses


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Tides™ rise® again©", "tides-rise-again"),
        ("Café \u2013 open & shut", "cafe-open-shut"),
        ("v2.0_beta  --  x", "v20_beta-x"),
        ("潮", ""),
    ],
)
def test_a_slug_is_ascii_words_joined_by_single_hyphens(title, slug):
    assert addresses.slug(title) == slug


def test_a_long_title_is_cut_at_a_word():
    stem = addresses.stem("harbour " * 40, datetime(2026, 11, 1, tzinfo=UTC))

    assert stem.startswith("2026-11-01-harbour-")
    assert stem.endswith("-harbour")
    assert len(stem) <= 11 + addresses.STEM_LENGTH


@pytest.mark.attack(6)
@pytest.mark.parametrize(
    ("url", "browsable"),
    [
        ("https://a.example/b c\u2028", "https://a.example/b%20c%E2%80%A8"),
        ("https://a.example/b%20c?d=e&f#g", "https://a.example/b%20c?d=e&f#g"),
        (" http://a.example ", "http://a.example"),
        ("javascript:alert(1)", ""),
        ("JAVASCRIPT://a.example/%0aalert(1)", ""),
        ("data:text/html,x", ""),
        ("//a.example/", ""),
        ("https://", ""),
        ("https://[", ""),
        ("", ""),
    ],
)
def test_only_http_addresses_are_browsable_and_they_are_encoded(url, browsable):
    assert addresses.browsable(url) == browsable


@pytest.mark.parametrize(
    ("embed", "video"),
    [
        (
            '<iframe width="8" src="https://www.youtube.com/embed/MeridianTid" allow="x; y" allowfullscreen></iframe>',
            "MeridianTid",
        ),
        ('<iframe src="https://www.youtube-nocookie.com/embed/MeridianTid?start=3"></iframe>', "MeridianTid"),
        ('<iframe src="https://www.youtube.com.evil.example/embed/MeridianTid"></iframe>', None),
        ('<iframe src="https://evil.example/https://www.youtube.com/embed/MeridianTid"></iframe>', None),
        ('<iframe src="https://www.youtube.com/embed/MeridianTid"></iframe><script>x</script>', None),
        ('<script>x</script><iframe src="https://www.youtube.com/embed/MeridianTid"></iframe>', None),
        ("<p>text</p>", None),
        ("", None),
    ],
)
def test_only_youtubes_own_player_is_a_video(embed, video):
    assert addresses.youtube_id(embed) == video


@pytest.mark.parametrize("attribute", [" src=x", ' src="https://www.youtube.com/embed/MeridianTid"'])
def test_a_long_embed_code_is_parsed_in_linear_time(attribute):
    assert addresses.youtube_id("<iframe" + attribute * 50_000) is None
