"""A campaign: everything declared before anything is measured."""

from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from nudge.campaign.analysis_settings import AnalysisSettings, PowerSettings
from nudge.campaign.arm import Arm
from nudge.campaign.governance import Economics, Ethics, Legal, StopRules
from nudge.campaign.randomisation import Randomisation
from nudge.campaign.section import Identifier, Section, Text
from nudge.campaign.wave import Wave
from nudge.outcomes.catalogue import OUTCOMES
from nudge.outcomes.outcome import FAMILY_TITLES, Family, Outcome

SCHEMA_VERSION = 1
# Degradation that halts a campaign on a share, unless its file says otherwise: 5 points.
SHARE_STOP = 0.05
Conception = Literal["randomisee", "appariee_non_randomisee", "avant_apres", "descriptive"]


class Campaign(Section):
    """A whole campaign file; see :func:`nudge.campaign.load.load_campaign`."""

    version: Literal[1] = Field(
        title="Version du schéma",
        description="Toujours 1 pour l'instant.",
    )
    identifier: Identifier = Field(
        alias="identifiant",
        title="Identifiant",
        description="Nom court, en minuscules, sans accent ni espace.",
    )
    title: Text = Field(
        alias="titre",
        title="Titre",
        description="Titre de la campagne, tel qu'il paraîtra dans le rapport.",
    )
    simulation: bool = Field(
        default=False,
        title="Simulation",
        description="oui si les données sont simulées : tous les titres le disent.",
    )
    objective: Text = Field(
        alias="objectif",
        title="Objectif",
        description="Ce que la campagne cherche à savoir, en une phrase.",
    )
    family: Family = Field(
        alias="famille",
        title="Famille du critère",
        description=(
            "qualite, participation, quantite, incivilites ou sensibilisation ; jamais mêlées."
        ),
    )
    primary: Text = Field(
        alias="critere_principal",
        title="Critère principal",
        description="Nom d'un critère de la famille.",
    )
    secondary: tuple[str, ...] = Field(
        default=(),
        alias="criteres_secondaires",
        title="Critères secondaires",
        description="Autres critères, analysés à part et corrigés pour leur nombre.",
    )
    estimand: Literal["zone", "unite"] = Field(
        default="zone",
        alias="estimande",
        title="Effet visé",
        description=(
            "zone : effet sur la zone moyenne ; unite : effet sur le bac ou le relevé moyen."
        ),
    )
    population: Text = Field(
        title="Population",
        description="À qui le résultat s'appliquera.",
    )
    conception: Conception = Field(
        default="randomisee",
        title="Conception",
        description="randomisee, appariee_non_randomisee, avant_apres ou descriptive.",
    )
    randomisation: Randomisation = Field(
        alias="tirage",
        title="Zones et tirage",
        description="Zones, unité tirée au sort et règles.",
    )
    arms: tuple[Arm, ...] = Field(
        alias="groupes",
        title="Groupes",
        description="Le témoin et les groupes qui reçoivent un nudge.",
        min_length=1,
        max_length=8,
    )
    start: date = Field(
        alias="debut",
        title="Début du nudge",
        description="Premier jour des messages (AAAA-MM-JJ).",
    )
    end: date = Field(
        alias="fin",
        title="Fin du nudge",
        description="Dernier jour des messages (AAAA-MM-JJ).",
    )
    waves: tuple[Wave, ...] = Field(
        alias="vagues",
        title="Vagues de mesure",
        description="Mesures de référence et de suivi.",
        min_length=1,
    )
    analysis: AnalysisSettings = Field(
        alias="analyse",
        title="Analyse",
        description="Analyse verrouillée.",
        default_factory=AnalysisSettings,
    )
    power: PowerSettings | None = Field(
        default=None,
        alias="puissance",
        title="Puissance",
        description="Ce que la campagne peut voir.",
    )
    stop_rules: StopRules = Field(
        alias="arret",
        title="Règles d'arrêt",
        description="Quand la campagne est interrompue.",
        default_factory=StopRules,
    )
    legal: Legal = Field(
        alias="juridique",
        title="Bloc juridique",
        description="Données personnelles.",
        default_factory=Legal,
    )
    ethics: Ethics = Field(
        alias="ethique",
        title="Éthique",
        description="Liste de contrôle éthique.",
        default_factory=Ethics,
    )
    economics: Economics = Field(
        alias="economie",
        title="Économie",
        description="Coûts et quantités du territoire, si connus.",
        default_factory=Economics,
    )
    manager: str = Field(
        default="",
        alias="responsable_campagne",
        title="Responsable de campagne",
        description="Qui conduit la campagne.",
    )
    sources: tuple[str, ...] = Field(
        default=(),
        title="Sources",
        description="Origine des données et date de mise à jour, citées au rapport.",
    )

    @model_validator(mode="after")
    def _outcomes_of_the_family(self) -> Self:
        for name in (self.primary, *self.secondary):
            if name not in OUTCOMES:
                raise ValueError(
                    f"critère inconnu : « {name} » ; il y a {', '.join(sorted(OUTCOMES))}"
                )
        found = OUTCOMES[self.primary].family
        if found != self.family:
            raise ValueError(
                f"« {self.primary} » relève de la famille {FAMILY_TITLES[found]}, pas de "
                f"{FAMILY_TITLES[self.family]} : corriger « famille » ou « critere_principal »"
            )
        if self.primary in self.secondary or len(set(self.secondary)) < len(self.secondary):
            raise ValueError("un critère est nommé deux fois")
        return self

    @model_validator(mode="after")
    def _arms_fit_the_conception(self) -> Self:
        names = [arm.identifier for arm in self.arms]
        if len(set(names)) < len(names):
            raise ValueError("deux groupes portent le même identifiant")
        controls = sum(arm.control for arm in self.arms)
        compared = self.conception in {"randomisee", "appariee_non_randomisee"}
        if compared and (controls != 1 or len(self.arms) < 2):
            raise ValueError("un essai comparé a un groupe témoin et au moins un autre groupe")
        placed = [zone for arm in self.arms for zone in arm.zones]
        if self.conception == "randomisee" and placed:
            raise ValueError("dans un essai randomisé, les zones des groupes sont tirées au sort")
        if self.conception == "appariee_non_randomisee" and not all(a.zones for a in self.arms):
            raise ValueError("sans tirage au sort, chaque groupe nomme ses « zones »")
        if len(set(placed)) < len(placed):
            raise ValueError("une zone est nommée dans deux groupes")
        return self

    @model_validator(mode="after")
    def _dates_in_order(self) -> Self:
        if self.end < self.start:
            raise ValueError("« fin » vient avant « debut »")
        names = [wave.name for wave in self.waves]
        if len(set(names)) < len(names):
            raise ValueError("deux vagues portent le même nom")
        for wave in self.baseline_waves:
            if wave.end >= self.start:
                raise ValueError(
                    f"la vague de référence « {wave.name} » finit après le début du nudge"
                )
        for wave in self.follow_up_waves:
            if wave.start < self.start:
                raise ValueError(
                    f"la vague de suivi « {wave.name} » commence avant le début du nudge"
                )
        if not self.follow_up_waves:
            raise ValueError("au moins une vague de suivi est nécessaire")
        return self

    @property
    def control(self) -> Arm | None:
        """The comparison arm; None in a campaign without one."""
        return next((arm for arm in self.arms if arm.control), None)

    @property
    def nudged(self) -> tuple[Arm, ...]:
        """Arms that receive a nudge."""
        return tuple(arm for arm in self.arms if not arm.control)

    @property
    def baseline_waves(self) -> tuple[Wave, ...]:
        """Waves before the nudge, in order of date."""
        return tuple(sorted((w for w in self.waves if w.kind == "reference"), key=_first_day))

    @property
    def follow_up_waves(self) -> tuple[Wave, ...]:
        """Waves from the nudge on, in order of date."""
        return tuple(sorted((w for w in self.waves if w.kind == "suivi"), key=_first_day))

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """The primary outcome, then the secondary ones."""
        return tuple(OUTCOMES[name] for name in (self.primary, *self.secondary))

    @property
    def stopping_degradation(self) -> float | None:
        """Degradation of the primary outcome that halts, in its unit; None where none is set."""
        if self.stop_rules.boomerang is None and OUTCOMES[self.primary].is_share:
            return SHARE_STOP
        return self.stop_rules.boomerang

    @property
    def shown_title(self) -> str:
        """Title as it may be shown: a simulated campaign says so."""
        return f"SIMULATION – {self.title}" if self.simulation else self.title


def _first_day(wave: Wave) -> date:
    return wave.start
