"""Refusals at the door, before a route runs, in the form of GeoReport v2."""

from starlette.responses import Response

from nudge.french.typography import typeset
from serving.incidents.open311_error import Open311Error
from serving.incidents.open311_form import MEDIA_TYPES, Format, written_error
from serving.security.problem import ProblemError, problem_content, status_of

PREFIX = "/open311/v2/"
IN_A_FORM = typeset("Un formulaire envoyé par POST peut la donner dans son champ « api_key ».")


def open311_refusal(error: ProblemError, *, path: str) -> Response | None:
    """Return the response that tells a refusal to a client of GeoReport v2.

    Parameters
    ----------
    error
        The refusal.
    path
        Path of the request; None is returned where it is not one of GeoReport v2.
    """
    if not path.startswith(PREFIX):
        return None
    extension: Format = "xml" if path.endswith(".xml") else "json"
    told = problem_content(error.kind, detail=error.detail)
    faults = tuple(f"{one.place} : {one.what}" for one in error.errors)
    if error.kind == "unauthenticated":
        # HTTP knows no scheme for a field of a form: only the words can name it.
        faults = (f"{told['detail']} {IN_A_FORM}",)
    refusal = Open311Error(
        status=status_of(error.kind), descriptions=faults or (str(told["detail"]),)
    )
    return Response(
        written_error(refusal, extension=extension),
        status_code=refusal.status,
        headers=dict(error.headers),
        media_type=f"{MEDIA_TYPES[extension]}; charset=utf-8",
    )
