"""A mail server and webhooks on this machine, for tests of deliveries.

    receive.py FOLDER CERTIFICATE KEY SETTINGS

SETTINGS is JSON: {"mail": {…}, "hook": {…}}, each optional. The ports are printed as JSON on one line; then
everything that arrives is written to FOLDER until standard input ends. Messages are taken apart by the `email`
package and signs are computed by `hmac`: both know nothing of the program that sent them.
"""

import base64
import hashlib
import hmac
import json
import pathlib
import socketserver
import ssl
import sys
import threading
import time
import urllib.parse
from email import policy
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FOLDER, CERTIFICATE, KEY = (pathlib.Path(argument) for argument in sys.argv[1:4])
SETTINGS = json.loads(sys.argv[4])
LOCK = threading.Lock()
COUNTS = {"mail": 0, "hook": 0, "login": 0}


def put(kind, content, raw=None):
    """Writes what arrived: a description, all at once, behind the bytes themselves."""
    with LOCK:
        COUNTS[kind] += 1
        number = COUNTS[kind]
        if raw is not None:
            (FOLDER / f"{kind}-{number}.raw").write_bytes(raw)
        part = FOLDER / f"{kind}-{number}.part"
        part.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        part.rename(FOLDER / f"{kind}-{number}.json")


def secured(sock):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE, KEY)
    return context.wrap_socket(sock, server_side=True)


class Mail(socketserver.BaseRequestHandler):
    """One connection of a client, by RFC 5321, 3207 and 4954, as strict as a server may be."""

    def setup(self):
        self.way = SETTINGS["mail"]
        self.is_secure = False
        self.user = None
        self.restart()

    def restart(self):
        self.hello, self.sender, self.receivers = None, None, []

    def say(self, line):
        self.file.write(line.encode() + b"\r\n")
        self.file.flush()

    def ask(self):
        line = self.file.readline(4096)
        if not line:
            raise ConnectionError
        assert line.endswith(b"\r\n"), line
        return line[:-2].decode("ascii")

    def open(self):
        self.file = self.request.makefile("rwb", buffering=0)

    def handle(self):
        try:
            if self.way.get("silent"):
                time.sleep(30)
                return
            if self.way["tls"] == "implicit":
                self.request, self.is_secure = secured(self.request), True
            self.open()
            self.say(self.way.get("greeting", "220 mail.example.cn ready"))
            while self.obey(self.ask()):
                pass
        except (ConnectionError, ssl.SSLError, OSError):
            return

    def obey(self, line):
        word, _, rest = line.partition(" ")
        word = word.upper()
        if word == "QUIT":
            self.say("221 bye")
            return False
        if word == "EHLO":
            self.restart()
            self.hello = rest
            offers = ["mail.example.cn", "8BITMIME", f"SIZE {self.way.get('size', 0)}"]
            if self.way["tls"] == "starttls" and not self.is_secure:
                offers.append("STARTTLS")
            else:
                offers.append(f"AUTH {self.way.get('logins', 'PLAIN LOGIN')}")
            for offer in offers[:-1]:
                self.say(f"250-{offer}")
            self.say(f"250 {offers[-1]}")
        elif word == "STARTTLS" and self.way["tls"] == "starttls" and not self.is_secure:
            self.say("220 go on")
            self.request, self.is_secure = secured(self.request), True
            self.open()
            self.restart()
        elif self.hello is None:
            self.say("503 greet first")
        elif word == "AUTH":
            self.log_in(rest)
        elif word == "MAIL" and self.way.get("password") and self.user is None:
            self.say("530 log in first")
        elif word == "MAIL":
            self.sender = rest
            self.say("250 ok")
        elif word == "RCPT" and self.sender:
            receiver = rest.removeprefix("TO:<").removesuffix(">")
            if receiver in self.way.get("refused", []):
                self.say("550 5.1.1 no such user")
            else:
                self.receivers.append(receiver)
                self.say("250 ok")
        elif word == "DATA" and self.receivers:
            self.say("354 go on")
            self.take()
        else:
            self.say("503 not now")
        return True

    def log_in(self, rest):
        way, _, first = rest.partition(" ")
        decoded = lambda text: base64.b64decode(text, validate=True).decode()
        if way not in self.way.get("logins", "PLAIN LOGIN").split():
            self.say("504 unknown way")
            return
        if way == "PLAIN":
            _, user, password = decoded(first).split("\0")
        elif way == "LOGIN":
            self.say("334 VXNlcm5hbWU6")
            user = decoded(self.ask())
            self.say("334 UGFzc3dvcmQ6")
            password = decoded(self.ask())
        else:
            self.say("334 PDE2MzYuMUBtYWlsPg==")
            self.ask()
            self.say("535 no")
            return
        put("login", {"user": user, "way": way, "is_secure": self.is_secure})
        if password == self.way.get("password"):
            self.user = user
            self.say("235 welcome")
        else:
            # A server that repeats what it was told must not make it known.
            self.say(f"535 5.7.8 wrong password {password} ({first})")

    def take(self):
        raw = b""
        while True:
            line = self.file.readline(1001)
            assert line.endswith(b"\r\n"), "a line of at most 1000 bytes that ends as lines do"
            if line == b".\r\n":
                break
            raw += line.removeprefix(b".") if line.startswith(b".") else line
        answer = self.way.get("data_answer", "250 2.0.0 queued")
        if answer.startswith("250"):
            put("mail", self.described(raw), raw)
        self.say(answer)

    def described(self, raw):
        message = BytesParser(policy=policy.default).parsebytes(raw)
        assert not message.defects, message.defects
        body = message.get_body(("plain",))
        attachments = [
            {
                "name": part.get_filename(),
                "type": part.get_content_type(),
                "base64": base64.b64encode(part.get_payload(decode=True)).decode(),
            }
            for part in message.iter_attachments()
        ]
        return {
            "envelope_from": self.sender,
            "envelope_to": self.receivers,
            "hello": self.hello,
            "is_secure": self.is_secure,
            "user": self.user,
            "headers": {name: str(value) for name, value in message.items()},
            "text": body.get_content(),
            "attachments": attachments,
        }


