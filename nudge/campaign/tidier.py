"""How an intervention is described: the TIDieR checklist (Hoffmann et al. 2014)."""

from pydantic import Field

from nudge.campaign.section import Section, Text


class Tidier(Section):
    """Twelve items that let others repeat what was done."""

    name: Text = Field(
        alias="nom",
        title="Nom",
        description="Nom ou phrase qui désigne l'intervention (TIDieR 1).",
    )
    why: Text = Field(
        alias="pourquoi",
        title="Pourquoi",
        description="Raison ou mécanisme attendu (TIDieR 2).",
    )
    materials: Text = Field(
        alias="supports",
        title="Supports",
        description="Ce qui est remis ou affiché, et où le trouver (TIDieR 3).",
    )
    procedures: Text = Field(
        alias="deroulement",
        title="Déroulement",
        description="Ce qui est fait, étape par étape (TIDieR 4).",
    )
    provider: Text = Field(
        alias="par_qui",
        title="Par qui",
        description="Qui remet ou pose, avec quelle formation (TIDieR 5).",
    )
    how: Text = Field(
        alias="comment",
        title="Comment",
        description="De visu, par courrier, à distance ; un par un ou en groupe (TIDieR 6).",
    )
    where: Text = Field(
        alias="ou",
        title="Où",
        description="Lieux (TIDieR 7).",
    )
    when: Text = Field(
        alias="quand_combien",
        title="Quand et combien",
        description="Nombre de passages, calendrier, durée (TIDieR 8).",
    )
    tailoring: str = Field(
        default="",
        alias="adaptation",
        title="Adaptation",
        description="Ce qui change d'une personne ou d'une zone à l'autre (TIDieR 9).",
    )
    modifications: str = Field(
        default="",
        title="Modifications",
        description="Changements en cours de campagne (TIDieR 10).",
    )
    fidelity_planned: str = Field(
        default="",
        alias="fidelite_prevue",
        title="Fidélité prévue",
        description="Comment la remise est vérifiée (TIDieR 11).",
    )
    fidelity_actual: str = Field(
        default="",
        alias="fidelite_observee",
        title="Fidélité observée",
        description=(
            "Ce qui a vraiment été fait ; calculé au rapport quand les remises sont saisies "
            "(TIDieR 12)."
        ),
    )
