"""An SMTP server that misbehaves as told: which reply comes when, what is left out, when the line is cut. All of it is data.

    with FakeSmtp(replies={"RCPT": "550 Invalid User"}) as server:
        … server.port; server.messages; server.commands; server.connections

Keys: replies {stage: text or list of texts, used up one by one, the last one stays}, stages GREETING, EHLO (the lines after the
first), AUTH, MAIL, RCPT, DATA, DOT; `cut`: the stage at which the connection is closed instead of a reply (BODY: while the letter
is coming); `delay` {stage: seconds}; `tls`: (certificate, key) for TLS from the first byte; `starttls`: the same for STARTTLS;
`per_connection`: letters after which the connection is closed without a word."""
import socket
import ssl
import threading
import time

DEFAULTS = {"GREETING": "220 fake.example.com ESMTP", "AUTH": "235 2.7.0 ok", "MAIL": "250 2.1.0 ok", "RCPT": "250 2.1.5 ok",
            "DATA": "354 go on", "DOT": "250 2.0.0 queued as FAKE1", "NOOP": "250 ok", "RSET": "250 ok", "QUIT": "221 bye"}
CUT_BYTES = 2000  # of the letter read before the line is cut at BODY


class Cut(Exception):
    """The connection ends here."""


class Session:
    def __init__(self, server, connection):
        self.server, self.connection = server, connection
        self.file = connection.makefile("rb")
        self.sender = self.recipients = None
        self.done = 0
        self.authenticated = False

    def reply(self, stage, text=None):
        time.sleep(self.server.delay.get(stage, 0))
        if self.server.cut == stage:
            raise Cut
        text = text or self.server.next_reply(stage)
        raw = text if isinstance(text, bytes) else text.encode()
        self.connection.sendall(raw + b"\r\n")
        return raw

    def line(self):
        data = self.file.readline(100000)
        if not data:
            raise Cut
        return data

    def run(self):
        self.reply("GREETING")
        while True:
            command = self.line()
            self.server.commands.append(command)
            verb = command[:4].upper().strip().decode("latin-1")
            handler = getattr(self, "on_" + verb.lower(), None)
            if handler:
                handler(command)
            else:
                self.reply(verb, None if verb in DEFAULTS else "502 not here")
            if verb == "QUIT":
                raise Cut

    def on_ehlo(self, command):
        lines = ["fake.example.com", "8BITMIME", "SIZE 99999999"]
        if self.server.starttls and not isinstance(self.connection, ssl.SSLSocket):
            lines.append("STARTTLS")
        lines += self.server.replies.get("EHLO", ["AUTH PLAIN LOGIN"])
        text = "\r\n".join("250%s%s" % ("-" if i < len(lines) - 1 else " ", line) for i, line in enumerate(lines))
        self.reply("EHLO", text)

    def on_star(self, command):
        if not self.server.starttls:
            self.reply("STARTTLS", "502 not here")
            return
        self.reply("STARTTLS", "220 go on")
        self.connection = self.server.wrap(self.connection, self.server.starttls)
        self.file = self.connection.makefile("rb")

    def on_auth(self, command):
        if len(command.split()) < 3:
            for _ in range(2 if b"LOGIN" in command.upper() else 1):
                self.connection.sendall(b"334 \r\n")
                self.server.secrets.append(self.line())
        self.authenticated = self.reply("AUTH").startswith(b"2")

    def on_mail(self, command):
        if self.reply("MAIL").startswith(b"2"):
            self.sender, self.recipients = command.strip(), []

    def on_rcpt(self, command):
        if self.reply("RCPT").startswith(b"2"):
            self.recipients.append(command.strip())

    def on_data(self, command):
        if not self.reply("DATA").startswith(b"354"):
            return
        body = []
        size = 0
        while True:
            line = self.line()
            if line == b".\r\n":
                break
            size += len(line)
            if self.server.cut == "BODY" and size > CUT_BYTES:
                raise Cut
            body.append(line[1:] if line.startswith(b".") else line)
        message = {"mail": self.sender, "rcpt": self.recipients, "data": b"".join(body), "authenticated": self.authenticated}
        self.server.messages.append(message)
        self.reply("DOT")
        self.done += 1
        if self.done == self.server.per_connection:
            raise Cut


class FakeSmtp:
    def __init__(self, replies=None, cut=None, delay=None, tls=None, starttls=None, per_connection=None, max_tls=None):
        self.replies, self.cut, self.delay = dict(replies or {}), cut, delay or {}
        self.tls, self.starttls, self.per_connection, self.max_tls = tls, starttls, per_connection, max_tls
        self.messages, self.commands, self.secrets, self.connections = [], [], [], 0

    def next_reply(self, stage):
        reply = self.replies.get(stage, DEFAULTS.get(stage, "250 ok"))
        if isinstance(reply, list):
            return reply.pop(0) if len(reply) > 1 else reply[0]
        return reply

    def wrap(self, connection, files):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*files)
        if self.max_tls:
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.maximum_version = self.max_tls
        return context.wrap_socket(connection, server_side=True)

    def _serve(self, connection):
        session = None
        try:
            connection.settimeout(60)
            if self.tls:
                connection = self.wrap(connection, self.tls)
            session = Session(self, connection)
            session.run()
        except (Cut, OSError):
            pass
        finally:
            (session.connection if session else connection).close()
            if session:
                session.file.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *unused):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
