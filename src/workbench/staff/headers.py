"""What every answer of the staff page tells the browser: nothing from elsewhere, nothing kept."""

import secrets
from collections.abc import Sequence

from tornado.httputil import HTTPHeaders, HTTPServerRequest
from tornado.web import OutputTransform

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Robots-Tag": "noindex, nofollow",
}
STATIC = "/static/"  # the libraries' own scripts and styles; everything else may hold data


class Headers(OutputTransform):
    """Adds the headers, and marks the scripts of a page so that none that comes later runs.

    Bokeh builds functions from text ('unsafe-eval') and sets styles in place. Every `<script` that
    is sent is one of its templates or ours, for what they embed is escaped; a script that is
    written into the page in the browser, also as an attribute of an image, has no mark and is not
    run.
    """

    def __init__(self, request: HTTPServerRequest, hosts: Sequence[str]) -> None:
        self._request, self._hosts = request, hosts

    def transform_first_chunk(
        self, status_code: int, headers: HTTPHeaders, chunk: bytes, finishing: bool
    ) -> tuple[int, HTTPHeaders, bytes]:
        """Called by Tornado with the beginning of each answer, which for a page is all of it."""
        for name, value in ALWAYS.items():
            headers[name] = value
        headers.pop("Server", None)
        if not self._request.path.startswith(STATIC):
            headers["Cache-Control"] = "no-store"
        if self._request.protocol == "https":
            headers["Strict-Transport-Security"] = "max-age=31536000"
        nonce = secrets.token_urlsafe(16)
        headers["Content-Security-Policy"] = policy(
            self._hosts, nonce, self._request.protocol == "https"
        )
        if headers.get("Content-Type", "").startswith("text/html") and chunk:
            chunk = chunk.replace(b"<script", f'<script nonce="{nonce}"'.encode())
            if finishing and "Content-Length" in headers:
                headers["Content-Length"] = str(len(chunk))
        return status_code, headers, chunk


def policy(hosts: Sequence[str], nonce: str, encrypted: bool) -> str:
    """The Content-Security-Policy of an answer; `hosts`: where the page may be opened at."""
    sockets = " ".join(f"{'wss' if encrypted else 'ws'}://{host}" for host in hosts)
    rules = {
        "default-src": "'none'",
        "script-src": f"'self' 'nonce-{nonce}' 'unsafe-eval'",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": f"'self' {sockets}",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())
