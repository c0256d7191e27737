"""An IMAP server that misbehaves as told. What it can do wrong is data: BEHAVIOURS, each name with the keys that Session reads.

    with FakeImap("body-nil", {7: b"Subject: x\\r\\n\\r\\nbody\\r\\n"}) as server:
        … server.port; server.commands (what clients sent, tag and all); server.connections
"""
import re
import socket
import ssl
import threading
import time

MESSAGE_DATE = b"27-Jun-2016 10:00:00 +0800"
ZEROS = bytes(1 << 16)

# Keys: greeting, capability, login, examine_extra, uidvalidity (a list is used up one by one), search, size, date, before, after
# (bytes around each FETCH answer), body (sent instead of the literal), literal_size (announced), cut (bytes of a body after which
# `then` happens), then ("close", "stall", "trickle", "zeros"), on (command: "close", "stall" or an answer), needs_id,
# refuse_numeric_tags, starttls (bytes sent after its OK, in plain).
BEHAVIOURS = {
    "honest": {},
    # what real providers do
    "no-uidnext": {"examine_extra": []},
    "unsafe-login": {"needs_id": True},
    "numeric-tag-refused": {"refuse_numeric_tags": True},
    "uidvalidity-0": {"uidvalidity": [0]},
    "uidvalidity-changes": {"uidvalidity": [1, 2, 3, 4, 5, 6]},
    "news-inside-fetch": {"before": b"* 9 EXISTS\r\n* 1 FETCH (FLAGS (\\Seen))\r\n* 1 EXPUNGE\r\n", "after": b"* 8 EXISTS\r\n* 0 RECENT\r\n"},
    "flags-of-others": {"after": b"* 3 FETCH (UID 999999 FLAGS (\\Answered $Later))\r\n"},
    "empty-fetch": {"on": {"UID FETCH": b"{tag} OK done\r\n"}},
    "body-nil": {"body": b"NIL"},
    "body-quoted": {"body": b'"Subject: quoted\\\\ \\"q\\""'},
    "body-empty": {"body": b"{{0}}\r\n"},
    "search-repeats": {"search": b"* SEARCH 7 5 7 0 4294967295 5\r\n"},
    "search-silent": {"search": b""},
    "size-minus-1": {"size": b"-1"},
    "size-too-small": {"size": b"1"},
    "date-absurd": {"date": b"00-Jan-0000 00:00:00 +0000"},
    "date-far": {"date": b"31-Feb-9999 25:61:61 +9999"},
    "throttled": {"on": {"UID SEARCH": b"{tag} BAD Request is throttled. Suggested Backoff Time: 299961 milliseconds\r\n"}},
    "not-connected": {"on": {"EXAMINE": b"{tag} BAD User is authenticated but not connected.\r\n"}},
    "login-refused-gbk": {"login": b"{tag} NO " + "登录失败，请使用授权码登录".encode("gbk") + b"\r\n"},
    "login-busy": {"login": b"{tag} NO [UNAVAILABLE] Temporary authentication failure\r\n"},
    "preauth": {"greeting": b"* PREAUTH ready\r\n"},
    "alert-before-preauth": {"greeting": b"* OK [ALERT] Filesystem notification\r\n* PREAUTH ready\r\n"},
    "id-refused": {"on": {"ID": b"{tag} BAD unknown command\r\n"}},
    "quota-full": {"capability": b"IMAP4rev1 ID QUOTA", "on": {"GETQUOTAROOT": b'* QUOTAROOT INBOX ""\r\n* QUOTA "" (STORAGE 950 1000 MESSAGE 1 1000)\r\n{tag} OK done\r\n'}},
    "quota-refused": {"capability": b"IMAP4rev1 ID QUOTA", "on": {"GETQUOTAROOT": b"{tag} NO not here\r\n"}},
    # what only broken or hostile servers do
    "quota-absurd": {"capability": b"IMAP4rev1 ID QUOTA", "on": {"GETQUOTAROOT": b'* QUOTAROOT INBOX ""\r\n* QUOTA "" (STORAGE 99999999999999999999999 -1\r\n{tag} OK done\r\n'}},
    "quota-stall": {"capability": b"IMAP4rev1 ID QUOTA", "on": {"GETQUOTAROOT": "stall"}},
    "huge-size": {"size": b"4294967295"},
    "huge-literal": {"literal_size": 4294967295, "then": "zeros"},
    "long-header": {"size": b"4294967295", "literal_size": 4294967295, "then": "zeros"},
    "eof-in-literal": {"cut": 10, "then": "close"},
    "stall-in-literal": {"cut": 10, "then": "stall"},
    "trickle": {"cut": 10, "then": "trickle"},
    "bye-in-fetch": {"on": {"UID FETCH": b"* BYE shutting down\r\n"}, "close_after": "UID FETCH"},
    "close-at-search": {"on": {"UID SEARCH": "close"}},
    "stall-at-greeting": {"greeting": "stall"},
    "garbage-greeting": {"greeting": b"220 mail.example.com ESMTP\r\n"},
    "close-at-greeting": {"greeting": "close"},
    "unknown-item": {"before_body": b'X-GUID "abc" '},
    "endless-line": {"on": {"UID SEARCH": "endless"}},
    "nested-structure": {"before_body": b"BODYSTRUCTURE " + b"(" * 200000 + b" "},
    "wrong-uid": {"uid_shift": 1000},
    "starttls-missing": {"on": {"STARTTLS": b"{tag} BAD unknown command\r\n"}, "capability": b"IMAP4rev1"},
    "starttls-injected": {"starttls": b"* CAPABILITY IMAP4rev1\r\n"},
    "starttls-preauth": {"greeting": b"* PREAUTH ready\r\n"},
    "idle-race": {"capability": b"IMAP4rev1 IDLE ID", "on": {"IDLE": b"* 9 EXISTS\r\n+ idling\r\n"}},
    "idle-refused": {"capability": b"IMAP4rev1 IDLE ID", "on": {"IDLE": b"{tag} BAD unknown command\r\n"}},
    "idle-bye": {"capability": b"IMAP4rev1 IDLE ID", "on": {"IDLE": b"+ idling\r\n* BYE too long\r\n"}},
    "close-when-idle": {"close_after": "UID SEARCH"},
}


