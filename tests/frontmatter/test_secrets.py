"""What is secured in a file is quoted by no error and no warning, however the key is spelled and the file is broken."""

import time

import pytest

from articles.frontmatter import FrontMatterError, Kind, parse, secrets
from tests.hostile import HEAD

CANARY = "kz9QcanaryX4"
SPELLINGS = [
    "secured",
    "Secured",
    "SECURED",
    '" secured "',
    "'secured'",
    "secured text",
    "s_e_c_u_r_e_d",
    "sécured",
    "\u0455\u0435\u0441ur\u0435d",  # Cyrillic
    "\uff53\uff45\uff43\uff55\uff52\uff45\uff44",  # wide
    r'"\x73ecured"',
    r'"\u0073ec\U00000075red"',
    "? secured\n",
]
# Lines of broken files; %s is a spelling of the key.
BROKEN = {
    "an open quote": '%s: "' + CANARY,
    "a NUL": '%s: "' + CANARY + '\\0"',
    "an alias": "%s: *" + CANARY,
    "an anchor": "%s: &" + CANARY + " x",
    "a tag": "%s: !" + CANARY + " x",
    "a list": "%s: [" + CANARY + "]\nquality: x",
    "a map": "%s: {" + CANARY + ": " + CANARY + "}\nquality: x",
    "a colon": "%s: x: " + CANARY,
    "text after quotes": '%s: "x" ' + CANARY,
    "a key without colon": "%s " + CANARY + "\nquality: x",
    "a number that swallows it": 'quality: "5\n%s: ' + CANARY + '\nheat: "7',
    "a number that swallows it whole": 'quality: "5\n  %s:\n  ' + CANARY + '"',
    "a word that swallows it": "type: article\n  %s:" + CANARY,
    "a flow map": "provider: {domain: a b, %s: " + CANARY + "}",
    "a flow map of lines": "x: {a: 1,\n  %s: " + CANARY + ",\n  b: &a 1}",
    "nested in related": "related:\n  - title: A\n    %s: *" + CANARY,
    "a related item": "related:\n  - %s: " + CANARY,
    "a related word": "related:\n  - '%s: " + CANARY + "'",
    "a topic": "topics:\n  - [%s, " + CANARY + "]\n  - {%s: " + CANARY + "}",
    "a date": "publishedDateTime: '%s: " + CANARY + "'",
    "a block": "%s: |\n  x\n " + CANARY + "\n  y: " + CANARY,
    "a second one": "%s: x\n%s: " + CANARY,
    "a second document": "...\n--- {%s: " + CANARY + "}",
    "a body": "---\n%s: " + CANARY,
    "a conflict": "<<<<<<< a\n%s: " + CANARY + "\n=======\n%s: y\n>>>>>>> b",
    "a tab": "\t%s: " + CANARY,
    "a long key": "%s " + CANARY * 20 + ": x",
    "a control": "%s: " + CANARY + "\ufffe",
    "a merge key": "x: {%s: " + CANARY + ", <<: {a: b}}",
}  # fmt: skip


def told(data, kind=Kind.ARTICLE):
    """Return all that is said about a file."""
    try:
        return [str(warning) for warning in parse(data, kind).warnings]
    except FrontMatterError as error:
        return [str(error), error.key, error.message, repr(error.__cause__)]


@pytest.mark.attack(21)
@pytest.mark.parametrize("name", BROKEN)
def test_no_message_about_a_broken_file_quotes_what_is_secured(name):
    for spelling in SPELLINGS:
        lines = BROKEN[name].replace("%s", spelling)
        for head in (HEAD, HEAD.replace(b"provider:\n  domain: a.example\n", b""), b""):
            for end in (b"\n---\n", b""):
                for data in (b"---\n" + head + lines.encode() + end, lines.encode() + b"\n" + head):
                    said = told(data)
                    assert CANARY[2:7] not in "".join(said), (data, said)


@pytest.mark.attack(21)
@pytest.mark.parametrize("kind", [Kind.TOPIC, Kind.ORGANIZATION], ids=str)
def test_no_message_about_a_broken_topic_or_outlet_quotes_what_is_secured(kind):
    for lines in BROKEN.values():
        for spelling in SPELLINGS:
            text = f"name: A\n{lines.replace('%s', spelling)}\n"
            for data in (text, f"---\n{text}---\n"):
                assert CANARY[2:7] not in "".join(told(data.encode(), kind))


@pytest.mark.parametrize("spelling", SPELLINGS[:-1])
def test_every_spelling_of_the_key_is_one_of_a_secret(spelling):
    (key,) = parse(f"---\n{spelling}: x\n".encode() + HEAD + b"---\n").values.get("extra", {"secured": 0})

    assert secrets.is_secret(key)


@pytest.mark.parametrize("key", ["title", "security", "secure", "url", "durance", "s", "", "第"])
def test_other_keys_are_no_secrets(key):
    assert not secrets.is_secret(key)


def test_secrets_are_taken_out_at_any_depth():
    value = {"a": 1, "Secured": 2, "b": [{"SECURED ": 3, "c": [{"se-cured": 4}]}, 5]}

    assert secrets.without_secrets(value) == {"a": 1, "b": [{"c": [{}]}, 5]}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_an_error_beside_what_is_secured_still_quotes_its_own_value(spelling):
    lines = f"{spelling}: {CANARY}\nheat: eighty\n"

    assert "heat: expected a whole number" in told(b"---\n" + HEAD + lines.encode() + b"---\n")[0]
    assert "found 'eighty'" in told(b"---\n" + HEAD + lines.encode() + b"---\n")[0]


@pytest.mark.attack(12)
@pytest.mark.parametrize("line", ["secured: 'x\n", "a: \\x\n", "é\n", "a\n", '"\n', "secured\n" + "a: b\n" * 99])
def test_an_error_of_a_file_of_a_megabyte_is_told_soon(line):
    data = b"---\n" + (line * (2**20 // len(line))).encode()
    started = time.process_time()

    with pytest.raises(FrontMatterError):
        parse(data)

    assert time.process_time() - started < 2
