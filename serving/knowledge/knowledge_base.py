"""Everything that Sophie may say, and the choice of an answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from nlu.corpus.taxonomy import Intent
from nlu.entities.waste_object import WasteObject
from serving.knowledge.answer import Answer, Message
from serving.knowledge.contact import Contact
from serving.knowledge.lexicon import Lexicons
from serving.knowledge.rendering import render


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeBase:
    """What Sophie may say.

    Attributes
    ----------
    answers : mapping of str to tuple of Answer
        By intent.
    messages : mapping of str to Message
        Fixed sentences by key.
    contacts : mapping of str to Contact
        By key.
    lexicons : Lexicons
        Words looked for without the model.
    intents : mapping of str to Intent
        Taxonomy by name.
    themes : mapping of str to str
        French names of the themes.
    objects : mapping of str to WasteObject
        Waste objects by name.
    communes : mapping of str to str
        Names of the communes of the territory by INSEE code.
    """

    answers: Mapping[str, tuple[Answer, ...]]
    messages: Mapping[str, Message]
    contacts: Mapping[str, Contact]
    lexicons: Lexicons
    intents: Mapping[str, Intent]
    themes: Mapping[str, str]
    objects: Mapping[str, WasteObject]
    communes: Mapping[str, str]

    def answer_for(
        self,
        intent: str,
        *,
        commune: str | None,
        day: date,
        words: Mapping[str, str] | None = None,
    ) -> Answer | None:
        """The most specific answer to an intent that may be shown.

        Parameters
        ----------
        intent : str
            Intent of the taxonomy.
        commune : str or None
            INSEE code where it is known.
        day : date
            Day of the question: expired and future answers are left out.
        words : mapping of str to str, optional
            What is known; the words of :meth:`usual_words` always are.

        Returns
        -------
        Answer or None
            Most conditions met, then made for the commune, then most words used, then latest.
        """
        known = {**self.usual_words(), **(words or {})}
        fit = [
            one
            for one in self.answers.get(intent, ())
            if one.valid_from <= day
            and (one.valid_to is None or day <= one.valid_to)
            and (not one.communes or commune in one.communes)
            and one.needs <= known.keys()
            and all(known[name] in values for name, values in one.when.items())
        ]
        return max(fit, key=_specificity, default=None)

    def say(self, key: str, words: Mapping[str, str] | None = None, *, voice: bool = False) -> str:
        """A fixed sentence with its words filled in.

        Raises
        ------
        KeyError
            There is no such sentence.
        jinja2.UndefinedError
            A word that it needs is not known.
        """
        message = self.messages[key]
        text = message.voice_text if voice and message.voice_text else message.text
        return render(text, {**self.usual_words(), **(words or {})})

    def usual_words(self) -> dict[str, str]:
        """Words that every text may use: the contacts."""
        return {
            "telephone_dechets": self.contacts["dechets"].shown_phone,
            "courriel_dechets": self.contacts["dechets"].email or "",
            "numero_secours": self.contacts["secours"].shown_phone,
            "numero_europeen": self.contacts["secours_europe"].shown_phone,
            "numero_sms": self.contacts["secours_sms"].shown_phone,
            "numero_samu": self.contacts["samu"].shown_phone,
            "numero_ecoute": self.contacts["ecoute"].shown_phone,
            "numero_gaz": self.contacts["gaz"].shown_phone,
            "horaires_accueil": DESK_HOURS,
        }


# Kept in step with datasets/calendar/horaires.yaml by a test.
DESK_HOURS = (
    "du lundi au vendredi de 9 h à 17 h, et le samedi de 9 h à 12 h pendant les vacances scolaires "
    "de la zone C"
)


def _specificity(answer: Answer) -> tuple[int, bool, int, date, str]:
    return (
        len(answer.when),
        bool(answer.communes),
        len(answer.needs),
        answer.valid_from,
        answer.identifier,
    )
