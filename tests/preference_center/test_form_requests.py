"""What a form takes from where: three encodings, the origins and redirects that it names, and nothing malformed."""

from ipaddress import ip_address

import httpx
import pytest

from app.domain.global_ids import encode_id
from app.networks import network_of
from app.pace import Pace
from tests.preference_center.conftest import Center
from tests.preference_center.standings import ASKED, DENIED

SHOP = "https://shop.example"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"tracking": "true"}, "The question is answered with yes or no, or left open."),
        ({"tracking": ""}, "The question is answered with yes or no, or left open."),
        ({"tracking_opens": "YES"}, "The question is answered with yes or no, or left open."),
        ({"email": "ada"}, "This is not an e-mail address."),
        ({"email": ""}, "This is not an e-mail address."),
        ({"redirect": "https://evil.example/"}, "The form may not lead on to that address."),
        ({"redirect": ""}, "The form may not lead on to that address."),
        ({"list": "1"}, "This form does not belong to that list."),
        ({"locale": "<b>"}, "Something that was sent could not be understood."),
        ({"city": "x" * 501}, "Something that was sent could not be understood."),
    ],
)
async def test_bad_input_is_one_sentence_and_changes_nothing(
    center: Center, fields: dict[str, str], sentence: str
):
    form = await center.form(allowed_redirects=["https://shop.example/thanks"])

    page = await center.browser.post(form, data={"email": "ada@example.org", **fields})
    answer = await center.browser.post(form, json={"email": "ada@example.org", **fields})

    assert (page.status_code, answer.status_code) == (422, 422)
    assert sentence in page.text
    assert list(answer.json()["errors"][0]) == ["code", "message", "path"]
    assert answer.json()["errors"][0]["path"] == [next(iter(fields))]
    assert await center.count("subscriber") == await center.count("pending_sign_up") == 0
    assert center.mails() == []


async def test_a_list_and_a_wording_may_be_named_by_the_ids_that_the_api_shows(center: Center):
    """A front end knows no other ids; those of another list or wording are refused as ever."""
    own, other = await center.add_list(), await center.add_list("Offers")
    form = await center.form(list_id=own)
    shown = (await center.browser.get(form, headers={"Accept": "application/json"})).json()
    wording = int(shown["wordings"][0]["wording"])
    said = {"email": "ada@example.org", "tracking": "no"}

    foreign = await center.browser.post(form, json={**said, "list": encode_id("MailingList", other)})
    unknown = await center.browser.post(form, json={**said, "wording": encode_id("MailingList", wording)})
    taken = await center.browser.post(
        form,
        json={**said, "list": encode_id("MailingList", own), "wording": encode_id("Wording", wording)},
    )

    assert [(each.status_code, each.json()["errors"][0]["path"]) for each in (foreign, unknown)] == [
        (422, ["list"]),
        (422, ["wording"]),
    ]
    assert taken.status_code == 202
    assert await center.standing() == DENIED


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{"),
        ("application/json", b"[]"),
        ("application/json", b'{"email": null}'),
        ("application/json", b'{"email": "ada@example.org", "tracking": true}'),
        ("application/json", b'{"email": "ada@example.org", "tracking": null}'),
        ("application/json", b"[" * 60_000),
        ("application/json", b"\xff"),
        ("application/x-www-form-urlencoded", b"email=ada@example.org&tracking=yes&tracking=no"),
        ("application/x-www-form-urlencoded", b"email=%ff%fe"),
        ("application/x-www-form-urlencoded", b"email=\xff"),
        ("application/x-www-form-urlencoded", b"email=ada%00@example.org"),
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=b", b"broken"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="email"; filename="a"\r\n\r\nx\r\n--b--\r\n',
        ),
        ("text/plain", b"email=ada@example.org"),
    ],
)
async def test_a_body_that_cannot_be_read_is_422_and_changes_nothing(
    center: Center, content_type: str, body: bytes
):
    form = await center.form()

    answer = await center.browser.post(form, content=body, headers={"Content-Type": content_type})

    assert answer.status_code == 422
    assert await center.count("subscriber") == 0


async def test_a_large_body_is_refused_with_the_limit(center: Center):
    form = await center.form()

    large = {"email": "ada@example.org", "x": "y" * 66_000}

    answer = await center.browser.post(form, json=large)
    pages = [
        await center.browser.post(form, data=large),
        await center.browser.post(form, files={name: (None, value) for name, value in large.items()}),
    ]

    assert answer.status_code == 413
    assert answer.json()["errors"][0]["message"] == "This is more than the page takes: at most 64 kB."
    assert [page.status_code for page in pages] == [413, 413]
    assert all("at most 64 kB" in page.text for page in pages)
    assert await center.count("subscriber") == 0


