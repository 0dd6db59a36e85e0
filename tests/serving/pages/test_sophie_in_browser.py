"""Sophie's page used as people use it: keyboard, small screen, failures, hostile words."""

import pytest

from serving.security.problem import ProblemError

SESSION = "s_" + "a" * 32
QUESTION = "Quand passe le bac jaune ?"


@pytest.fixture(autouse=True)
def sophie(page, site):
    page.goto(f"{site.address}/sophie")


def focused(page):
    return page.evaluate(
        "(document.activeElement.innerText || document.activeElement.id || '').trim()"
    )


def tab_to(page, label):
    for _ in range(60):
        page.keyboard.press("Tab")
        if focused(page) == label:
            return
    raise AssertionError(f"« {label} » is not reached with the keyboard")


def ask(page, text):
    answers = page.locator(".message.sophie").count()
    page.get_by_label("Votre message à Sophie").fill(text)
    page.keyboard.press("Enter")
    page.locator(".message.sophie").nth(answers).wait_for()


def test_whole_conversation_by_keyboard(page, site):
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert focused(page) == "Aller au message à écrire"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab") if focused(page) != "message" else None
    assert focused(page) == "message"
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Deauville").wait_for()
    assert focused(page) == "message", "the one who types goes on typing"

    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    assert focused(page) == "Deauville"
    page.keyboard.press("Enter")
    page.get_by_text("jeudi 26 novembre").wait_for()
    assert focused(page).startswith("Sophie, automate\n\nDeauville"), "a choice leads to its answer"
    assert page.get_by_role("button", name="Touques").count() == 0

    tab_to(page, "Non")
    page.keyboard.press("Enter")
    page.get_by_role("group", name="Pourquoi ?").wait_for()
    page.keyboard.press("ArrowDown")
    tab_to(page, "Envoyer mon avis")
    page.keyboard.press("Enter")
    page.get_by_text("votre avis est enregistré").wait_for()
    assert "votre avis est enregistré" in focused(page)

    tab_to(page, "Demander un conseiller à Sophie")
    page.keyboard.press("Enter")
    page.get_by_text("T-7K2M9QXA").wait_for()
    page.locator(".message.sophie").last.focus()
    tab_to(page, "Laisser un message écrit")
    page.keyboard.press("Enter")
    page.keyboard.type("Mon bac a disparu.")
    tab_to(page, "Transmettre")
    page.keyboard.press("Enter")
    page.get_by_text("T-7K2M9QXB").wait_for()

    first, choice, person, written = site.script.asked
    assert first["text"] == QUESTION
    assert choice["payload"] == "commune:14220"
    assert person["payload"] == "intent:demander_humain"
    assert (written["channel"], written["text"]) == ("form", "Mon bac a disparu.")
    assert "session_id" not in first
    assert {one["session_id"] for one in (choice, person, written)} == {SESSION}
    (opinion,) = site.script.opinions
    assert (opinion["message_id"], opinion["thumb"]) == (f"m_{2:032x}", "down")
    assert opinion["comment"] == "Il manque une information"


def test_says_it_is_an_automaton_before_anything_is_sent(page, site):
    assert page.get_by_text("assistant automatique").first.is_visible()
    assert site.script.asked == []
    ask(page, QUESTION)
    shown = page.locator(".message.sophie").last.inner_text()
    assert shown.startswith("Sophie, automate")
    assert "Texte à dire seulement" not in page.content()


def test_answers_are_announced(page):
    log = page.get_by_role("log", name="Conversation")
    assert log.get_attribute("aria-live") == "polite"
    ask(page, QUESTION)
    assert log.get_by_text("Dans quelle commune").is_visible()


def test_demonstration_data_is_marked(page):
    ask(page, QUESTION)
    page.get_by_role("button", name="Deauville").click()
    page.get_by_text("Donnée de démonstration", exact=True).wait_for()
    assert page.get_by_text("1 novembre 2026").is_visible()


def test_hostile_words_stay_words(page):
    ask(page, "<script>document.title='volé'</script>")
    page.get_by_text("Vous avez écrit").wait_for()
    assert "volé" not in page.title()
    assert page.locator(".log img, .log script").count() == 0
    assert page.locator("a[href^='javascript:']").count() == 0
    assert page.get_by_role("button", name="<img src=x").is_visible()


def test_hand_over_gives_phone_form_and_desk(page):
    ask(page, "je veux un conseiller")
    block = page.get_by_role("region", name="Parler à un conseiller")
    assert (
        block.get_by_role("link", name="02 31 00 00 00").get_attribute("href") == "tel:0231000000"
    )
    assert "(à confirmer)" in block.inner_text()
    assert "du lundi au vendredi" in block.inner_text().lower()
    assert block.get_by_role("button", name="Laisser un message écrit").is_visible()
    assert block.get_by_role("button", name="Téléphoner").count() == 0


def test_urgency_shows_the_number_and_asks_no_opinion(page):
    ask(page, "ça sent le gaz")
    last = page.locator(".message.sophie").last
    assert "urgence" in last.inner_text()
    assert last.get_by_role("link", name="18").get_attribute("href") == "tel:18"
    assert last.get_by_role("link", name="114").get_attribute("href") == "sms:114"
    assert last.get_by_role("button", name="Oui").count() == 0