class Hook(BaseHTTPRequestHandler):
    """One message to a webhook."""

    def do_POST(self):
        way = SETTINGS["hook"]
        if way.get("silent"):
            time.sleep(30)
            return
        body = self.rfile.read(int(self.headers["Content-Length"]))
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query, strict_parsing=bool(url.query)))
        message = json.loads(body)
        put(
            "hook",
            {
                "path": url.path,
                "query": query,
                "type": self.headers["Content-Type"],
                "authorization": self.headers["Authorization"],
                "message": message,
                "is_signed": self.is_signed(way.get("secret", ""), query, message),
            },
        )
        answer = way.get("answer", '{"errcode":0,"errmsg":"ok"}').encode()
        self.send_response(way.get("status", 200))
        if way.get("location"):
            self.send_header("Location", way["location"])
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def is_signed(self, secret, query, message):
        """Whether the message has the sign of one of the services, as each describes it."""
        given = query if "sign" in query else message
        if not secret or "sign" not in given:
            return None
        text = f"{given['timestamp']}\n{secret}".encode()
        key, content = (secret.encode(), text) if given is query else (text, b"")
        wanted = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
        return hmac.compare_digest(wanted, given["sign"])

    def log_message(self, *_):
        pass


def start(server):
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def main():
    ports = {}
    if "mail" in SETTINGS:
        ports["mail"] = start(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mail))
    if "hook" in SETTINGS:
        server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        if SETTINGS["hook"].get("tls"):
            server.socket = secured(server.socket)
        ports["hook"] = start(server)
    print(json.dumps(ports), flush=True)
    sys.stdin.read()


main()
