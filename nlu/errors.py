"""Errors whose message names the place and the mend; commands print them without a traceback."""


class InputError(ValueError):
    """The user's file, option or configuration is wrong; the message says where and what to do."""
