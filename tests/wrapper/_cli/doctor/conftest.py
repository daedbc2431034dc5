"""What the tests of the doctor share: a port that is listened on."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager

PATIENCE_SECONDS = 10


@contextmanager
def listening(context=None):
    """Accept one connection on a port of this machine, and shake hands where there is TLS."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE_SECONDS)

        def accept():
            connection, _ = listener.accept()
            with connection:
                if context is None:
                    return
                try:
                    context.wrap_socket(connection, server_side=True).close()
                except OSError:
                    return  # the client refused the certificate, which its side of the test shows

        thread = threading.Thread(target=accept)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()
