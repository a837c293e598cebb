"""Loads the trusted certificates: the system's, or those that `SSL_CERT_FILE` or `SSL_CERT_DIR` names."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from pathlib import Path

from ralph.core.errors import Kind, ProviderFailure

_FILE, _FOLDER = "SSL_CERT_FILE", "SSL_CERT_DIR"


def certificates(environ: Mapping[str, str]) -> ssl.SSLContext:
    """Return the SSL context for all wires. Raises `ProviderFailure`, which names the variable of an unusable file."""
    file, folder = environ.get(_FILE, "").strip(), environ.get(_FOLDER, "").strip()
    if not file and not folder:
        import truststore

        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if file:
        try:
            context.load_verify_locations(cafile=file)
        except ssl.SSLError:
            raise _useless(_FILE, file, "holds no certificate in PEM form") from None
        except OSError as error:
            raise _useless(_FILE, file, f"cannot be read: {error.strerror or error}") from None
        except ValueError:
            raise _useless(_FILE, file, "is not a path") from None
    for one in [folder] if Path(folder).is_dir() else folder.split(os.pathsep):
        if not one:
            continue
        if not Path(one).is_dir():
            raise _useless(_FOLDER, one, "is not a folder")
        context.load_verify_locations(capath=one)
    return context


def _useless(variable: str, path: str, why: str) -> ProviderFailure:
    message = f"{variable}: {path} {why}; name a file of certificates that is there, or unset it"
    return ProviderFailure(Kind.CONFIG, message, rejected=True)
