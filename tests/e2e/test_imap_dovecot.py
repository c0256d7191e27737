#!/usr/bin/env python3
"""The fetcher against a real Dovecot: what was delivered arrives byte by byte, and nothing else happens to it."""
import glob
import imaplib
import os
import random
import smtplib
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "servers")]
import tap  # noqa: E402
from fetcher_client import Fetcher  # noqa: E402
from servers import Dovecot, Unavailable  # noqa: E402

USER, SECRET = "gateway", "s3cret-only-for-the-test"
STATE = {}


def dovecot():
    """The server of all tests, started by the first."""
    if "server" not in STATE:
        STATE["folder"] = tempfile.TemporaryDirectory(prefix="fortnight-imap-")
        os.chmod(STATE["folder"].name, 0o755)
        try:
            server = Dovecot(STATE["folder"].name, {USER: SECRET, **{f"u{i}": SECRET for i in range(9)}})
            server.start()
        except Unavailable as reason:
            raise tap.Skip(str(reason)) from None
        STATE["server"] = server
    return STATE["server"]


def fetcher(user=USER, **more):
    server = dovecot()
    return Fetcher(wait_s=60, **{"kind": "imap", "host": "localhost", "port": server.tls_port, "tls": "implicit",
                                 "ca_file": server.ca_file, "user": user, "password": SECRET, **more})


def crlf(message):
    return message.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def login(user):
    client = imaplib.IMAP4("127.0.0.1", dovecot().port)
    client.login(user, SECRET)
    return client


def numbered(count, size=300):
    return [b"Subject: number %d\n\n" % i + random.Random(i).randbytes(size).hex().encode() + b"\n" for i in range(count)]


def test_round_trip():
    """Messages come with their bytes over TLS, STARTTLS and plain loopback, in batches of any size"""
    server, sent = dovecot(), numbered(130)
    server.deliver(USER, sent)
    for tls, port in (("implicit", server.tls_port), ("starttls", server.port), ("none", server.port)):
        for batch in (1, 50, 1000):
            with fetcher(tls=tls, port=port, batch=batch) as f:
                listing = f.list()
                tap.equal(len(listing["uids"]), len(sent))
                assert listing["uidvalidity"] > 0
                messages, end = f.fetch(listing["uids"])
                tap.equal(end, {"folder": "INBOX", "count": len(sent)})
                assert sorted(body for _, body in messages.values()) == sorted(map(crlf, sent)), f"{tls}: bytes differ"
                assert all(abs(facts["internaldate"] - time.time()) < 3600 for facts, _ in messages.values())
            tap.equal(f.status, 0, f.errors)


def test_strange_bytes():
    """8-bit text, bare CR, long lines, no header, no end of line: as they were (a NUL is Dovecot's to replace)"""
    sent = [b"Subject: \xc7\xeb\xca\xb9\n\n\xff\xfe\x80\n", b"a: b\n\nbare \r carriage return\n", b"x: y\n\n" + b"z" * 200000,
            b"no header at all", b"\nbody only\n", b"a: b\n\n.\n..\n{3}\n* 1 FETCH (UID 1)\n)\n"]
    dovecot().deliver("u0", sent)
    with fetcher("u0") as f:
        messages, _ = f.fetch(f.list()["uids"])
        tap.equal(sorted(body for _, body in messages.values()), sorted(map(crlf, sent)))


def test_corpora():
    """Every message of the shared material comes back as it went in"""
    shared = os.environ.get("FORTNIGHT_SHARED", "")
    files = sorted(glob.glob(os.path.join(shared, "**", "*.eml"), recursive=True)) if shared else []
    if not files:
        raise tap.Skip("no shared material")
    sent = [open(name, "rb").read() for name in files]
    sent = [message for message in sent if message and b"\0" not in message]
    dovecot().deliver("u1", sent)
    with fetcher("u1") as f:
        messages, _ = f.fetch(f.list()["uids"])
        tap.equal(len(messages), len(sent))
        assert sorted(body for _, body in messages.values()) == sorted(map(crlf, sent)), "bytes differ"
        tap.note(f"{len(sent)} messages")