def test_advice_is_explained_and_refused(page, site):
    ask(page, QUESTION)
    page.get_by_role("button", name="Deauville").click()
    page.get_by_text("SIMULATION – bien vider").wait_for()
    page.locator(".advice").get_by_role("button", name="Ne plus recevoir d'éco-gestes").click()
    page.get_by_text("je ne vous propose plus").wait_for()
    assert site.script.asked[-1]["payload"] == "intent:nudge_stop"


def test_erasing_asks_first_and_starts_anew(page, site):
    ask(page, QUESTION)
    erase = page.get_by_role("button", name="Effacer la conversation")
    erase.click()
    page.get_by_role("button", name="Non, la garder").click()
    assert site.script.erased == []
    erase.click()
    page.get_by_role("button", name="Oui, effacer").click()
    page.get_by_text("La conversation est effacée.").wait_for()
    assert page.locator(".message.you").count() == 0
    ask(page, QUESTION)
    assert site.script.erased == [SESSION]
    assert "session_id" not in site.script.asked[-1]


def test_nothing_is_said_erased_when_the_service_refuses(page, site):
    ask(page, QUESTION)
    site.script.refusals.append(ProblemError(kind="unavailable"))
    page.get_by_role("button", name="Effacer la conversation").click()
    page.get_by_role("button", name="Oui, effacer").click()
    page.get_by_text("n’a pas pu être effacée").wait_for()
    assert page.locator(".message.you").count() == 1


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (ProblemError(kind="overloaded", headers={"Retry-After": "7"}), "dans 7 secondes"),
        (ProblemError(kind="unavailable"), "momentanément indisponible"),
    ],
)
def test_refusals_are_told_and_tried_again(page, site, refusal, words):
    site.script.refusals.append(refusal)
    page.get_by_label("Votre message à Sophie").fill(QUESTION)
    page.keyboard.press("Enter")
    page.get_by_text(words).wait_for()
    page.get_by_role("button", name="Réessayer").click()
    page.get_by_text("Dans quelle commune").wait_for()
    first, again = site.script.repeats
    assert first == again != "", "the same message must not be counted twice"
    assert page.get_by_role("button", name="Réessayer").count() == 0


def test_too_long_a_message_is_told_without_a_useless_retry_delay(page, site):
    site.script.refusals.append(ProblemError(kind="validation"))
    page.get_by_label("Votre message à Sophie").fill(QUESTION)
    page.keyboard.press("Enter")
    page.get_by_text("raccourcissez-le").wait_for()


def test_without_connection_it_says_so_and_gives_a_number(page):
    page.context.set_offline(True)
    page.get_by_label("Votre message à Sophie").fill(QUESTION)
    page.keyboard.press("Enter")
    page.get_by_text("la connexion semble coupée").wait_for()
    assert page.get_by_text("Vous pouvez aussi appeler le").is_visible()
    page.context.set_offline(False)
    page.get_by_role("button", name="Réessayer").click()
    page.get_by_text("Dans quelle commune").wait_for()


def test_degraded_answers_are_told(page, site):
    assert not page.get_by_text("mode réduit").is_visible()
    site.script.degraded = True
    ask(page, QUESTION)
    assert page.get_by_text("mode réduit").is_visible()


def test_key_is_asked_only_when_needed_and_never_in_the_address(page, site):
    assert not page.get_by_label("Clé").is_visible()
    site.script.needs_key = "pouce_essai"
    page.get_by_label("Votre message à Sophie").fill(QUESTION)
    page.keyboard.press("Enter")
    page.get_by_label("Clé").fill("pouce_essai")
    page.keyboard.press("Enter")
    page.get_by_text("Dans quelle commune").wait_for()
    assert site.script.keys[-1] == "Bearer pouce_essai"
    assert "pouce_essai" not in page.url


@pytest.mark.parametrize("width", [360, 640, 1280])
def test_nothing_scrolls_sideways(page, width):
    # 640 is a screen of 1280 seen at 200 %.
    page.set_viewport_size({"width": width, "height": 740})
    ask(page, QUESTION)
    ask(page, "je veux un conseiller")
    page.get_by_role("button", name="Laisser un message écrit").click()
    page.get_by_role("button", name="Non", exact=True).last.click()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_serious(page, serious, width):
    page.set_viewport_size({"width": width, "height": 740})
    assert serious() == []
    ask(page, QUESTION)
    page.get_by_role("button", name="Deauville").click()
    page.get_by_text("jeudi 26 novembre").wait_for()
    ask(page, "je veux un conseiller")
    page.get_by_role("button", name="Laisser un message écrit").click()
    page.get_by_role("button", name="Non", exact=True).last.click()
    page.get_by_role("button", name="Effacer la conversation").click()
    ask(page, "ça sent le gaz")
    assert serious() == []


def test_focus_is_visible_on_everything_that_takes_it(page):
    ask(page, QUESTION)
    unseen = []
    for _ in range(25):
        page.keyboard.press("Tab")
        outlined = page.evaluate(
            """() => {
                const style = getComputedStyle(document.activeElement);
                return style.outlineStyle === "solid" && parseFloat(style.outlineWidth) >= 2;
            }"""
        )
        if not outlined and page.evaluate("document.activeElement !== document.body"):
            unseen.append(focused(page))
    assert unseen == []
