"""Forms with fields of their own and several languages: what is kept, what is shown again, and which wording counts."""

import pytest

from app.actions.forms import update_form
from app.actions.wordings import Shown, create_wording
from app.disclosure.forms import forms_by_id
from app.domain.attributes import AttributeType
from app.domain.form_fields import FormField
from app.domain.forms import FormQuestion
from tests.preference_center.conftest import Center

FIELDS = [
    FormField("city", "Where do you <live>?", required=True),
    FormField("children", "Children", AttributeType.NUMBER),
    FormField("birthday", "Birthday", AttributeType.DATE),
    FormField("vegetarian", "No meat", AttributeType.BOOLEAN),
]
ADA = {"email": "ada@example.org"}
SHOP = "https://shop.example"


async def wordings_of_lines(center: Center) -> set[str]:
    rows = await center.world.rows(
        "SELECT w.text FROM permission_line l JOIN wording w ON w.id = l.wording_id"
    )
    return {row["text"] for row in rows}


async def wording(center: Center, locale: str, text: str) -> int:
    async with center.world.unit() as work:
        return await create_wording(work, Shown(locale, text))


async def change(center: Center, form: str, **changes: object) -> None:
    async with center.world.unit() as work:
        await update_form(work, int(form.rpartition("/")[2]), changes)


async def test_answers_are_kept_as_their_types_say(center: Center):
    form = await center.form(fields=FIELDS)

    await center.browser.post(
        form,
        data={**ADA, "city": "Bern", "children": "2", "birthday": "1990-05-17", "vegetarian": "yes"},
    )

    (row,) = await center.world.rows("SELECT attributes FROM subscriber")
    assert row["attributes"] == {"city": "Bern", "children": 2, "birthday": "1990-05-17", "vegetarian": True}


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("city", "", "Where do you &lt;live&gt;?: please fill this in."),
        ("city", "x" * 501, "Where do you &lt;live&gt;?: at most 500 characters, please."),
        ("children", "two", "Children: please give a number, such as 12 or 1.5."),
        ("birthday", "17 May", "Birthday: please give a day, such as 2026-11-22."),
        ("vegetarian", "maybe", "No meat: please tick it or leave it."),
        ("admin", "yes", "Something that was sent could not be understood."),
    ],
)
async def test_what_is_wrong_comes_back_with_the_form_as_it_was_filled_in(
    center: Center, field: str, value: str, sentence: str
):
    form = await center.form(fields=FIELDS)
    sent = {**ADA, "city": "Bern", "tracking": "no", field: value}

    page = await center.browser.post(form, data=sent)
    answer = await center.browser.post(form, json=sent)

    assert (page.status_code, answer.status_code) == (422, 422)
    assert sentence in page.text
    assert 'value="ada@example.org"' in page.text
    assert page.text.count("checked") == 1
    assert page.text.count("aria-invalid") == (field != "admin")
    assert answer.json()["errors"][0]["path"] == [field]
    assert await center.count("subscriber") == 0


@pytest.mark.parametrize(
    ("locales", "said"), [(["de-CH", "en"], '<span lang="de-CH">Ort</span>'), (["en"], "Ort")]
)
async def test_a_label_in_another_language_than_the_page_says_which(
    center: Center, locales: list[str], said: str
):
    """It is read out in its own language, on our page and in the snippet."""
    form = await center.form(fields=[FormField("city", "Ort")], locales=locales)
    form_id = int(form.rpartition("/")[2])

    page = await center.browser.get(form, params={"lang": "en"})
    snippet = (await forms_by_id(center.world.reader, [form_id]))[form_id].snippet("en")

    for text in (page.text, snippet):
        assert said in text
        assert ('">Ort</span>' in text) is ("span" in said)


