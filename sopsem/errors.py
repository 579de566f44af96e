"""Every exception of sopsem, each with the exit code the command line ends with.

This module imports nothing, so every room may use it.  A message says what is wrong, where it is, what was
found, what was expected, and what to do.
"""

__all__ = [
    "ConvergenceError",
    "DataError",
    "FileError",
    "MissingTable",
    "ModelError",
    "ModelSyntaxError",
    "PolicyError",
    "PrivacyError",
    "ResourceLimitError",
    "SopsemError",
    "UsageError",
    "VerificationError",
]


class SopsemError(Exception):
    """Base of every error that sopsem raises on purpose; ``exit_code`` is the process exit code."""

    exit_code = 1


class UsageError(SopsemError):
    """An argument is outside what the function or the command accepts."""

    exit_code = 2


class FileError(SopsemError):
    """A file is missing, empty, unreadable or unsafe."""

    exit_code = 3


class DataError(SopsemError):
    """The data break a rule: a column, a code, a row, a covariance matrix.

    Of operational tables also: the rule's ``code`` (of the first fault), its ``table``, ``column`` and ``rows``,
    and ``notices``, every fault found.
    """

    exit_code = 4

    def __init__(
        self,
        message: str = "",
        *,
        code: str = "",
        table: str = "",
        column: str = "",
        rows: tuple[int, ...] = (),
        notices: tuple[object, ...] = (),
    ) -> None:
        """Keep the message and where the first fault is."""
        super().__init__(message)
        self.code, self.table, self.column, self.rows, self.notices = code, table, column, rows, notices


class MissingTable(DataError):  # noqa: N818 - the name of the specification
    """A table that a computation needs was not given."""


class PolicyError(UsageError):
    """A threshold of ``policy.toml`` that is not known, or not of the kind it must be."""


class ModelError(SopsemError):
    """The model cannot be estimated from these variables: unknown names, not identified, negative df."""

    exit_code = 5


class ModelSyntaxError(ModelError):
    """Model text that does not parse; the message shows the line with a caret under the character."""


class ConvergenceError(SopsemError):
    """The optimiser stopped before its certificate held, or the solution is improper and that was refused."""

    exit_code = 6


class PrivacyError(SopsemError):
    """A result would single out respondents."""

    exit_code = 7


class ResourceLimitError(SopsemError):
    """An input is larger or deeper than the documented limits."""

    exit_code = 8


class VerificationError(SopsemError):
    """A result on record is not what its manifest gives when it is made again."""

    exit_code = 9
