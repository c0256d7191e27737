#!/usr/bin/env python3
"""The fetcher against servers that misbehave: every case ends within its deadline, in messages or in a clear error."""
import os
import ssl
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "servers")]
import tap  # noqa: E402
from certificates import make_certificates  # noqa: E402
from fake_imap import BEHAVIOURS, FakeImap  # noqa: E402
from fetcher_client import Fetcher  # noqa: E402
from servers import free_ports  # noqa: E402

SECRET = "s3cret-only-for-the-test"
TIMEOUT_S = 2  # of a command; a case may take a few of them
MESSAGES = {
    5: b"Received: from a by b; Mon, 27 Jun 2016 02:00:00 +0000\r\nSubject: five\r\n\r\nfive\r\n",
    7: b"Subject: seven\r\n\r\nNUL \0 inside\r\n",
    4294967295: b"Subject: last\r\n\r\n" + b"x" * 100000 + b"\r\n",
}
ALL = sorted(MESSAGES)
INTERNALDATE_S = 1466992800  # fake_imap.MESSAGE_DATE: 27 Jun 2016 10:00 +0800

# behaviour: (what LIST must yield, what FETCH must yield); a set of UIDs, or a word that the error must hold.
# "=" before the word: the error is permanent.
EXPECTED = {
    "honest": (ALL, ALL),
    "no-uidnext": (ALL, ALL),
    "unsafe-login": (ALL, ALL),
    "numeric-tag-refused": (ALL, ALL),
    "uidvalidity-0": (ALL, ALL),
    "news-inside-fetch": (ALL, ALL),
    "flags-of-others": (ALL, ALL),
    "empty-fetch": (ALL, []),
    "body-nil": (ALL, []),
    "body-empty": (ALL, []),
    "search-repeats": (ALL, ALL),
    "quota-full": (ALL, ALL),
    "quota-refused": (ALL, ALL),
    "quota-absurd": (ALL, ALL),
    "quota-stall": (ALL, ALL),
    "search-silent": ([], []),
    "size-too-small": (ALL, ALL),
    "size-minus-1": (ALL, ALL),
    "date-absurd": (ALL, ALL),
    "date-far": (ALL, ALL),
    "preauth": (ALL, ALL),
    "id-refused": (ALL, ALL),
    "close-when-idle": (ALL, ALL),
    "wrong-uid": (ALL, []),
    "throttled": ("throttled", None),
    "not-connected": ("not connected", None),
    "login-refused-gbk": ("=请使用授权码登录", None),
    "login-busy": ("Temporary authentication", None),
    "alert-before-preauth": ("127.0.0.1", None),
    "eof-in-literal": (ALL, "closed the connection"),
    "stall-in-literal": (ALL, "in time"),
    "trickle": (ALL, "in time"),
    "bye-in-fetch": (ALL, "127.0.0.1"),
    "close-at-search": ("closed the connection", None),
    "stall-at-greeting": ("in time", None),
    "garbage-greeting": ("no IMAP", None),
    "close-at-greeting": ("closed the connection", None),
    "unknown-item": (ALL, []),
    "endless-line": ("sends too much", None),
}


def fetcher(server, **more):
    settings = {"kind": "imap", "host": "127.0.0.1", "port": server.port, "tls": "none", "user": "gateway@example.com",
                "password": SECRET, "timeout_s": TIMEOUT_S, **more}
    return Fetcher(wait_s=10 * TIMEOUT_S, **settings)


def certificates():
    if not hasattr(certificates, "folder"):
        certificates.keep = tempfile.TemporaryDirectory()
        certificates.folder = os.path.join(certificates.keep.name, "c")
        make_certificates(certificates.folder)
    return certificates.folder


def pair(kind):
    return tuple(os.path.join(certificates(), kind + end) for end in (".pem", ".key"))


def expect_error(answer, word):
    assert "error" in answer, f"no error: {answer}"
    assert word.lstrip("=") in answer["error"], answer["error"]
    tap.equal(answer["temporary"], not word.startswith("="), answer["error"])
    assert SECRET not in str(answer), "the password stands in an error"


def check_case(name, listed, fetched):
    start = time.monotonic()
    with FakeImap(name, MESSAGES) as server, fetcher(server) as f:
        answer = f.list()
        if isinstance(listed, str):
            expect_error(answer, listed)
        else:
            tap.equal(answer.get("uids"), listed, f"{name}: {answer}")
            messages, end = f.fetch(list(reversed(answer["uids"])))
            if isinstance(fetched, str):
                expect_error(end, fetched)
            else:
                assert "error" not in end, end
                tap.equal(sorted(messages), fetched, name)
                tap.equal(end["count"], len(fetched), name)
                for uid, (facts, body) in messages.items():
                    tap.equal(body, MESSAGES[uid], f"{name}: bytes of {uid}")
                    tap.equal(facts["size"], len(MESSAGES[uid]), name)
        tap.note(f"{name}: {time.monotonic() - start:.2f} s, {f.peak_kb()} KB, {server.connections} connections")
        assert f.peak_kb() < 100000, "memory grew"
    tap.equal(f.status, 0, f.errors)