async def test_html_in_every_field_and_label_is_shown_as_text(center: Center):
    """On the form that comes back, in the snippet's words, on the confirmation and in its letter."""
    evil = "\"><script>alert(1)</script><img src=x onerror='alert(2)'>"
    list_id = await center.add_list(evil)
    question = await wording(center, "en", evil)
    form = await center.form(
        fields=[FormField("city", evil), FormField("age", evil, AttributeType.NUMBER)],
        wording_id=question,
        list_id=list_id,
    )

    pages = [
        await center.browser.get(form),
        await center.browser.post(form, data={"email": evil, "city": evil, "age": evil}),
        await center.browser.post(form, data={**ADA, "city": evil, "age": "x", "tracking": evil}),
        await center.browser.post(form, data={**ADA, "city": evil, "tracking": "yes"}),
        await center.browser.get(center.mailed_path()),
        await center.browser.post(center.mailed_path(), data={"lang": evil}),
    ]

    assert [page.status_code for page in pages] == [200, 422, 422, 200, 200, 200]
    html = center.mails()[0].get_body(("html",)).get_content()
    for text in (*(page.text for page in pages), html):
        assert "<script" not in text
        assert "<img" not in text


async def test_a_form_asks_in_its_languages_and_records_the_wording_that_was_shown(center: Center):
    german, english = await wording(center, "de", "Dürfen wir?"), await wording(center, "en", "May we?")
    form = await center.form(wording_id=german, translations=[english], locales=["de", "en"])

    shown = await center.browser.get(form, headers={"Accept-Language": "en"})
    in_german = await center.browser.get(f"{form}?lang=de")
    await center.browser.post(form, data={**ADA, "tracking": "no", "wording": str(english), "lang": "en"})

    assert "May we?" in shown.text
    assert f'name="wording" value="{english}"' in shown.text
    assert "Dürfen wir?" in in_german.text
    assert await wordings_of_lines(center) == {"May we?"}


async def test_the_standard_question_is_asked_in_each_language_of_the_form(center: Center):
    form = await center.form(locales=["de", "en"])

    german, english = await center.browser.get(f"{form}?lang=de"), await center.browser.get(f"{form}?lang=en")

    assert "Darf Test sehen" in german.text
    assert "May Test see whether you open its mails" in english.text


async def test_who_answers_an_old_page_is_recorded_with_what_it_showed(center: Center):
    """The form asks with another wording by now; one that it never showed is refused."""
    old, new = await wording(center, "en", "May we (old)?"), await wording(center, "en", "May we (new)?")
    strange = await wording(center, "en", "May we do anything?")
    form = await center.form(wording_id=old)
    await change(center, form, wording_id=new)

    refused = await center.browser.post(form, json={**ADA, "tracking": "no", "wording": str(strange)})
    await center.browser.post(form, data={**ADA, "tracking": "yes", "wording": str(old)})
    page = await center.browser.get(center.mailed_path())
    await center.browser.post(center.mailed_path())

    assert (refused.status_code, refused.json()["errors"][0]["path"]) == (422, ["wording"])
    assert "May we (old)?" in page.text
    assert await wordings_of_lines(center) == {"May we (old)?"}
    assert "May we (new)?" in (await center.browser.get(form)).text


async def test_a_front_end_gets_what_it_needs_to_show_the_form(center: Center):
    form = await center.form(
        FormQuestion.EACH_AXIS, fields=FIELDS[:1], list_id=await center.add_list(), allowed_origins=[SHOP]
    )
    headers = {"Accept": "application/json", "Origin": SHOP}

    answer = await center.browser.get(form, headers=headers)

    shown = answer.json()
    (question,) = shown.pop("wordings")
    assert shown == {
        "account": "Test",
        "list": "Letters",
        "asks": "EACH_AXIS",
        "fields": [{"name": "city", "label": "Where do you <live>?", "type": "TEXT", "required": True}],
        "locales": ["en"],
    }
    assert question["text"].startswith("May Test see")
    assert answer.headers["access-control-allow-origin"] == SHOP
    taken = await center.browser.post(
        form,
        json={**ADA, "city": "Bern", "tracking_opens": "no", "wording": question["wording"]},
        headers=headers,
    )
    assert taken.status_code == 202


async def test_the_database_keeps_a_wording_as_it_is(center: Center):
    """The application's role may add wordings, and neither change nor delete one."""
    rows = await center.world.rows(
        "SELECT has_table_privilege('wording', 'UPDATE') AS changes, has_table_privilege('wording', 'DELETE') AS deletes"
    )

    assert dict(rows[0]) == {"changes": False, "deletes": False}
