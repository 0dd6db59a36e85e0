"""Sections on what was measured: waves, set-out, missing zones, split of zones over arms."""

import pandas as pd

from experiments.analysis.sample_ratio import sample_ratio
from nudge.errors import Problem
from nudge.french.numbers import and_list, count, decimal_comma, whole
from nudge.monitoring.field_data import FieldData
from nudge.monitoring.monitoring_report import Section, Show, Table
from nudge.monitoring.wave_coverage import missing_zones, set_out_totals, wave_totals

SHOWN = 10
KINDS = {"reference": "référence", "suivi": "suivi"}


def progress_section(field: FieldData) -> Section:
    """Return units and zones measured by wave, all arms together."""
    totals = wave_totals(field.measured_units, field.waves)
    shown = pd.DataFrame(
        {
            "Vague": totals["vague"],
            "Type": totals["type"].map(KINDS),
            "Début": totals["debut"],
            "Fin": totals["fin"],
            field.outcome.counted_plural.capitalize(): totals["unites"],
            "Zones": totals["zones"],
        }
    )
    counted = field.outcome.counted_plural.capitalize()
    shows: dict[str, Show] = {"Début": "date", "Fin": "date", counted: "count", "Zones": "count"}
    tables = [
        Table(
            caption="Mesures par vague, tous groupes confondus",
            frame=shown,
            shows=shows,
        )
    ]
    if len(field.checks):
        tables.append(_set_out_table(field))
    zones = count(len(field.zones), "zone")
    return Section(
        key="avancement",
        title="Avancement des mesures",
        sentences=(f"La campagne compte {zones}. Les groupes sont confondus.",),
        tables=tuple(tables),
    )


def missing_section(field: FieldData) -> Section:
    """Return which zones lack which wave that has ended."""
    lost = missing_zones(field.measured_units, field.waves, field.zone_ids, today=field.today)
    lost = {wave: zones for wave, zones in lost.items() if zones}
    if not lost:
        return Section(
            key="manques",
            title="Zones manquantes",
            sentences=("Toutes les zones ont été mesurées dans les vagues terminées.",),
        )
    frame = pd.DataFrame(
        {
            "Vague": list(lost),
            "Zones manquantes": [len(zones) for zones in lost.values()],
            "Lesquelles": [_few(zones) for zones in lost.values()],
        }
    )
    return Section(
        key="manques",
        title="Zones manquantes",
        sentences=(
            "Une zone non mesurée pendant le suivi sort de l'analyse de cette vague : relancer les "
            "équipes tant que la vague peut être rattrapée, et noter la raison.",
        ),
        tables=(
            Table(
                caption="Zones sans aucune mesure dans une vague terminée",
                frame=frame,
                shows={"Zones manquantes": "count"},
            ),
        ),
    )


def split_section(field: FieldData) -> Section:
    """Return the check on the numbers of zones of each arm among those that were measured."""
    key, title = "repartition", "Répartition des zones"
    arms = [arm.identifier for arm in field.campaign.arms]
    if not field.arms or len(arms) < 2 or field.campaign.conception != "randomisee":
        return Section(key=key, title=title, sentences=("Sans tirage au sort, rien à vérifier.",))
    follow_up = [wave.name for wave in field.campaign.follow_up_waves]
    units = field.measured_units
    measured = set(units.loc[units["vague"].isin(follow_up), "zone_id"])
    kept = [zone for zone in field.zone_ids if zone in field.arms]
    words = "tirées au sort"
    if measured:
        kept, words = [zone for zone in kept if zone in measured], "mesurées au moins une fois"
    strata = None if field.context is None else field.context.strata
    found = sample_ratio(
        [arms.index(field.arms[zone]) for zone in kept],
        ratios=[arm.ratio for arm in field.campaign.arms],
        arms=arms,
        stratum=None if strata is None else [strata[zone] for zone in kept],
    )
    titles = {arm.identifier: arm.title for arm in field.campaign.arms}
    frame = pd.DataFrame(
        {
            "Groupe": [titles[arm] for arm in found.arms],
            "Zones": list(found.clusters),
            "Zones attendues": list(found.expected_clusters),
        }
    )
    chance = decimal_comma(found.p_clusters, 3)
    suspect = found.verdict == "suspect"
    sentence = f"Zones {words} : un écart aussi grand aurait une probabilité de {chance}."
    alerts = (
        Problem(
            place="zones",
            what="le nombre de zones par groupe n'est pas celui que le tirage devait donner",
            mend="chercher des zones perdues, déplacées ou comptées deux fois depuis le tirage",
        ),
    )
    return Section(
        key=key,
        title=title,
        sentences=(sentence,),
        tables=(
            Table(
                caption=f"Zones {words}, par groupe",
                frame=frame,
                shows={"Zones": "count", "Zones attendues": "number"},
            ),
        ),
        alerts=alerts if suspect else (),
    )


def _set_out_table(field: FieldData) -> Table:
    totals = set_out_totals(field.checks, field.waves)
    return Table(
        caption="Bacs présentés par vague, tous groupes confondus",
        frame=totals.rename(
            columns={
                "vague": "Vague",
                "logements": "Logements contrôlés",
                "presentes": "Bacs présentés",
                "part_presentes": "Part présentée",
            }
        ),
        shows={
            "Logements contrôlés": "count",
            "Bacs présentés": "count",
            "Part présentée": "share",
        },
    )


def _few(zones: tuple[str, ...]) -> str:
    if len(zones) <= SHOWN:
        return and_list(zones)
    return f"{', '.join(zones[:SHOWN])} et {whole(len(zones) - SHOWN)} autres"
