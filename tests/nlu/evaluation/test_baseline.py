import pytest

from nlu.evaluation.baseline import fit_baseline

TRAIN = {
    "collecte": [
        "quand passe le camion du bac jaune",
        "quel jour pour la collecte des poubelles",
        "le calendrier de collecte du bac",
        "jour de passage du camion poubelle",
    ],
    "decheterie": [
        "les horaires de la déchèterie",
        "la déchèterie est ouverte le dimanche",
        "où se trouve la déchèterie",
        "déchèterie : heures d'ouverture",
    ],
    "eau": [
        "le prix de l'eau au mètre cube",
        "ma facture d'eau est trop chère",
        "une fuite d'eau au compteur",
        "comment payer l’eau",
    ],
}


@pytest.fixture(scope="module")
def model():
    rows = [(text, label) for label, texts in TRAIN.items() for text in texts]
    return fit_baseline([text for text, _label in rows], [label for _text, label in rows])


def test_the_baseline_answers_new_messages_with_labels_in_order(model):
    texts = ["la facture de l'eau svp", "horaires déchèterie", "calendrier du camion"]
    assert list(model.predict(texts)) == ["eau", "decheterie", "collecte"]


def test_the_baseline_is_no_straw_man_on_misspelt_french(model):
    texts = ["orair de la déchètri", "kan pass le camion pr les poubele", "factur deau tro cher"]
    assert list(model.predict(texts)) == ["decheterie", "collecte", "eau"]


def test_the_baseline_sees_messages_normalised_as_the_classifier_does(model):
    plain = ["l'eau ?", "où se trouve la déchèterie ?"]
    odd = ["L’EAU\u00a0?", "OU\u0300 SE  TROUVE LA DE\u0301CHE\u0300TERIE\u202f?"]
    assert (model.decision_function(plain) == model.decision_function(odd)).all()


def test_training_twice_gives_the_same_answers(model):
    rows = [(text, label) for label, texts in TRAIN.items() for text in texts]
    again = fit_baseline(*zip(*rows, strict=True))
    texts = ["quand", "combien", "où ça"]
    assert again.decision_function(texts) == pytest.approx(model.decision_function(texts))


def test_an_empty_or_unseen_message_still_gets_a_label(model):
    assert set(model.predict(["", "xylophone", "\ud83d\x00"])) <= set(TRAIN)
