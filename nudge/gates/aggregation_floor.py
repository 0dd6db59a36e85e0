"""Gate: a figure shown to a street covers enough dwellings for no one to be recognised."""

import numpy as np

from nudge.french.numbers import and_list, count
from nudge.gates.gate import GateContext, GateResult, reason

# Assumptions of the product, decided by no regulation: shown as such to the manager.
FEWEST_DWELLINGS = 10
FEWEST_SET_OUT = 5
MOST_SHOWN = 5
RESIDENTIAL_UNITS = frozenset({"rue", "sous_secteur", "tournee", "commune"})


def check(context: GateContext) -> GateResult:
    """Refuse street figures over fewer than 10 dwellings or 5 expected measurements."""
    title = "Effectifs affichés"
    campaign = context.campaign
    shown = [arm for arm in campaign.nudged if arm.message and arm.message.norm_outcome]
    if not shown or campaign.randomisation.unit not in RESIDENTIAL_UNITS:
        fact = "Aucun chiffre de rue n'est affiché."
        return GateResult(name="aggregation_floor", title=title, facts=(fact,))
    dwellings = context.zones["n_logements"].to_numpy(dtype=float)
    units = np.inf if campaign.power is None else campaign.power.units
    seen = np.minimum(dwellings, units)
    small = (dwellings < FEWEST_DWELLINGS) | (seen < FEWEST_SET_OUT)
    fact = (
        f"Un chiffre de rue porte sur {FEWEST_DWELLINGS} logements au moins, dont "
        f"{FEWEST_SET_OUT} relevés attendus (règle de prudence de l'outil)."
    )
    if not small.any():
        return GateResult(name="aggregation_floor", title=title, facts=(fact,))
    names = context.zones.loc[small, "zone_id"].tolist()
    more = " …" if len(names) > MOST_SHOWN else ""
    what = (
        f"{count(len(names), 'zone')} sous {FEWEST_DWELLINGS} logements ou {FEWEST_SET_OUT} "
        f"relevés attendus : {and_list(names[:MOST_SHOWN])}{more}"
    )
    mend = f"écrire logements_min: {FEWEST_DWELLINGS} ou davantage, ou unites_par_zone: 5"
    refused = reason(what, mend, field="tirage, eligibilite, logements_min")
    return GateResult(name="aggregation_floor", title=title, reasons=(refused,), facts=(fact,))
