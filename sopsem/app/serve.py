"""Run the local page until it is ended; uploaded files are gone then, however it ends."""

import json
import secrets
import signal
import socket
import sys
import tempfile
from types import FrameType

import uvicorn

from sopsem.app.guard import Guard
from sopsem.app.server import application
from sopsem.errors import UsageError

__all__ = ["listening", "serve"]

ADDRESS = "127.0.0.1"


def serve(port: int = 0, *, as_json: bool = False) -> None:
    """Listen on 127.0.0.1 and print the address with its token; return when interrupted.

    Parameters
    ----------
    port : int
        0 takes a free one.
    as_json : bool
        Print the address in a JSON object.

    Raises
    ------
    UsageError
        The port is taken.

    """
    token = secrets.token_urlsafe(24)
    with listening(port) as listener, tempfile.TemporaryDirectory(prefix="sopsem-app-") as folder:
        port = listener.getsockname()[1]
        before, tempfile.tempdir = tempfile.tempdir, folder  # the framework keeps uploads in temporary files
        signal.signal(signal.SIGTERM, _leave)
        try:
            address = f"http://{ADDRESS}:{port}/?token={token}"
            sys.stdout.write(f"{json.dumps({'address': address}) if as_json else address}\n")
            sys.stdout.flush()
            guarded = Guard(application(), token=token, port=port)
            settings = uvicorn.Config(guarded, log_level="warning", access_log=False, server_header=False)
            uvicorn.Server(settings).run(sockets=[listener])
        finally:
            tempfile.tempdir = before


def listening(port: int) -> socket.socket:
    """Return a socket bound to a port of this machine; UsageError where it is taken."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((ADDRESS, port))
    except OSError as error:
        listener.close()
        raise UsageError(
            f"port {port} of {ADDRESS} cannot be used ({error.strerror}); choose another with --port, or 0 for any"
        ) from error
    return listener


def _leave(number: int, frame: FrameType | None) -> None:
    """End as by Ctrl-C, so that temporary files are removed."""
    del number, frame
    raise SystemExit(0)