def test_people_read_too():
    """Flags are told, change nothing, and are not changed"""
    dovecot().deliver("u2", numbered(3))
    client = login("u2")
    client.select("INBOX")
    client.store("1", "+FLAGS", "(\\Seen \\Flagged $Label1)")
    with fetcher("u2") as f:
        uids = f.list()["uids"]
        tap.equal(len(uids), 3)
        messages, _ = f.fetch(uids)
        tap.equal(set(messages[uids[0]][0]["flags"]), {"\\Seen", "\\Flagged", "$Label1"})
        tap.equal(messages[uids[1]][0]["flags"], [])
    _, unseen = client.search(None, "UNSEEN")
    tap.equal(unseen, [b"2 3"], "fetching marked messages as seen")
    client.logout()


def test_vanished():
    """What is gone by the time of the fetch is left out, without an error"""
    dovecot().deliver("u3", numbered(6))
    with fetcher("u3") as f:
        uids = f.list()["uids"]
        client = login("u3")
        client.select("INBOX")
        client.store("2,4:5", "+FLAGS", "\\Deleted")
        client.expunge()
        messages, end = f.fetch(uids)
        tap.equal(sorted(messages), [uids[i] for i in (0, 2, 5)])
        tap.equal(end["count"], 3)
        tap.equal(f.list()["uids"], sorted(messages))
        client.logout()


def test_folders():
    """Junk by SPECIAL-USE and advertisements by name are found, and read by their Chinese names"""
    server = dovecot()
    server.deliver("u4", [b"Subject: in junk\n\n"], folder="&V4NXPpCuTvY-")
    with fetcher("u4") as f:
        tap.equal(f.list("*")["folders"], ["INBOX", "垃圾邮件", "广告邮件"])
        listing = f.list("垃圾邮件")
        tap.equal(listing["junk"], True)
        assert "junk" not in f.list("INBOX") and "junk" not in f.list("广告邮件")
        messages, _ = f.fetch(listing["uids"], folder="垃圾邮件")
        tap.equal([body for _, body in messages.values()], [b"Subject: in junk\r\n\r\n"])
        tap.equal(f.list("广告邮件")["uids"], [])
        answer = f.list("没有的")
        tap.equal((answer["temporary"], answer["missing"]), (False, True))
        tap.equal(f.list()["uids"], [], "INBOX after another folder")


def test_large():
    """30 MB arrive whole; what is beyond the limit is reported with its header; memory stays small"""
    large = b"Subject: large\n\n" + (b"x" * 75 + b"\n") * 400000
    dovecot().deliver("u5", [large, b"Subject: small\n\n"])
    with fetcher("u5") as f:
        messages, _ = f.fetch(f.list()["uids"])
        assert crlf(large) in [body for _, body in messages.values()]
        assert f.peak_kb() < 40000, f.peak_kb()
    with fetcher("u5", max_message_bytes=1000000) as f:
        messages, _ = f.fetch(f.list()["uids"])
        oversize = [(facts, body) for facts, body in messages.values() if facts.get("oversize")]
        tap.equal([(body, facts["header"]) for facts, body in oversize], [(None, "Subject: large\r\n\r\n")])
        tap.equal(oversize[0][0]["size"], len(crlf(large)))
        tap.equal(len(messages), 2)


def test_restart():
    """A server that was restarted between two polls is no news"""
    server = dovecot()
    with fetcher() as f:
        before = f.list()
        ports = server.port, server.tls_port, server.lmtp_port
        server.stop()
        for _ in range(50):  # its children notice the end of their master a little later
            answer = f.list()
            if "error" in answer:
                break
            time.sleep(0.1)
        assert answer["temporary"] is True and "refused" in answer["error"], str(answer)[:500]
        server.port, server.tls_port, server.lmtp_port = ports
        server.start()
        tap.equal(f.list(), before)
        server.stop()
        server.start()
        tap.equal(len(f.fetch(before["uids"][:3])[0]), 3)


