"""Errors whose message names the place and the mend; commands print them without a traceback."""


class InputError(ValueError):
    """The user's data, design or plan is wrong; the message says where and what to do."""


class AssumptionError(InputError):
    """A method was asked for where its assumptions fail; the message names the alternative."""


class AssumptionWarning(UserWarning):
    """A method was used near the edge of its assumptions; the text goes into the result."""
