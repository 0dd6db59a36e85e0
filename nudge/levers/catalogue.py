"""All levers: adding one is adding a module of this package that exports ``LEVER``."""

from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

import nudge.levers
from nudge.errors import CampaignError, Problem
from nudge.levers.lever import Lever


@cache
def levers() -> MappingProxyType[str, Lever]:
    """Return every lever by its identifier, in alphabetical order of identifiers.

    Raises
    ------
    TypeError
        Where two modules export the same identifier.
    """
    found: dict[str, Lever] = {}
    for module in iter_modules(nudge.levers.__path__, "nudge.levers."):
        lever = getattr(import_module(module.name), "LEVER", None)
        if isinstance(lever, Lever):
            if lever.identifier in found:
                raise TypeError(f"two levers are called {lever.identifier}")
            found[lever.identifier] = lever
    return MappingProxyType({name: found[name] for name in sorted(found)})


def lever_of(identifier: str) -> Lever:
    """Return the lever of that identifier.

    Raises
    ------
    CampaignError
        In French, with the nearest identifier or the list of them.
    """
    known = levers()
    if identifier in known:
        return known[identifier]
    near = get_close_matches(identifier, known, n=1)
    mend = f"vouliez-vous « {near[0]} » ?" if near else f"leviers connus : {', '.join(known)}"
    raise CampaignError(Problem(what=f"le levier « {identifier} » n'existe pas", mend=mend))
