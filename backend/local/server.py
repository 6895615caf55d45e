"""HTTP/1.1 on loopback, handed to the gateway."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import AddressValueError, IPv4Address
import logging
from typing import Any, override

from .gateway import PAYLOAD_LIMIT, Gateway, HttpAnswer, HttpRequest

logger = logging.getLogger(__name__)


class LocalServer(ThreadingHTTPServer):
    """Serves a gateway on an address of 127.0.0.0/8, and on nothing else.

    The traffic is plain HTTP with a secret in its header: it must not leave the machine.
    """

    def __init__(self, gateway: Gateway, *, host: str = "127.0.0.1", port: int = 0) -> None:
        """Bind, without serving yet.

        Raises:
            ValueError: the host is not a loopback address.
            OSError: the port is taken.
        """
        try:
            loopback = IPv4Address(host).is_loopback
        except AddressValueError:
            loopback = False
        if not loopback:
            raise ValueError(f"not an address of 127.0.0.0/8: {host}")
        self.gateway = gateway
        super().__init__((host, port), _Connection)

    @property
    def url(self) -> str:
        """Where it listens."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"

    @override
    def server_close(self) -> None:
        super().server_close()
        self.gateway.stop()


class _Connection(BaseHTTPRequestHandler):
    """One connection, kept alive between requests."""

    server: LocalServer
    protocol_version = "HTTP/1.1"
    timeout = 60
    # both: else the body waits for the acknowledgement of the headers, 40 ms each time
    disable_nagle_algorithm = True
    wbufsize = 64 * 1024

    def _serve(self) -> None:
        if (length := self._body_length()) is None:
            self.close_connection = True
            self._send(HttpAnswer(411, [], b""))
        elif length > PAYLOAD_LIMIT:
            self.close_connection = True
            self._send(HttpAnswer(413, [], b""))
        else:
            request = HttpRequest(
                method=self.command,
                target=self.path,
                headers=self.headers.items(),
                body=self.rfile.read(length),
                source_ip=str(self.client_address[0]),
            )
            self._send(self.server.gateway.answer(request))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 (the names it calls)

    def _body_length(self) -> int | None:
        """Return the bytes to read; None when the request does not say it in one plain number."""
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdigit()):
            return None
        return int(length)

    def _send(self, answer: HttpAnswer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer.body)

    @override
    def log_message(self, format: str, *args: Any) -> None:
        logger.debug(format, *args)
