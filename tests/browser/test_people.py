"""Signing in for real: with a provider, behind a proxy, and with a name that was merely typed."""

import io
import json
import re

import pytest
from joserfc.jwk import RSAKey
from playwright.sync_api import Page, expect

from cache import Asker
from core import ExplainRequest, load_picture
from core.models.checkpoints import describe_model
from core.scenes.scene import sample
from core.schema import gather
from core.schema.run_requests import whole_run
from dashboard.jobs.persist import keep
from dashboard.jobs.pictures import ChosenPicture
from dashboard.jobs.question import Question
from dashboard.settings import Settings
from dashboard.storage.audit_log import AuditLog
from dashboard.storage.data_folder import audit_folder, open_storage
from tests.browser.provider import provider, secrets_for, signing_proxy
from tests.browser.serving import server
from tests.browser.test_history import made_up
from tests.browser.waiting import settled
from tests.some import some

pytestmark = pytest.mark.browser

ADA, BEN, ROOT = "ada@example.org", "ben@example.org", "root@example.org"
SECRET = "Where is the xylophone?"


def fill(data) -> tuple[str, str]:
    """Two runs of Ada's, a public and a private one."""
    storage = open_storage(Settings(data_folder=data))
    card, file = describe_model(device="cpu"), io.BytesIO()
    sample(1_700_006).image.resize((112, 112)).save(file, "PNG")
    chosen = ChosenPicture("crossing.png", file.getvalue(), load_picture(file.getvalue()))
    names = []
    for private, prompt in ((False, "Where is the circle?"), (True, SECRET)):
        layers = tuple(range(card.total_layers))
        request = ExplainRequest(
            image=chosen.picture.digest, prompt=prompt, model=card.fingerprint, layers=layers, num_samples=2
        )
        question = Question(request, chosen, card, asker=Asker(ADA, private))
        parts = [made_up(each, 1) for each in whole_run(request)]
        names.append(keep(question, gather(parts), storage, seconds=1.0, samples=2).id)
    storage.results.close()
    storage.runs.close()
    storage.jobs.close()
    return tuple(names)


@pytest.fixture(scope="module")
def service():
    with provider() as running:
        yield running


@pytest.fixture(scope="module")
def guarded(service, tmp_path_factory):
    """A server that signs people in with the provider: its address, its data, and the names of its two runs."""
    folder = tmp_path_factory.mktemp("guarded")
    (folder / ".streamlit").mkdir()
    (folder / ".streamlit" / "secrets.toml").write_text(secrets_for(service, admins=ROOT, people="@example.org"))
    names = fill(folder / "data")
    with server(folder) as address:
        yield address, folder / "data", names


@pytest.fixture(autouse=True)
def truthful(service):
    service.behave()


def sign_in(page: Page) -> None:
    button = page.get_by_role("button", name="Sign in")
    expect(button).to_be_visible()
    settled(page)
    with page.expect_navigation():  # to the service and back: what is looked at next is not the page before
        button.click()


def sign_in_as(visitor, service, guarded, email: str, path: str = "/") -> Page:
    service.behave(email)
    page = visitor(guarded[0] + "/")
    sign_in(page)
    expect(page.locator(".st-key-person-menu")).to_contain_text(email)
    if path != "/":
        page.goto(guarded[0] + path)
        expect(page.locator(".st-key-person-menu")).to_contain_text(email)
    settled(page)
    return page


def expect_outside(page: Page) -> None:
    """Nothing but the way in is there."""
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    settled(page)
    expect(page.locator(".st-key-person")).to_have_count(0)
    expect(page.get_by_text("Latest runs")).to_have_count(0)


def audit_of(guarded) -> list[tuple[str, str]]:
    return [(line["action"], line["who"]) for line in reversed(AuditLog(audit_folder(guarded[1])).latest(99))]


def test_nobody_sees_a_page_before_signing_in(visitor, guarded):
    public, private = guarded[2]
    addresses = ("/", "/compute", "/history", "/compare", f"/compute?run={public}", f"/compare?runs={public},{private}")
    for path in some(addresses):
        page = visitor(guarded[0] + path)
        expect_outside(page)
        for words in ("circle", "xylophone", "crossing", ADA):
            expect(page.get_by_text(words)).to_have_count(0)
        assert "circle" not in page.content() and "xylophone" not in page.content()


