"""The error tree. Each error has an HTTP status and an exit code.

LookalikeError                 500  1   everything below
├── UsageError                 400  2   the request or the command line is wrong
│   ├── BadFilter              422  2   an invalid filter
│   ├── BadVector              422  2   NaN, infinite, all zeros or of the wrong length
│   ├── BadQuery               422  2   an empty query, or one beyond a limit
│   ├── BadEvent              422  2   an invalid event
│   ├── BadRule               422  2   an invalid rule
│   ├── BadText                422  2   a text with a NUL character
│   ├── BadKey                 422  2   an invalid key
│   ├── BadName                422  2   a name that no catalog can have
│   └── UnknownRecipe          422  2   no recipe or encoder of that name
├── BadImage                   422  4   not a usable picture
│   ├── UnsupportedFormat      415  4   a format outside the allow list
│   └── ImageTooLarge          413  4   too many bytes or pixels
├── BadFeed                    422  4   a feed that cannot be read at all
├── FetchError                 422  4   a URL that could not be read
│   └── FetchRefused           422  4   a URL that must not be requested
├── SourceError                502  4   a shop system that could not be read
│   ├── SourceDenied           502  4   the shop does not accept the token
│   └── SourceUnavailable      502  4   the shop does not respond
├── NotFound                   404  5   no such product, photo or page
├── Conflict                   409  6   it conflicts with the state of the catalog
├── AccessDenied               403  7   the key does not allow this
│   ├── KeyMissing             401  7   no key was given
│   ├── KeyInvalid             401  7   a key that is unknown, expired or revoked
│   ├── BadDelivery            401  7   a webhook without a valid signature, or too old
│   └── WrongHost              421  7   a host name that the server does not answer to
├── TooMany                    429  8   try again later
├── Unavailable                503  9   a required service does not respond
│   ├── Overloaded             503  9   more requests than the server can answer in time
│   ├── DatabaseBusy           503  9   another process is writing
│   ├── DatabaseBroken         503  9   the disk or the file fails
│   ├── IndexUnavailable       503  9   the vector search server does not respond
│   ├── ModelMissing           503  9   a model file that is not installed
│   └── BadModel               503  9   a model file that does not match its record
├── OutputFailed               507 11   a file or standard output cannot be written
└── ExtraMissing               501 10   an optional part that is not installed
"""

from __future__ import annotations

from pathlib import Path


def install_command(extra: str) -> str:
    """The command that installs an optional part; in a source checkout, the one to run there."""
    if (Path(__file__).parents[2] / "pyproject.toml").is_file():
        return f"pip install -e '.[{extra}]'"
    return f"pip install 'lookalike[{extra}]'"


class LookalikeError(Exception):
    """The base of all errors. The message says what to do next."""

    status = 500
    exit_code = 1

    @property
    def title(self) -> str:
        """The title of the error in problem JSON."""
        name = type(self).__name__
        return "".join(f" {c.lower()}" if c.isupper() and i else c for i, c in enumerate(name))


class UsageError(LookalikeError):
    """The request or the command line is wrong."""

    status = 400
    exit_code = 2


class BadFilter(UsageError):
    """An invalid filter."""

    status = 422


class BadVector(UsageError):
    """A vector with NaN, infinity, only zeros, or of the wrong length."""

    status = 422


class BadQuery(UsageError):
    """An empty query, or one beyond a limit."""

    status = 422


class BadEvent(UsageError):
    """An invalid event."""

    status = 422


class BadRule(UsageError):
    """An invalid rule."""

    status = 422


class BadExperiment(UsageError):
    """An experiment that cannot be run."""

    status = 422


class BadText(UsageError):
    """A text with a NUL character."""

    status = 422


class BadKey(UsageError):
    """An invalid key."""

    status = 422


class BadName(UsageError):
    """A name that no catalog can have."""

    status = 422


class UnknownRecipe(UsageError):
    """No recipe or encoder has that name."""

    status = 422


class BadImage(LookalikeError):
    """Not a usable picture."""

    status = 422
    exit_code = 4


class UnsupportedFormat(BadImage):
    """A picture format outside the allow list."""

    status = 415


class ImageTooLarge(BadImage):
    """A picture of too many bytes or pixels."""

    status = 413


class BadFeed(LookalikeError):
    """A feed that cannot be read at all."""

    status = 422
    exit_code = 4


class FetchError(LookalikeError):
    """A URL that could not be read."""

    status = 422
    exit_code = 4


class FetchRefused(FetchError):
    """A URL that must not be requested."""


class SourceError(LookalikeError):
    """A shop system that could not be read."""

    status = 502
    exit_code = 4


class SourceDenied(SourceError):
    """The shop does not accept the token, or the token lacks a permission."""


class SourceUnavailable(SourceError):
    """The shop does not respond after several attempts."""


class NotFound(LookalikeError):
    """No such product, photo or page."""

    status = 404
    exit_code = 5


class Conflict(LookalikeError):
    """The request conflicts with the state of the catalog."""

    status = 409
    exit_code = 6


class AccessDenied(LookalikeError):
    """The key does not allow this."""

    status = 403
    exit_code = 7


class KeyMissing(AccessDenied):
    """No key was given where one is needed."""

    status = 401


class BadDelivery(AccessDenied):
    """A webhook without a valid signature, or one that is too old."""

    status = 401


class KeyInvalid(AccessDenied):
    """A key that is unknown here, has expired or was revoked."""

    status = 401


class WrongHost(AccessDenied):
    """The request names a host that the server does not answer to."""

    status = 421


class TooMany(LookalikeError):
    """More requests than are served at once."""

    status = 429
    exit_code = 8

    def __init__(self, message: str, retry_after: float = 2.0) -> None:
        """`retry_after` says in how many seconds the same request will be served."""
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(LookalikeError):
    """A required service does not respond."""

    status = 503
    exit_code = 9


class Overloaded(Unavailable):
    """The server has more requests than it can answer in time."""


class DatabaseBusy(Unavailable):
    """Another process is writing and did not finish in time."""


class DatabaseBroken(Unavailable):
    """The disk or the database file fails."""


class IndexUnavailable(Unavailable):
    """The vector search server does not respond, or refuses."""


class ModelMissing(Unavailable):
    """A model file that is not installed."""


class BadModel(Unavailable):
    """A model file that does not match its record."""


class OutputFailed(LookalikeError):
    """A file or standard output that cannot be written."""

    status = 507
    exit_code = 11


class ExtraMissing(LookalikeError):
    """An optional part that is not installed."""

    status = 501
    exit_code = 10