class Session:
    """One connection."""

    def __init__(self, server, connection):
        self.server, self.connection, self.rules = server, connection, server.rules
        self.lines = connection.makefile("rb")
        self.has_id = False

    def send(self, data, tag=b""):
        self.connection.sendall(data.replace(b"{tag}", tag).replace(b"{{", b"{").replace(b"}}", b"}"))

    def misbehave(self, how):
        """Ends the session in the way of `how`."""
        if how == "stall":
            self.server.stopped.wait(30)
        elif how == "trickle":
            while not self.server.stopped.wait(0.2):
                self.connection.sendall(b"x")
        elif how == "zeros":
            while not self.server.stopped.is_set():
                self.connection.sendall(ZEROS)
        elif how == "endless":
            while not self.server.stopped.is_set():
                self.connection.sendall(b"* SEARCH" + b" 1" * 4096)
        raise ConnectionAbortedError

    def run(self):
        greeting = self.rules.get("greeting", b"* OK IMAP4 ready\r\n")
        if isinstance(greeting, str):
            self.misbehave(greeting)
        self.send(greeting)
        while line := self.lines.readline():  # not an iterator: STARTTLS replaces the file
            self.server.commands.append(line.decode("utf-8", "replace").strip())
            if line.strip() == b"DONE":  # of IDLE, whose tag is the line's before
                self.send(self.server.commands[-2].split()[0].encode() + b" OK done\r\n")
                continue
            tag, _, rest = line.strip().partition(b" ")
            words = rest.decode("utf-8", "replace").split()
            command = " ".join(words[:2]).upper() if words[0].upper() == "UID" else words[0].upper()
            self.answer(tag, command, rest.decode("utf-8", "replace"))
            if self.rules.get("close_after") == command:
                return

    def answer(self, tag, command, text):
        rule = self.rules.get("on", {}).get(command)
        if self.rules.get("refuse_numeric_tags") and tag.isdigit():
            self.send(b"{tag} NO SELECT The login is not safe! Please update your mail client\r\n", tag)
        elif isinstance(rule, str):
            self.misbehave(rule)
        elif rule is not None:
            self.send(rule, tag)
        else:
            getattr(self, "do_" + command.lower().replace(" ", "_"), self.do_other)(tag, text)

    def do_other(self, tag, text):
        self.send(b"{tag} OK done\r\n", tag)

    def do_capability(self, tag, text):
        self.send(b"* CAPABILITY " + self.rules.get("capability", b"IMAP4rev1 STARTTLS ID UIDPLUS") + b"\r\n{tag} OK done\r\n", tag)

    def do_id(self, tag, text):
        self.has_id = True
        self.send(b'* ID ("name" "fake")\r\n{tag} OK done\r\n', tag)

    def do_login(self, tag, text):
        self.send(self.rules.get("login", b"{tag} OK logged in\r\n"), tag)
        self.has_id = False  # NetEase wants it after LOGIN

    def do_starttls(self, tag, text):
        self.send(b"{tag} OK begin\r\n" + self.rules.get("starttls", b""), tag)
        self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.lines = self.connection.makefile("rb")

    def do_examine(self, tag, text):
        if self.rules.get("needs_id") and not self.has_id:
            self.send(b"{tag} NO EXAMINE Unsafe Login. Please contact kefu@188.com for help\r\n", tag)
            return
        validities = self.server.uidvalidities
        validity = validities.pop(0) if len(validities) > 1 else validities[0]
        extra = self.rules.get("examine_extra", [b"* OK [UIDNEXT 4294967295] next"])
        lines = [b"* %d EXISTS" % len(self.server.messages), b"* 0 RECENT", b"* FLAGS (\\Seen \\Answered)",
                 b"* OK [UIDVALIDITY %d] ok" % validity, *extra, b"{tag} OK [READ-ONLY] done"]
        self.send(b"\r\n".join(lines) + b"\r\n", tag)

    def do_uid_search(self, tag, text):
        numbers = b" ".join(b"%d" % uid for uid in self.server.messages)
        self.send(self.rules.get("search", b"* SEARCH " + numbers + b"\r\n") + b"{tag} OK done\r\n", tag)

    def do_uid_fetch(self, tag, text):
        ranges = [[int(n) for n in part.split(":")] for part in re.match(r"UID FETCH (\S+)", text)[1].split(",")]
        starts = [r[0] for r in ranges]
        if starts != sorted(starts) or any(r[0] > r[-1] for r in ranges):
            self.send(b"{tag} BAD UID parameters!\r\n", tag)
            return
        for number, (uid, message) in enumerate(sorted(self.server.messages.items()), 1):
            if any(r[0] <= uid <= r[-1] for r in ranges):
                self.send_message(number, uid, message, text)
        self.send(b"{tag} OK done\r\n", tag)

    def send_message(self, number, uid, message, text):
        rules = self.rules
        items = [b"UID %d" % (uid + rules.get("uid_shift", 0))]
        if "FLAGS" in text:
            items.append(b"FLAGS (\\Seen $Done)")
        if "INTERNALDATE" in text:
            items.append(b'INTERNALDATE "' + rules.get("date", MESSAGE_DATE) + b'"')
        if "RFC822.SIZE" in text:
            items.append(b"RFC822.SIZE " + rules.get("size", b"%d" % len(message)))
        head = rules.get("before", b"") + b"* %d FETCH (" % number + b" ".join(items)
        tail = b")\r\n" + rules.get("after", b"")
        if "BODY.PEEK[" not in text:
            self.connection.sendall(head + tail)
            return
        section = b"BODY[HEADER]" if "[HEADER]" in text else b"BODY[]"
        if section == b"BODY[HEADER]":
            message = message.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        head += b" " + rules.get("before_body", b"") + section + b" "
        if "body" in rules:
            self.connection.sendall(head)
            self.send(rules["body"] + tail)
            return
        self.connection.sendall(head + b"{%d}\r\n" % rules.get("literal_size", len(message)))
        self.connection.sendall(message[:rules.get("cut", len(message))])
        if "then" in rules:
            self.misbehave(rules["then"])
        self.connection.sendall(tail)


class FakeImap:
    """The server: one thread a connection. certificate: (certificate file, key file) for TLS from the first byte, or with
    starttls=True after STARTTLS; tls_version: the only version offered."""

    def __init__(self, behaviour, messages, certificate=None, starttls=False, tls_version=None):
        self.rules, self.messages = BEHAVIOURS[behaviour], dict(messages)
        self.uidvalidities = list(self.rules.get("uidvalidity", [1]))
        self.commands, self.connections, self.stopped = [], 0, threading.Event()
        self.tls = None
        if certificate:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(*certificate)
            if tls_version:
                self.tls.set_ciphers("ALL:@SECLEVEL=0")
                self.tls.minimum_version = self.tls.maximum_version = tls_version
        self.starttls = starttls

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *unused):
        self.stopped.set()
        self.listener.close()

    def _accept(self):
        while not self.stopped.is_set():
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            if self.tls and not self.starttls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            session = Session(self, connection)
            session.run()
        except (OSError, ValueError, ConnectionAbortedError):
            pass
        finally:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            connection.close()

    def has_secret(self, secret):
        """Whether any client has sent the secret."""
        return any(secret in line for line in self.commands)
