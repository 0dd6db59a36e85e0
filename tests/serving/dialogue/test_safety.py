import pytest

GAS, FIRE, WATER = "gas", "fire", "water"
PERSON, DISTRESS = "person", "distress"
ASBESTOS, NEEDLE, BOTTLE = "asbestos", "needle", "gas_bottle"


@pytest.mark.parametrize(
    ("message", "case"),
    [
        ("Ça sent le gaz dans la cage d'escalier", GAS),
        ("odeur de gaz rue des bains", GAS),
        ("le bac est en feu !!", FIRE),
        ("grosse fuite d'eau, venez vite", WATER),
        ("plu deau ché moi urgent", WATER),
        ("Ma cuisine est inondée", WATER),
        ("bouche incendie qui fuit fuite urgent", WATER),
        ("Puis-je déposer des plaques d'amiante à Touques ?", ASBESTOS),
        ("j'ai trouvé une seringue sur la plage", NEEDLE),
        ("Une AIGUILLE dans le sable", NEEDLE),
        ("une seringue sous le sapin", NEEDLE),
        ("plus d'eau au robinet et un bébé de trois semaines", WATER),
        ("où jeter une bouteille de gaz vide", BOTTLE),
        ("y a le feu dans la poubelle", FIRE),
        ("Il y a une grosse fuite d'eau devant le 12 rue des Bains", WATER),
        ("ma mère est tombée elle respire plus", PERSON),
        ("je veux mourir", DISTRESS),
    ],
)
@pytest.mark.parametrize("decision", ["answer", "clarify", "hand_over"])
def test_danger_is_answered_at_once_whatever_the_classifier_thinks(chat, message, case, decision):
    ranking = (("bavardage", 0.5), ("eau_prix", 0.4))
    told = chat.say(message, "bavardage", decision, ranking=ranking)
    assert (told.next_action.kind, told.next_action.target) == ("safety", case)
    assert told.next_action.phones
    assert all(phone.number for phone in told.next_action.phones)
    assert "?" not in told.text.split("\n\n")[0]


@pytest.mark.parametrize("case", ["Fuite d'eau urgente", "odeur de gaz"])
def test_instructions_come_before_the_disclosure_and_name_a_number(chat, case):
    told = chat.say(case, "eau_fuite")
    assert told.text.endswith(told.disclosure)
    assert "18" in told.text.split("\n\n")[0]
    assert told.speech_text.index("18") < told.speech_text.index("Sophie")


@pytest.mark.parametrize(
    "message",
    [
        "Comment fermer l'eau avant de partir en vacances ?",
        "fuite au robinet mais rien d'urgent",
        "Que faire des aiguilles de pin ?",
        "mon sapin perd ses aiguilles, y a-t-il une collecte ?",
        "inondation route coupée, vous pourrez passer lundi ?",
        "j'ai les doigts en feu",
        "J'ai des aiguilles à tricoter à donner",
        "où est la bouche à incendie ?",
        "Je tourne au feu rouge pour aller à la déchèterie ?",
        "Quel est le prix du gaz ?",
        "numéro d'urgence de Veolia",
        "c'est quand les éboueurs ? ma mère va me tuer",
        "il y a un feu tricolore en panne devant chez moi",
    ],
)
def test_what_only_looks_like_danger_is_answered_normally(chat, message):
    assert chat.say(message, "contact_horaires").next_action.kind != "safety"


def test_the_models_words_of_urgency_and_classes_of_waste_count(new_chat):
    urgent = new_chat().say("plus une goutte", "eau_fuite", urgence="urgent")
    assert urgent.next_action.target == WATER
    calm = new_chat().say("ma facture a doublé", "eau_fuite")
    assert calm.next_action.kind == "answer"
    named = new_chat().say("ça va où ?", "tri_consigne_objet", categorie_dechet="amiante")
    assert named.next_action.target == ASBESTOS
    listed = new_chat().say("où vont les everites", "tri_consigne_objet", type_dechet="fibrociment")
    assert listed.next_action.target == ASBESTOS


def test_an_object_that_is_not_settled_counts_with_all_its_meanings(chat, make):
    doubt = make.ambiguous("type_dechet", "plaque", ["carton", "amiante"])
    told = chat.say("une plaque", "tri_consigne_objet", type_dechet=doubt)
    assert told.next_action.target == ASBESTOS


def test_an_urgent_leak_may_still_be_reported(chat):
    told = chat.say("grosse fuite d'eau dans la rue", "eau_fuite")
    assert told.next_action.kind == "safety"
    assert told.quick_replies[0].payload == "signalement:fuite_eau_voirie"


def test_danger_without_the_model(chat):
    told = chat.say("ca sent le gaz", None, "hand_over", degraded=True)
    assert told.next_action.target == GAS


def test_a_report_goes_on_after_the_instructions(chat):
    chat.say("dépôt sauvage", "signaler_depot_sauvage")
    assert chat.say("devant l'école, avec de l'amiante").next_action.kind == "safety"
    assert chat.state.report is not None
    assert chat.say("devant l'école").next_action.kind == "ask_slot"