def test_lmtp():
    """Mail delivered while the fetcher is connected is seen at the next listing"""
    server = dovecot()
    with fetcher("u6") as f:
        tap.equal(f.list()["uids"], [])
        with smtplib.LMTP("127.0.0.1", server.lmtp_port) as lmtp:
            lmtp.sendmail("a@example.com", ["u6@example.edu.cn"], b"Subject: new\r\n\r\nhello\r\n")
        listing = f.list()
        tap.equal(len(listing["uids"]), 1)
        assert b"Subject: new\r\n\r\nhello\r\n" in f.fetch(listing["uids"])[0][listing["uids"][0]][1]


def test_watch():
    """News are told within a second of the delivery, and another request ends the waiting"""
    server = dovecot()
    with fetcher("u8") as f:
        f.list()
        f.send("IPC_WATCH", folder="INBOX")
        time.sleep(0.3)
        with smtplib.LMTP("127.0.0.1", server.lmtp_port) as lmtp:
            lmtp.sendmail("a@example.com", ["u8@example.edu.cn"], b"Subject: new\r\n\r\n")
        start = time.monotonic()
        kind, payload, _ = f.receive()
        seconds = time.monotonic() - start
        tap.equal((kind, payload), ("IPC_NEWS", {"folder": "INBOX", "news": True, "possible": True}))
        tap.note(f"told after {seconds * 1000:.0f} ms")
        assert seconds < 5
        tap.equal(len(f.list()["uids"]), 1)
        f.send("IPC_WATCH", folder="INBOX")
        time.sleep(0.3)
        f.send("IPC_LIST", folder="INBOX")
        kind, payload, _ = f.receive()
        tap.equal((kind, payload["news"]), ("IPC_NEWS", False))
        tap.equal(f.receive()[0], "IPC_LISTED")
        f.send("IPC_WATCH", folder="INBOX")
        time.sleep(0.3)  # and it leaves with its peer out of an IDLE
    tap.equal(f.status, 0, f.errors)


def test_wrong_password():
    """A refused login is permanent, has a remedy, and does not repeat the password"""
    with fetcher(password="not-" + SECRET) as f:
        answer = f.list()
        assert answer["temporary"] is False and "LOGIN" in answer["error"], answer
        check = f.check()
        assert not check["ok"] and "授权码" in check["remedy"] and SECRET not in str(check), check
    with fetcher() as f:
        assert f.check()["ok"] and "TLS1.3" in f.check()["detail"]


def test_wrong_certificates():
    """A real server with a bad certificate never sees a login"""
    server = dovecot()
    for kind in ("wrong-name", "self-signed", "expired"):
        with tempfile.TemporaryDirectory(prefix="fortnight-imap-") as folder:
            os.chmod(folder, 0o755)
            with Dovecot(folder, {USER: SECRET}, certificate=kind) as bad:
                with fetcher(port=bad.tls_port, ca_file=server.ca_file if kind == "self-signed" else bad.ca_file) as f:
                    answer = f.list()
                    assert answer["temporary"] is False, answer
                with open(os.path.join(bad.dir, "dovecot.log")) as log:
                    assert "Login:" not in log.read()


def test_speed():
    """3,000 messages of 38 KB: memory does not grow with the mailbox"""
    sent = [b"Subject: %d\n\n" % i + (b"y" * 75 + b"\n") * 500 for i in range(3000)]
    dovecot().deliver("u7", sent)
    with fetcher("u7", tls="none", port=dovecot().port) as f:
        uids = f.list()["uids"]
        count = [0, 0]

        def each(facts, body):
            count[0] += 1
            count[1] += len(body)
        f.fetch(uids[:100], each=each)
        early_kb = f.peak_kb()
        start = time.monotonic()
        for i in range(100, len(uids), 500):
            f.fetch(uids[i:i + 500], each=each)
        seconds = time.monotonic() - start
        tap.equal(count, [3000, sum(len(crlf(message)) for message in sent)])
        tap.note(f"{(len(uids) - 100) / seconds:.0f} messages/s, peak {f.peak_kb()} KB, after 100 messages {early_kb} KB")
        assert f.peak_kb() < early_kb + 2000, "memory grows"


if __name__ == "__main__":
    try:
        tap.main()
    finally:
        if "server" in STATE:
            STATE["server"].stop()
            STATE["folder"].cleanup()