def test_in_and_out(visitor, service, guarded):
    page = visitor(guarded[0] + "/")
    sign_in(page)
    expect(page.get_by_role("heading", name="Latest runs")).to_be_visible()
    menu = page.locator(".st-key-person-menu")
    expect(menu).to_contain_text(ADA)
    assert {"/authorize", "/token", "/keys"} <= set(service.visited)
    page.reload()
    expect(menu).to_contain_text(ADA)
    settled(page)
    box = menu.bounding_box()  # at the right of the head, beside the names of the pages
    assert box["x"] > 640 and box["x"] + box["width"] < 1280 and box["y"] < 40
    menu.locator("button").first.click()
    page.get_by_role("button", name="Sign out").click()
    expect_outside(page)
    assert "/leave" in service.visited
    page.goto(guarded[0] + "/history")
    expect_outside(page)
    assert ("sign-in", ADA) in audit_of(guarded) and audit_of(guarded)[-1] == ("sign-out", ADA)


def try_to_sign_in(visitor, guarded) -> Page:
    """The page after somebody has been to the provider and back."""
    page = visitor(guarded[0] + "/history?search=circle")
    sign_in(page)
    page.wait_for_url(guarded[0] + "/history?search=circle")
    return page


def test_a_link_survives_the_sign_in(visitor, service, guarded):
    public, private = guarded[2]
    link = f"/compute?run={private}&map=One+layer&layer=3"
    page = visitor(guarded[0] + link)
    sign_in(page)
    expect(page.locator(".st-key-answer-panel").get_by_text(SECRET)).to_be_visible()
    assert page.url == guarded[0] + link
    assert [each["name"] for each in page.context.cookies() if "wanted" in each["name"]] == []
    # The same link signed in as somebody else shows no more than it does to them.
    service.behave(BEN)
    page = visitor(f"{guarded[0]}/compare?runs={public},{private}&next=https://evil.example")
    sign_in(page)
    expect(page.get_by_text("1 of the runs named in the address is not known to this server")).to_be_visible()
    assert "evil" not in page.url


def test_a_forged_state_lets_nobody_in(visitor, service, guarded):
    service.state = "forged"
    expect_outside(try_to_sign_in(visitor, guarded))
    assert "/authorize" in service.visited and "/token" not in service.visited
    # With a code that the provider really gave away, for somebody who never asked here.
    assert service.codes
    page = visitor(f"{guarded[0]}/oauth2callback?code={list(service.codes)[-1]}&state=forged")
    expect_outside(page)


@pytest.mark.parametrize(
    "lie",
    [
        {"aud": "another-client"},
        {"aud": ["another-client", "and-another"]},
        {"iss": "http://localhost:1"},
        {"nonce": "another"},
        {"exp": 1_000_000_000},
    ],
    ids=lambda lie: next(iter(lie)),
)
def test_a_token_for_others_lets_nobody_in(visitor, service, guarded, lie):
    service.behave(ROOT, **lie)
    expect_outside(try_to_sign_in(visitor, guarded))
    assert "/token" in service.visited


def test_a_token_that_somebody_else_signed_lets_nobody_in(visitor, service, guarded):
    service.behave(ROOT)
    service.signs_with = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256", "kid": service.key.kid})
    expect_outside(try_to_sign_in(visitor, guarded))
    assert "/token" in service.visited


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"email_verified": False}, "does not say that your e-mail address is verified"),
        ({"email": "eve@elsewhere.net"}, "not among the people of this server"),
    ],
)
def test_who_is_known_but_not_meant_is_told_why(visitor, service, guarded, claims, why):
    service.behave(**{"email": ADA, **claims})
    page = visitor(guarded[0] + "/history")
    sign_in(page)
    expect(page.get_by_text(re.compile(why))).to_be_visible()
    expect_outside(page)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_a_cookie_that_was_changed_is_worth_nothing(visitor, service, guarded):
    page = sign_in_as(visitor, service, guarded, ADA)
    (cookie,) = [each for each in page.context.cookies() if each["name"] == "_streamlit_user"]
    assert cookie["httpOnly"] and cookie["sameSite"] == "Lax"
    middle = len(cookie["value"]) // 2
    other = "A" if cookie["value"][middle] != "A" else "B"
    changed = cookie["value"][:middle] + other + cookie["value"][middle + 1 :]
    page.context.add_cookies([{**cookie, "value": changed}])
    page.goto(guarded[0] + "/history")
    expect_outside(page)


