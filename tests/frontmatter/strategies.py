"""Documents of every kind, made up by hypothesis from the schema; and real files, broken at random."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from articles.frontmatter.schema import Choice, Domain, Flag, List, Map, Number, Slug, Text, Timestamp, Url

AWKWARD = [
    *" \n\r\t\"'\\:#-{}[]&*!|>%@`~,?=<",
    "\u2028",
    "\u2029",
    "\x85",
    "\xa0",
    "\ufeff",
    "\ufffe",
    "😀",
    "\x1b",
    "\x7f",
]
text = st.text(
    st.one_of(st.sampled_from(AWKWARD), st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
    max_size=30,
)
name = text.filter(lambda key: key != "<<")  # a merge key
word = st.from_regex(r"[a-z0-9]{1,9}", fullmatch=True)
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**50), 2**50), st.floats(-1e9, 1e9), text),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(name, inner, max_size=3)),
    max_leaves=5,
)
extras = st.dictionaries(st.one_of(text, word).map("x{}".format), json_values, min_size=1, max_size=3)


def values_of(type_, plain, extra):
    """Any value that a type may have; `plain` is what text that the source does not quote may be."""
    if isinstance(type_, Url):
        return text.map(lambda value: "https://a.example/" + value)
    if isinstance(type_, Domain | Slug) or (isinstance(type_, Text) and type_.pattern):
        return word
    if isinstance(type_, Text):
        return (text if type_.quoted else plain).filter(lambda value: value.strip() or not type_.visible)
    if isinstance(type_, Number):
        return st.integers(type_.minimum, type_.maximum)
    if isinstance(type_, Flag):
        return st.booleans()
    if isinstance(type_, Choice):
        return st.sampled_from(type_.words)
    if isinstance(type_, Timestamp):
        moments = st.datetimes(datetime(1900, 1, 1), datetime(2999, 12, 31, 23, 59, 59))
        return moments.map(lambda moment: moment.replace(microsecond=0, tzinfo=UTC))
    if isinstance(type_, List):
        return st.lists(values_of(type_.item, plain, extra), min_size=1, max_size=3)
    assert isinstance(type_, Map)
    return maps_of(type_, plain, extra)


def maps_of(type_, plain=text, extra=True):
    """Any values of a mapping; with `extra`, also keys that the schema does not know, at every level."""
    if type_.open:
        return st.dictionaries(name if extra else word, plain, min_size=1, max_size=3)
    required = {field.name: values_of(field.type, plain, extra) for field in type_.fields if field.required}
    optional = {field.name: values_of(field.type, plain, extra) for field in type_.fields if not field.required}
    if extra:
        optional["extra"] = extras
    maps = st.fixed_dictionaries(required, optional=optional)
    return maps.filter(lambda values: not type_.one_of or not type_.one_of.isdisjoint(values))


PIECES = [
    '"', "'", '""', "''", "\\", "\\u2028", "\\/", "\\x41", "\\\n", "\\ud800", "\n", "\n---\n", "\r", "  ", " ", "\t",
    ": ", ":", " :", " #", "#", "- ", "-", "? ", "?", "null", "~", "{", "[", "]", "}", ",", "&a ", "*a", "!x ", "<<: ",
    "|", ">-", "|2", "…", "%", "@", "`", "=", "---", "...", "\u2028", "\x85", "\xa0", "\ufeff", "\x7f", "😀",
]  # fmt: skip


def mutate(document, chance):
    """A file with a few characters or pieces of it changed, but for its first line."""
    for _ in range(chance.randint(1, 3)):
        place = chance.randrange(4, len(document))
        end = place + chance.choice([0, 0, 0, 1, 3, 20])
        document = document[:place] + chance.choice(PIECES) + document[end:]
    return document


def matter_of(document):
    """What stands between the two lines of a file."""
    return document[4 : document.rfind("---\n")]