async def test_the_same_fields_mean_the_same_in_all_three_encodings(center: Center):
    form = await center.form()

    answers = [
        await center.browser.post(form, data={"email": "a@example.org", "tracking": "no"}),
        await center.browser.post(form, files={"email": (None, "b@example.org"), "tracking": (None, "no")}),
        await center.browser.post(form, json={"email": "c@example.org", "tracking": "no"}),
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 202]
    assert answers[2].json() == {"accepted": True, "mustConfirm": True}
    for address in ("a@example.org", "b@example.org", "c@example.org"):
        assert await center.standing(address) == DENIED


async def test_a_website_that_the_form_names_may_send_it_and_read_the_answer(center: Center):
    form = await center.form(allowed_origins=[SHOP])
    headers = {"Origin": SHOP, "Sec-Fetch-Site": "cross-site"}

    asked = await center.browser.options(form, headers={**headers, "Access-Control-Request-Method": "POST"})
    answer = await center.browser.post(form, json={"email": "ada@example.org"}, headers=headers)
    wrong = await center.browser.post(form, json={"email": "ada"}, headers=headers)

    assert asked.status_code == 204
    assert asked.headers["access-control-allow-methods"] == "GET, POST"
    assert asked.headers["access-control-allow-headers"] == "Content-Type"
    for each in (asked, answer, wrong):
        assert each.headers["access-control-allow-origin"] == SHOP
        assert "Origin" in each.headers["vary"]
        assert "access-control-allow-credentials" not in each.headers
    assert (answer.status_code, wrong.status_code) == (202, 422)


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://shop.example",
        "https://shop.example:444",
        "https://shop.example.evil.example",
        "https://sub.shop.example",
        "null",
    ],
)
async def test_any_other_website_may_neither_send_it_nor_read_the_answer(center: Center, origin: str):
    form = await center.form(allowed_origins=[SHOP])
    headers = {"Origin": origin, "Sec-Fetch-Site": "cross-site"}

    asked = await center.browser.options(form, headers=headers)
    answer = await center.browser.post(form, data={"email": "ada@example.org"}, headers=headers)

    assert answer.status_code == 403
    assert "access-control-allow-origin" not in {*asked.headers, *answer.headers}
    assert await center.count("subscriber") == 0


async def test_a_website_that_the_form_names_may_read_that_it_has_to_wait(center: Center):
    """A front end that cannot read the 429 and its Retry-After only sees that the network failed."""
    form = await center.form(allowed_origins=[SHOP])
    # No place comes back while the test runs, however slow the machine is.
    pace = center.world.instance.pace = Pace(30, 3600)
    while not pace.wait(network_of(ip_address("203.0.113.7").packed)):
        pass
    transport = httpx.ASGITransport(center.browser._transport.app, client=("203.0.113.7", 1))

    async with httpx.AsyncClient(transport=transport, base_url=center.browser.base_url) as stranger:
        answer = await stranger.post(form, json={"email": "ada@example.org"}, headers={"Origin": SHOP})
        foreign = await stranger.post(form, json={}, headers={"Origin": "https://evil.example"})

    assert (answer.status_code, foreign.status_code) == (429, 429)
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["access-control-allow-origin"] == SHOP
    assert answer.headers["access-control-expose-headers"] == "Retry-After"
    assert "access-control-allow-origin" not in foreign.headers


async def test_an_old_browser_sends_our_page_with_an_origin_that_reads_null(center: Center):
    """It says nothing of where it comes from, since our pages tell nobody (`no-referrer`)."""
    form = await center.form(allowed_origins=[SHOP])
    shown = await center.browser.get(form)

    sent = await center.browser.post(form, data={"email": "ada@example.org"}, headers={"Origin": "null"})

    assert shown.headers["referrer-policy"] == "no-referrer"
    assert sent.status_code == 200


async def test_our_own_page_is_taken_though_its_origin_reads_null(center: Center):
    form = await center.form()
    headers = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}

    answer = await center.browser.post(form, data={"email": "ada@example.org"}, headers=headers)

    assert answer.status_code == 200
    assert await center.standing() == ASKED


async def test_a_redirect_from_the_allow_list_is_followed_and_says_nothing_about_the_person(center: Center):
    form = await center.form(allowed_redirects=["https://shop.example/thanks"])

    answer = await center.browser.post(
        form, data={"email": "ada@example.org", "redirect": "https://shop.example/thanks"}
    )

    assert answer.status_code == 303
    assert answer.headers["location"] == "https://shop.example/thanks"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert len(center.mails()) == 1