def test_table():
    """Every misbehaviour of the table ends as the table says"""
    wrong = []
    for name, (listed, fetched) in EXPECTED.items():
        try:
            check_case(name, listed, fetched)
        except Exception as error:  # the others are still worth knowing
            wrong.append(f"{name}: {error!r}")
    assert not wrong, "\n".join(wrong)


def test_table_is_whole():
    """Every behaviour of the fake server is used by a test"""
    elsewhere = {"idle-race", "idle-refused", "idle-bye", "uidvalidity-changes", "body-quoted", "huge-size", "huge-literal",
                 "long-header", "nested-structure", "starttls-missing", "starttls-injected", "starttls-preauth"}
    tap.equal(set(BEHAVIOURS), set(EXPECTED) | elsewhere)


def test_facts_of_a_message():
    """Flags, INTERNALDATE in UTC, and Received where INTERNALDATE makes no sense"""
    with FakeImap("honest", MESSAGES) as server, fetcher(server) as f:
        f.list()
        facts = f.fetch([5])[0][5][0]
        tap.equal(facts["internaldate"], INTERNALDATE_S)
        tap.equal(facts["flags"], ["\\Seen", "$Done"])
        assert any("ID (" in c and '"fortnight"' in c for c in server.commands), server.commands
        assert any(c.startswith("C") and "EXAMINE" in c for c in server.commands), "tags are pure numbers"
        assert not any("SELECT" in c for c in server.commands), "a folder was opened for writing"
    with FakeImap("date-absurd", MESSAGES) as server, fetcher(server) as f:
        f.list()
        messages = f.fetch(ALL)[0]
        tap.equal(messages[5][0].get("internaldate"), INTERNALDATE_S, "topmost Received")
        tap.equal(messages[7][0].get("internaldate"), None, "nothing to go by")


def test_quoted_body():
    """A body as a quoted string arrives with its escapes undone"""
    with FakeImap("body-quoted", MESSAGES) as server, fetcher(server) as f:
        f.list()
        tap.equal(f.fetch([7])[0][7][1], b'Subject: quoted\\ "q"')


def test_throttled():
    """The time that the server asks for is passed on"""
    with FakeImap("throttled", MESSAGES) as server, fetcher(server) as f:
        tap.equal(f.list()["wait_s"], 300)


def test_changed_uidvalidity():
    """UIDs are not used in a folder that has other ones now"""
    with FakeImap("uidvalidity-changes", MESSAGES) as server, fetcher(server) as f:
        tap.equal(f.list()["uidvalidity"], 1)
        f.list("other")
        messages, end = f.fetch(ALL)
        tap.equal(messages, {})
        expect_error(end, "other UIDs")


def test_huge():
    """A size of 4 GiB is not downloaded, a literal of 4 GiB is cut off; both are reported as oversize"""
    for name, body in (("huge-size", "header"), ("huge-literal", None), ("long-header", None)):
        with FakeImap(name, {7: MESSAGES[7]}) as server, fetcher(server, max_message_bytes=1 << 20) as f:
            f.list()
            messages, end = f.fetch([7])
            assert "error" not in end, end
            facts, got = messages[7]
            tap.equal((facts["oversize"], got), (True, None), name)
            tap.equal(facts.get("header"), "Subject: seven\r\n\r\n" if body else None, name)
            tap.note(f"{name}: {f.peak_kb()} KB")
            assert f.peak_kb() < 40000, "memory grew with what the server announced"


def test_idle():
    """News before the server's "+" are not lost; a refused, ended or missing IDLE is said to be so"""
    for name, want in (("idle-race", {"folder": "INBOX", "news": True, "possible": True}), ("idle-refused", "IDLE"),
                       ("idle-bye", "too long"), ("honest", {"folder": "INBOX", "news": False, "possible": False})):
        with FakeImap(name, MESSAGES) as server, fetcher(server) as f:
            f.list()
            answer = f.ask("IPC_WATCH", "IPC_NEWS", folder="INBOX")
            if isinstance(want, str):
                expect_error(answer, want)
            else:
                tap.equal(answer, want, name)
            tap.equal(f.list()["uids"], ALL, name)


def test_nested_structure():
    """200,000 open parentheses cost at most the fetcher, and at once"""
    with FakeImap("nested-structure", MESSAGES) as server, fetcher(server) as f:
        f.list()
        start = time.monotonic()
        try:
            end = f.fetch(ALL)[1]
            tap.note(f"survived: {end}")
        except EOFError:
            tap.note("libetpan overflowed its stack; the role ended")
        assert time.monotonic() - start < 10


