"""The plain-text part: tags are filled, nothing else changes."""

from hypothesis import given
from hypothesis import strategies as st

from app.mail.text import stamp_text, text_has_way_out

OURS = {"preferences_url": "https://assent.example/p/1", "unsubscribe_url": "https://assent.example/u/1"}


def test_ways_out_and_named_tags_are_filled():
    text = (
        "Hi {{ name }}, {{unknown}}: https://x.example/?a&b\r\n{{preferences_url}} {{{ unsubscribe_url }}}\n"
    )

    stamped = stamp_text(text, **OURS, merge={"name": "Zoë <&>"})

    assert stamped == (
        "Hi Zoë <&>, {{unknown}}: https://x.example/?a&b\r\nhttps://assent.example/p/1 https://assent.example/u/1\n"
    )


def test_values_read_as_in_json_and_null_is_nothing():
    merge = {"yes": True, "no": False, "count": 3, "price": 9.5, "gone": None}

    stamped = stamp_text("{{yes}} {{no}} {{count}} {{price}} [{{gone}}]", **OURS, merge=merge)

    assert stamped == "true false 3 9.5 []"


def test_nobody_brings_a_way_out_of_their_own():
    """Neither by naming it in merge nor through a value that looks like a tag."""
    merge = {"preferences_url": "https://evil.example/", "name": "{{unsubscribe_url}}"}

    stamped = stamp_text("{{name}} {{preferences_url}}", **OURS, merge=merge)

    assert stamped == "{{unsubscribe_url}} https://assent.example/p/1"


def test_the_way_out_is_seen():
    assert text_has_way_out("Your choices: {{ preferences_url }}")
    assert not text_has_way_out("{{unsubscribe_url}} {preferences_url} {{ preferences }}")


@given(st.text(alphabet="{}a_ %|\n", max_size=60))
def test_a_text_without_known_tags_stays_as_it_is(text):
    assert stamp_text(text, **OURS, merge={"name": "x"}) == text


def test_real_plain_mails_stay_as_they_are_but_for_the_ways_out(plain_mail):
    stamped = stamp_text(plain_mail, **OURS)

    mail = plain_mail.replace("{{preferences_url}}", OURS["preferences_url"])
    assert stamped == mail.replace("{{{ unsubscribe_url }}}", OURS["unsubscribe_url"])
