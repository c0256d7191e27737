#!/usr/bin/env python3
"""The fetcher against Courier, a server of another school: greets with PREAUTH, knows no IDLE, sends flags its own way."""
import imaplib
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "servers")]
import tap  # noqa: E402
from fetcher_client import Fetcher  # noqa: E402
from servers import Courier, Unavailable  # noqa: E402

STATE = {}


def courier():
    if "server" not in STATE:
        STATE["folder"] = tempfile.TemporaryDirectory(prefix="fortnight-imap-")
        os.chmod(STATE["folder"].name, 0o755)
        try:
            server = Courier(STATE["folder"].name)
            server.start()
        except Unavailable as reason:
            raise tap.Skip(str(reason)) from None
        STATE["server"] = server
        STATE["sent"] = [b"Subject: %d\n\n\xc7\xeb %s\n" % (i, b"x" * i * 97) for i in range(120)]
        server.deliver(STATE["sent"])
    return STATE["server"]


def fetcher():
    return Fetcher(kind="imap", host="127.0.0.1", port=courier().port, tls="none", user="gateway", password="unused")


def test_round_trip():
    """All messages come with their bytes"""
    with fetcher() as f:
        listing = f.list()
        tap.equal(len(listing["uids"]), 120, str(listing))
        messages, end = f.fetch(listing["uids"])
        tap.equal(end["count"], 120)
        want = sorted(message.replace(b"\n", b"\r\n") for message in STATE["sent"])
        assert sorted(body for _, body in messages.values()) == want, "bytes differ"
    tap.equal(f.status, 0, f.errors)


def test_gaps_and_flags():
    """Some messages flagged and some gone: the rest comes, with flags"""
    client = imaplib.IMAP4("127.0.0.1", courier().port)
    client.select("INBOX")
    client.store("10", "+FLAGS", "\\Seen")
    client.store("20:30,40", "+FLAGS", "\\Deleted")
    with fetcher() as f:
        uids = f.list()["uids"]
        client.expunge()
        client.logout()
        messages, end = f.fetch(uids)
        tap.equal(end["count"], 108)
        tap.equal(messages[uids[9]][0]["flags"], ["\\Seen"])
        tap.equal(len(f.list()["uids"]), 108)


def test_folders():
    """A missing folder is said to be missing"""
    with fetcher() as f:
        tap.equal(f.list("*")["folders"], ["INBOX"])
        tap.equal(f.list("垃圾邮件").get("missing"), True)
        assert f.check()["ok"]


if __name__ == "__main__":
    try:
        tap.main()
    finally:
        if "server" in STATE:
            STATE["server"].stop()
            STATE["folder"].cleanup()
