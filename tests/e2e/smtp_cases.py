"""The sender role through a real mail server into a real Dovecot: what was sent is what arrives. The cases of test_smtp_exim.py and
test_smtp_postfix.py, which call run()."""
import imaplib
import os
import ssl
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "servers")]
import tap  # noqa: E402
from role_client import Role  # noqa: E402
from servers import Dovecot, Unavailable  # noqa: E402

ARRIVAL_S = 20
MANY = 200


def letter(subject, body=b"hello\r\n"):
    """Complete, so that no server has a header to add."""
    return b"Date: Mon, 27 Jun 2016 12:00:00 +0800\r\nFrom: gateway@example.com\r\nTo: a@example.com\r\nSubject: " + subject + b"\r\nMessage-ID: <" + subject + \
        b"@example.com>\r\nMIME-Version: 1.0\r\n\r\n" + body


class World:
    """Dovecot, the mail server before it, and what the cases need of them."""

    def __init__(self, dovecot, mta):
        self.dovecot, self.mta = dovecot, mta
        self.has_login = bool(mta.users)

    def settings(self, tls="implicit", **more):
        port = self.mta.tls_port if tls == "implicit" else self.mta.port
        login = {"user": "gateway", "password": "secret"} if self.has_login else {}
        return {"kind": "smtp", "host": "localhost", "port": port, "tls": tls, "ca_file": self.mta.ca_file,
                "ehlo": "gateway.example.com", "timeout_s": 30, **{**login, **more}}

    def send(self, role, data, to="a@example.com"):
        return role.ask("IPC_SEND", "IPC_SENT", data, id=1, to=to, **{"from": "gateway@example.com"})

    def once(self, data, to="a@example.com", **more):
        with Role("sender", **self.settings(**more)) as role:
            answer = self.send(role, data, to)
        assert role.status == 0, role.errors
        return answer

    def arrived(self, subject, count=1):
        """The bytes of `count` messages of user a with this subject, as IMAP gives them (CRLF)."""
        context = ssl.create_default_context(cafile=self.dovecot.ca_file)
        end = time.monotonic() + ARRIVAL_S
        while True:
            imap = imaplib.IMAP4_SSL("localhost", self.dovecot.tls_port, ssl_context=context)
            imap.login("a", "secret")
            imap.select("INBOX", readonly=True)
            numbers = imap.search(None, "SUBJECT", subject)[1][0].split()
            if len(numbers) >= count or time.monotonic() > end:
                messages = [imap.fetch(n, "(BODY.PEEK[])")[1][0][1] for n in numbers]
                imap.logout()
                assert len(messages) == count, (subject, len(messages))
                return messages
            imap.logout()
            time.sleep(0.1)

    def same(self, subject, data, **more):
        answer = self.once(data, **more)
        assert answer["outcome"] == "sent" and answer["code"] == 250, answer
        received = self.arrived(subject)[0]
        assert received.endswith(data), (len(received), len(data), received[-200:])


world = None  # set by run()


def test_tls():
    """TLS from the first byte, and STARTTLS"""
    world.same("tls-implicit", letter(b"tls-implicit"))
    world.same("tls-starttls", letter(b"tls-starttls"), tls="starttls")


def test_dots_and_long_lines():
    """Dots and lines of 998 octets"""
    body = b".\r\n..\r\n. x\r\n" + b"y" * 998 + b"\r\n.end\r\n\r\n.\r\n"
    world.same("dots", letter(b"dots", body))


def test_eight_bits():
    """UTF-8 and GBK bytes"""
    world.same("eight", letter(b"eight", "您好，已收到。\r\n".encode() + "您好".encode("gbk") + b"\r\n"))


def test_five_megabytes():
    """A letter of 5 MB"""
    line = bytes(range(33, 109)) + b"\r\n"
    world.same("large", letter(b"large", line * (5 * 1024 * 1024 // len(line))))


def test_recipients():
    """Refused, greylisted and full recipients"""
    data = letter(b"refused")
    for local, outcome, code in (("nosuch", "recipient_refused", 550), ("greylist", "retry_soon", 451),
                                 ("overquota", "recipient_refused", 552)):
        answer = world.once(data, to=local + "@example.com")
        assert (answer["outcome"], answer["code"]) == (outcome, code), answer


def test_one_bad_recipient_harms_no_other():
    """One bad recipient harms no other letter"""
    with Role("sender", **world.settings()) as role:
        outcomes = [world.send(role, letter(b"mixed"), to)["outcome"] for to in
                    ("nosuch@example.com", "a@example.com", "greylist@example.com", "a@example.com")]
    assert outcomes == ["recipient_refused", "sent", "retry_soon", "sent"], outcomes
    world.arrived("mixed", 2)


def test_wrong_password():
    """A wrong password stops everything"""
    if not world.has_login:
        raise tap.Skip("this server takes mail without a login")
    answer = world.once(letter(b"never"), password="wrong")
    assert answer["outcome"] == "account" and answer["code"] == 535, answer
    with Role("sender", **world.settings(password="wrong")) as role:
        checked = role.check()
    assert not checked["ok"] and "535" in checked["detail"] and checked["remedy"], checked


def test_check():
    """Check logs in, sends nothing, and names the remedy"""
    for tls in ("implicit", "starttls"):
        with Role("sender", **world.settings(tls=tls)) as role:
            checked = role.check()
            assert checked["ok"] and checked["remedy"] == "", checked


def test_many_on_one_connection():
    """Two hundred letters on one connection"""
    with Role("sender", **world.settings()) as role:
        start = time.monotonic()
        for i in range(MANY):
            answer = world.send(role, letter(b"many", b"number %d\r\n" % i))
            assert answer["outcome"] == "sent", answer
        seconds = time.monotonic() - start
    assert len({m.split(b"number ")[-1] for m in world.arrived("many", MANY)}) == MANY
    tap.note("%d letters in %.2f s, %.1f ms each" % (MANY, seconds, 1000 * seconds / MANY))


def run(server):
    """Runs the cases through a server class of servers.py."""
    global world
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        try:
            dovecot = Dovecot(folder, {"a": "secret"})
            with dovecot, server(folder, lmtp_port=dovecot.lmtp_port) as mta:
                world = World(dovecot, mta)
                tap.main()
        except Unavailable as why:
            print("1..0 # SKIP %s" % why)
