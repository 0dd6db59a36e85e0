"""``pouce campaign simulate``: observations drawn from a known truth, for a simulated campaign."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nudge.cli.console import CampaignArgument, StoreOption, say, store_of, user_errors

if TYPE_CHECKING:
    from nudge.simulation.stored_campaign import SimulatedFiles
    from nudge.simulation.true_effects import TrueEffect

DEFAULT_SEED = 2027


def simulate_command(
    campaign: CampaignArgument = "",
    truth: Annotated[
        Path | None,
        typer.Option(
            "--truth",
            metavar="VERITE.YAML",
            help="Vérité à simuler ; sinon des hypothèses, écrites dans le dossier.",
        ),
    ] = None,
    effect: Annotated[
        float | None,
        typer.Option(
            "--effect",
            min=-0.9,
            max=0.9,
            help="Effet vrai de chaque nudge : points de bacs bien triés (0.08 = 8 points), ou "
            "part du niveau pour les autres critères (0.08 = 8 % de mieux) ; négatif : en moins "
            "bien.",
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", min=0, help="Graine : la même redonne les mêmes fichiers.")
    ] = DEFAULT_SEED,
    units: Annotated[
        int | None,
        typer.Option(
            "--units",
            min=1,
            help="Logements visités, ou relevés, par zone et par vague ; sinon ce qui est prévu.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", metavar="DOSSIER", help="Dossier ; sinon « simulation » de la campagne."
        ),
    ] = None,
    show_example: Annotated[
        bool, typer.Option("--show-example", help="Affiche une vérité commentée et s'arrête.")
    ] = False,
    store: StoreOption = None,
) -> None:
    """Simule les relevés d'une campagne déclarée « simulation: oui », à partir d'une vérité connue.

    Avant le tirage, seuls les consentements et les vagues de référence sont écrits ; après, tout
    l'est.

    Code 0 : fichiers écrits ; 2 : refusé.
    """
    with user_errors():
        if show_example:
            _show_example()
            return
        if not campaign:
            raise typer.BadParameter("indiquer la campagne", param_hint="CAMPAGNE")
        from nudge.cli.console import identifier_of
        from nudge.simulation.stored_campaign import simulate_stored
        from nudge.territory.territory import load_territory

        identifier = identifier_of(campaign)
        written = simulate_stored(
            store_of(store),
            identifier,
            load_territory(),
            truth_path=truth,
            seed=seed,
            effect=effect,
            folder=output,
            units_per_zone=units,
        )
        _tell(campaign, written, store=store)


def _show_example() -> None:
    from nudge.simulation.truth import ArmTruth, Boomerang, Truth
    from nudge.simulation.truth_file import truth_to_yaml

    example = Truth(
        arms={
            "temoin": ArmTruth(complaints_per_100=0.05),
            "comparaison": ArmTruth(effect=0.03, half_life=26.0),
        },
        boomerang=Boomerang(threshold=0.95, effect=-0.02),
        spillover=0.2,
    )
    say(truth_to_yaml(example))


def _tell(campaign: str, written: "SimulatedFiles", *, store: str | None) -> None:
    from nudge.french.numbers import count

    for name, file in written.files.items():
        say(f"{file} : {count(len(written.field.frames[name]), 'ligne')}")
    zones = count(written.n_zones, "zone")
    say(f"{zones}, {written.units_per_zone} unités visitées par zone et par vague.")
    say(f"Vérité : {written.folder / 'verite.yaml'} ; effets vrais : verite.json, même dossier.")
    for effect in written.field.effects:
        say(f"- {_sentence(effect)}")
    say("")
    say("À taper ensuite :")
    option = "" if store is None else f" --store {store}"
    for file in written.files.values():
        say(f"  pouce campaign import {campaign} {file}{option}")
    if written.drawn:
        say(f"  pouce campaign monitor {campaign}{option}")
    else:
        say(f"  pouce campaign draw {campaign}{option}")
        say(
            "Seul ce qui précède le tirage est simulé : relancer la même commande après « draw » "
            "pour les vagues de suivi."
        )


def _sentence(effect: "TrueEffect") -> str:
    from nudge.french.numbers import NO_BREAK, decimal_comma, points
    from nudge.outcomes.catalogue import OUTCOMES

    outcome = OUTCOMES[effect.outcome]
    if outcome.is_share:
        size = points(effect.on_average_zone_as_seen)
    else:
        size = f"{decimal_comma(effect.on_average_zone_as_seen, 2)}{NO_BREAK}{outcome.unit}"
    return f"effet vrai de « {effect.arm} » sur {outcome.label}, tel qu'il est vu : {size}"
