"""Every key of every kind of file: its place, type, quotes and bounds.

Reading (parser.py, template.py) and writing (serialiser.py) follow these tables. A scalar is read by the type that
its key has here, not as YAML would guess: a title `2021` or `no` is text, a quality `010` is ten.

A key that says nothing is absent: null, `~`, nothing, an empty list or mapping and, but for text that may be empty,
an empty text. A quoted `null` is that word.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from .scalars import BIG, Choice, Domain, Flag, ImageUrl, Number, Scalar, Slug, Text, Timestamp, Url

# Characters that YAML does not allow, or takes for a line's end: they stand in files as escapes only.
ESCAPE_ONLY = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff"


@dataclass(frozen=True, eq=False)
class List:
    """A block of items, all of one type. An empty one is never written.

    An absent item is left out; one of `gaps` keeps its place, as None.
    """

    item: "Scalar | Map"
    maximum: int = 10_000
    gaps: bool = False


@dataclass(frozen=True, eq=False)
class Field:
    """One key. `name` is its name in Newsroom; `spaced` is whether a blank line precedes it.

    What is wrong in a `lenient` key does not cost the file: it is left out with a warning.
    """

    key: str
    name: str
    type: "Type"
    required: bool = False
    spaced: bool = False
    lenient: bool = False


@dataclass(frozen=True, eq=False)
class Map:
    """Keys in the order in which the source writes them. An `open` map has keys of any name, all of one type.

    `one_of` are names of fields of which at least one is there.
    """

    fields: tuple[Field, ...] = ()
    open: Scalar | None = None
    one_of: frozenset[str] = frozenset()

    @property
    def by_key(self) -> Mapping[str, Field]:
        return {field.key: field for field in self.fields}


Type = Scalar | List | Map

TITLE = Text(quoted=True, maximum=500, visible=True, what="a title")
EXCERPT = Text(quoted=True, maximum=20_000)
NAME = Text(maximum=255, visible=True, what="a name")
TOPIC_NAME = Text(maximum=100, visible=True, what="a topic's name")
TAG = Text(maximum=100, visible=True, what="a tag")
DOMAIN = Domain()
IMAGE_URL = ImageUrl()

# Every number that a file, a form or a command gives. Scores and heat are computed from these within 64 bits, and below
# the place of pins in an order (`ranking.PINNED`). Columns of PostgreSQL hold 32,767 or 2,147,483,647 at most.
QUALITY = Number()
HEAT = Number(minimum=-BIG)
SIDE = Number(maximum=1_000_000)  # of a picture, in pixels
POSITION = Number(maximum=32_767)  # in a list
MENU_ORDER = Number(maximum=999_999)
WEIGHT = Number(maximum=10_000)  # points for each other article of a story, or for each day
COVERAGE = Number(maximum=10_000)  # other articles of a story that count
THRESHOLD = Number(maximum=10**9)  # of quality or heat
BOOST = Number(minimum=-1_000_000, maximum=1_000_000)

IMAGE = Map(
    (
        Field("url", "url", IMAGE_URL, required=True),
        Field("width", "width", SIDE),
        Field("height", "height", SIDE),
        Field("isCached", "is_cached", Flag()),
        Field("title", "title", Text(quoted=True, maximum=500)),
        Field("attribution", "attribution", Text(quoted=True, maximum=500)),
    )
)
PROVIDER_FIELDS = (
    Field("name", "name", NAME, lenient=True),
    Field("domain", "domain", DOMAIN, required=True),
)

RELATED = Map(
    (
        Field("title", "title", TITLE, required=True),
        Field("excerpt", "excerpt", EXCERPT),
        Field("publishedDateTime", "published_at", Timestamp()),
        Field("webUrl", "web_url", Url()),
        Field("ampWebUrl", "amp_web_url", Url()),
        Field("cdnAmpWebUrl", "cdn_amp_web_url", Url()),
        Field("type", "type", Choice(words=("article", "video"))),
        Field("provider", "provider", Map(PROVIDER_FIELDS), required=True),
        Field("quality", "quality", QUALITY),
        Field("images", "images", List(IMAGE, maximum=100)),
    ),
    one_of=frozenset(("web_url", "published_at")),  # a video without an address is known by its title and date
)

RELATED_LIST = List(RELATED)

ARTICLE = Map(
    (
        Field("category", "category", Choice(words=("news",))),
        Field("title", "title", TITLE, required=True),
        Field("excerpt", "excerpt", EXCERPT),
        Field("publishedDateTime", "published_at", Timestamp(), required=True),
        Field("originalUrl", "original_url", Url()),
        Field("webUrl", "web_url", Url()),
        Field("ampWebUrl", "amp_web_url", Url()),
        Field("cdnAmpWebUrl", "cdn_amp_web_url", Url()),
        Field("type", "type", Choice(words=("article", "video"))),
        Field("quality", "quality", QUALITY),
        Field("heat", "heat", HEAT),
        Field("removed", "removed", Flag()),
        Field("published", "published", Flag()),
        Field("featuredContent", "featured_content", Text(quoted=True), spaced=True),
        Field(
            "provider",
            "provider",
            Map((*PROVIDER_FIELDS, Field("images", "images", List(IMAGE, maximum=100), lenient=True))),
            required=True,
            spaced=True,
        ),
        Field("topics", "topics", List(TOPIC_NAME, maximum=100, gaps=True), spaced=True, lenient=True),
        Field("tags", "tags", List(TAG, maximum=100), spaced=True, lenient=True),
        Field("images", "images", List(IMAGE, maximum=100), spaced=True, lenient=True),
        Field("related", "related", RELATED_LIST, spaced=True, lenient=True),
        Field("secured", "secured", Text(quoted=True), spaced=True),
    )
)

SLUG = Slug()
LINE = Text(maximum=500)

TOPIC = Map(
    (
        Field("taxonomy", "taxonomy", Choice(words=("topic",))),
        Field("_id", "slug", SLUG, required=True),
        Field("name", "name", TOPIC_NAME, required=True),
        Field("shortname", "shortname", Text(maximum=100)),
        Field("parent", "parent", Text(maximum=100)),
        Field("keywords", "keywords", List(LINE)),
        Field("hashtags", "hashtags", List(Text(quoted=True, maximum=500))),
        Field("images", "images", List(Text(maximum=2048))),
        Field("services", "services", Map(open=Text(maximum=2048))),
    )
)

ORGANIZATION = Map(
    (
        Field("taxonomy", "taxonomy", Choice(words=("organization",))),
        Field("_id", "slug", DOMAIN),
        Field("name", "name", NAME, required=True),
        Field("otherNames", "other_names", List(LINE)),
        Field("domain", "domain", DOMAIN, required=True),
        Field("description", "description", Text()),
        Field(
            "images",
            "images",
            List(
                Map(
                    (
                        Field("url", "url", Text(maximum=2048, visible=True), required=True),
                        Field("width", "width", SIDE),
                        Field("height", "height", SIDE),
                        Field("title", "title", LINE),
                        Field("attribution", "attribution", LINE),
                    )
                )
            ),
        ),
    )
)