def test_a_private_run_is_its_owners(visitor, service, guarded):
    public, private = guarded[2]
    ada = sign_in_as(visitor, service, guarded, ADA, f"/compute?run={private}")
    expect(ada.locator(".st-key-answer-panel").get_by_text(SECRET)).to_be_visible()
    ben = sign_in_as(visitor, service, guarded, BEN, f"/compute?run={private}")
    expect(ben.get_by_text("This server has no run with the name in the address")).to_be_visible()
    assert "xylophone" not in ben.content()
    ben.goto(f"{guarded[0]}/compare?runs={public},{private}")
    expect(ben.get_by_text("1 of the runs named in the address is not known to this server")).to_be_visible()
    ben.goto(guarded[0] + "/history")
    expect(ben.locator(".st-key-history-foot").get_by_text("One run")).to_be_visible()
    # She shows it to all, and he finds it at the same address.
    settled(ada)
    ada.locator(".st-key-privacy-button button").first.click()
    expect(ada.get_by_text("Seen by the whole team.")).to_be_visible()
    ben.goto(f"{guarded[0]}/compute?run={private}")
    expect(ben.locator(".st-key-answer-panel").get_by_text(SECRET)).to_be_visible()
    expect(ben.locator(".st-key-privacy")).to_contain_text(f"Asked first by {ADA}")
    expect(ben.locator(".st-key-privacy-button")).to_have_count(0)
    settled(ada)
    ada.locator(".st-key-privacy-button button").first.click()
    expect(ada.get_by_text("Private: seen by")).to_be_visible()
    ben.reload()
    expect(ben.get_by_text("This server has no run with the name in the address")).to_be_visible()
    assert [line for line in audit_of(guarded) if line[0].startswith("make")] == [
        ("make-public", ADA),
        ("make-private", ADA),
    ]


def test_a_proxy_says_who_is_there(visitor, tmp_path):
    names = fill(tmp_path / "data")
    headers = "--server.trustedUserHeaders=" + json.dumps({"X-Forwarded-User": "name"})
    with (
        server(tmp_path, options=[headers]) as address,
        signing_proxy(int(address.rsplit(":")[-1]), "X-Forwarded-User", ADA) as front,
    ):
        page = visitor(f"{front}/compute?run={names[1]}")
        expect(page.locator(".st-key-answer-panel").get_by_text(SECRET)).to_be_visible()
        menu = page.locator(".st-key-person-menu")
        expect(menu).to_contain_text(ADA)
        settled(page)
        menu.locator("button").first.click()
        expect(page.get_by_text("Signed in", exact=True)).to_be_visible()
        expect(page.get_by_role("button", name="Sign out")).to_have_count(0)
        # Past the proxy nobody is anybody.
        page = visitor(f"{address}/history")
        expect(page.get_by_text("says no name by which this server could know you")).to_be_visible()
        expect(page.get_by_text("crossing")).to_have_count(0)


def test_a_proxys_word_is_not_taken_where_others_can_speak(visitor, tmp_path):
    headers = "--server.trustedUserHeaders=" + json.dumps({"X-Forwarded-User": "name"})
    with server(tmp_path, options=[headers, "--server.address=0.0.0.0"]) as address:
        page = visitor(f"{address}/history")
        expect(page.get_by_text("believes every caller")).to_be_visible()
        expect(page.get_by_role("heading", name="History")).to_have_count(0)


def test_a_typed_name_is_kept_by_the_browser(visitor, address):
    page = visitor("/history")
    settled(page)
    page.locator(".st-key-person-menu button").first.click()
    page.get_by_role("textbox", name="Your name").fill("Ada <b>*Lovelace*</b>")
    page.keyboard.press("Enter")
    menu = page.locator(".st-key-person-menu")
    expect(menu).to_contain_text("Ada <b>*Lovelace*</b>")
    again = page.context.new_page()
    again.goto(f"{address}/compute")
    expect(again.locator(".st-key-person-menu")).to_contain_text("Ada <b>*Lovelace*</b>")
    expect(visitor("/compute").locator(".st-key-person-menu")).to_contain_text("Your name")