def test_certificates():
    """A certificate that is not good is refused before the password is sent, with a remedy"""
    for kind, word in (("wrong-name", '"mail.wrong.example"'), ("self-signed", "not trusted"), ("expired", "has expired")):
        for starttls in (False, True):
            with FakeImap("honest", MESSAGES, certificate=pair(kind), starttls=starttls) as server, \
                    fetcher(server, host="localhost", tls="starttls" if starttls else "implicit",
                            ca_file=os.path.join(certificates(), "ca.pem")) as f:
                expect_error(f.list(), "=" + word)
                answer = f.check()
                tap.equal(answer["ok"], False)
                assert word in answer["detail"] and answer["remedy"], answer
                assert not server.has_secret(SECRET), "the password was sent"
                assert not any("LOGIN" in c for c in server.commands)
    with FakeImap("honest", MESSAGES, certificate=pair("good")) as server, \
            fetcher(server, host="localhost", tls="implicit") as f:  # the system's authorities do not know ours
        expect_error(f.list(), "=not trusted")
        assert not server.has_secret(SECRET)


def test_good_certificate():
    """A good certificate is accepted by name and by address, from the first byte and after STARTTLS"""
    for host in ("localhost", "127.0.0.1"):
        for starttls in (False, True):
            with FakeImap("honest", MESSAGES, certificate=pair("good"), starttls=starttls) as server, \
                    fetcher(server, host=host, tls="starttls" if starttls else "implicit",
                            ca_file=os.path.join(certificates(), "ca.pem")) as f:
                tap.equal(f.list().get("uids"), ALL, f"{host}, STARTTLS {starttls}")
                tap.equal(sorted(f.fetch(ALL)[0]), ALL)
                assert server.has_secret(SECRET)


def test_old_tls():
    """A server that offers TLS 1.1 only is refused"""
    with FakeImap("honest", MESSAGES, certificate=pair("good"), tls_version=ssl.TLSVersion.TLSv1_1) as server, \
            fetcher(server, host="localhost", tls="implicit", ca_file=os.path.join(certificates(), "ca.pem")) as f:
        expect_error(f.list(), "=")
        assert not server.has_secret(SECRET)


def test_starttls_fails_closed():
    """Without a clean STARTTLS nothing secret is said"""
    for name in ("starttls-missing", "starttls-injected", "starttls-preauth"):
        with FakeImap(name, MESSAGES, certificate=pair("good"), starttls=True) as server, \
                fetcher(server, host="localhost", tls="starttls", ca_file=os.path.join(certificates(), "ca.pem")) as f:
            expect_error(f.list(), "=STARTTLS")
            assert not server.has_secret(SECRET), name


def test_plain_beyond_loopback():
    """A plain connection is made to this machine only"""
    with Fetcher(kind="imap", host="192.0.2.1", port=143, tls="none", user="u", password=SECRET, timeout_s=1) as f:
        expect_error(f.list(), "=without TLS")


def test_nobody_listens():
    """Nobody on the port: temporary, and said so"""
    with Fetcher(kind="imap", host="127.0.0.1", port=free_ports(1)[0], tls="none", user="u", password=SECRET) as f:
        expect_error(f.list(), "refused")


def test_bad_settings():
    """Settings that cannot work are answered as such, and the password is not repeated"""
    for settings, word in (({"kind": "pop3"}, "kind"), ({"tls": "maybe"}, "tls"), ({"port": 70000}, "port"),
                           ({"password": SECRET + "\r\nX LOGOUT"}, "line break"), ({"user": "a\r\nb"}, "line breaks"),
                           ({"batch": "many"}, "batch"), ({"host": ""}, "host"), ({"ca_file": "/nowhere.pem"}, "/nowhere.pem")):
        with FakeImap("honest", MESSAGES) as server:
            base = {"kind": "imap", "host": "127.0.0.1", "port": server.port, "tls": "none", "user": "u", "password": SECRET}
            if "ca_file" in settings:
                base["tls"] = "implicit"
            with Fetcher(wait_s=10, **{**base, **settings}) as f:
                expect_error(f.list(), "=" + word)
                tap.equal(f.check()["ok"], False)
            assert SECRET not in f.errors


def test_peer_leaves():
    """The fetcher ends when its peer leaves, also in the middle of an answer that never ends"""
    with FakeImap("stall-in-literal", MESSAGES) as server:
        f = fetcher(server, timeout_s=60)
        with f:
            f.list()
            f.send("IPC_FETCH", folder="INBOX", uids=ALL)
            time.sleep(0.5)
            start = time.monotonic()
        assert time.monotonic() - start < 2, "it waited for the server"


if __name__ == "__main__":
    tap.main()
