#!/usr/bin/env python3
"""The sender role against scripted SMTP servers: what a refusal, a lost line, a lying or missing TLS end in."""
import os
import ssl
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "servers")]
import tap  # noqa: E402
from certificates import make_certificates  # noqa: E402
from fake_smtp import FakeSmtp  # noqa: E402
from role_client import Role  # noqa: E402

LETTER = b"Subject: x\r\nMessage-ID: <l.1@example.com>\r\n\r\nhello\r\n.\r\n..two\r\nend\r\n"
SMALL_TIMEOUT_S = 2


def settings(server, **more):
    return {"kind": "smtp", "host": "127.0.0.1", "port": server.port, "tls": "none", "ehlo": "gateway.example.com",
            "user": "gateway", "password": "s3cret-credential", "timeout_s": 10, **more}


def deliver(role, to="a@example.com", letter=LETTER, sender="gateway@example.com", number=7):
    answer = role.ask("IPC_SEND", "IPC_SENT", letter, id=number, **{"from": sender, "to": to})
    assert answer["id"] == number, answer
    return answer


def once(server, to="a@example.com", letter=LETTER, sender="gateway@example.com", **more):
    with Role("sender", **settings(server, **more)) as role:
        answer = deliver(role, to, letter, sender)
    assert role.status == 0, (role.status, role.errors)
    assert "s3cret" not in role.errors and "a@example.com" not in role.errors, role.errors
    return answer


def expect(answer, outcome, code=None, text=None):
    assert answer["outcome"] == outcome, answer
    assert code is None or answer["code"] == code, answer
    assert text is None or text in answer["reply"], answer


# ---- what the server says -----------------------------------------------------------------------------------------

REPLIES = [  # stage, reply, outcome
    ("GREETING", "421 HL:REP 163 smtp12", "retry_soon"),
    ("GREETING", "554 IP is rejected, smtp auth error limit exceed", "account"),
    ("AUTH", "535 Error: authentication failed", "account"),
    ("AUTH", "451 too much fail authentication", "account"),
    ("AUTH", "454 4.7.0 Temporary authentication failure", "retry_soon"),
    ("MAIL", "553 Mail from must equal authorized user", "account"),
    ("MAIL", "550 User has no permission", "account"),
    ("MAIL", "552 5.3.4 Message size exceeds fixed limit", "too_large"),
    ("RCPT", "550 Invalid User", "recipient_refused"),
    ("RCPT", "450 4.2.0 greylisted", "retry_soon"),
    ("RCPT", "452 4.5.3 too many", "retry_soon"),
    ("RCPT", "552 exceeded quota", "recipient_refused"),
    ("RCPT", "550 RP:TRC 163", "retry_next_day"),
    ("RCPT", "550 Ip frequency limited", "retry_soon"),
    ("DATA", "451 MI:SFQ 163", "retry_soon"),
    ("DOT", "451 DT:SPM 163 smtp12", "retry_soon"),
    ("DOT", "554 DT:SPM 163 smtp12,EMCowAC--.20404S2 1547175487,please see http://mail.163.com/", "content_refused"),
    ("DOT", "554 5.5.0 MI:STC", "retry_next_day"),
    ("DOT", "554 DT:SUM 163", "account"),
    ("DOT", "552 Message too large", "too_large"),
    ("DOT", "554-first line\r\n554 DT:SPM last line", "content_refused"),
    ("DOT", "250 whatever it means", "sent"),
]


def test_replies():
    """Every reply of the table ends in its outcome, with code and full line"""
    for stage, reply, outcome in REPLIES:
        with FakeSmtp(replies={stage: reply}) as server:
            answer = once(server)
            expect(answer, outcome, int(reply[:3]), reply.split("\r\n")[-1])
            assert outcome != "sent" or len(server.messages) == 1


def test_gbk_reply_is_readable():
    """A reply in GBK is readable"""
    with FakeSmtp(replies={"AUTH": "535 请使用授权码登录。".encode("gbk")}) as server:
        expect(once(server), "account", 535, "请使用授权码登录")


def test_retry_times():
    """How long to wait is said"""
    with FakeSmtp(replies={"DOT": "451 DT:SPM"}) as server:
        assert once(server)["retry_after_s"] == 120
    with FakeSmtp(replies={"DOT": "451 MI:SFQ"}) as server:
        assert once(server)["retry_after_s"] == 900


# ---- lost lines ---------------------------------------------------------------------------------------------------


def test_cut_before_the_letter_is_temporary():
    """A line lost before the letter: temporary, nothing delivered"""
    for stage in ("GREETING", "EHLO", "AUTH", "MAIL", "RCPT", "DATA"):
        with FakeSmtp(cut=stage) as server:
            expect(once(server), "temporary")
            assert not server.messages and server.connections == 1, (stage, server.connections)


def test_cut_inside_the_letter_is_temporary_or_unsure():
    """A line lost inside the letter: temporary"""
    letter = LETTER + b"x" * 70 + b"\r\n" + (b"y" * 70 + b"\r\n") * 200000
    with FakeSmtp(cut="BODY") as server:
        expect(once(server, letter=letter), "temporary")
        assert not server.messages


def test_cut_after_the_dot_is_unsure():
    """A line lost after the final dot: unsure, and not sent again"""
    with FakeSmtp(cut="DOT") as server:
        expect(once(server), "unsure", 354)
        assert len(server.messages) == 1 and server.connections == 1, "an unsure letter must not be sent twice"


def test_silence_after_the_dot_is_unsure():
    """Silence after the final dot: unsure within the time-out"""
    with FakeSmtp(delay={"DOT": 8}) as server:
        start = time.monotonic()
        expect(once(server, timeout_s=SMALL_TIMEOUT_S), "unsure")
        assert time.monotonic() - start < 7, "the time-out did not count"


def test_silence_before_is_temporary():
    """Silence before: temporary"""
    for stage in ("GREETING", "MAIL"):
        with FakeSmtp(delay={stage: 8}) as server:
            expect(once(server, timeout_s=SMALL_TIMEOUT_S), "temporary")


def test_nobody_listens():
    """Nobody on the port: temporary"""
    server = FakeSmtp()
    with server:
        pass
    expect(once(server), "temporary", 0)


def test_dead_kept_connection_is_replaced():
    """A kept connection that died is replaced at once"""
    with FakeSmtp(per_connection=1) as server:
        with Role("sender", **settings(server)) as role:
            for i in range(4):
                expect(deliver(role, number=i), "sent")
                time.sleep(0.1)
        assert len(server.messages) == 4 and server.connections == 4


def test_goodbye_on_kept_connection_is_replaced():
    """A 421 on a kept connection: a fresh one, one letter"""
    with FakeSmtp(replies={"MAIL": ["250 ok", "421 4.4.2 idle too long", "250 ok"]}) as server:
        with Role("sender", **settings(server)) as role:
            expect(deliver(role), "sent")
            expect(deliver(role), "sent")
        assert len(server.messages) == 2 and server.connections == 2


def test_connection_is_kept():
    """Twenty letters, one connection"""
    with FakeSmtp() as server:
        with Role("sender", **settings(server)) as role:
            for i in range(20):
                expect(deliver(role, number=i), "sent")
            refused = role.ask("IPC_SEND", "IPC_SENT", LETTER, id=1, **{"from": "gateway@example.com", "to": "a@b@c"})
            expect(refused, "recipient_refused")
        assert server.connections == 1 and len(server.messages) == 20, server.connections


# ---- what goes out ------------------------------------------------------------------------------------------------


def test_bytes_arrive_as_they_are():
    """Dots, 998 octets and 8-bit bytes arrive as they are"""
    letter = b"Subject: x\r\n\r\n.\r\n..\r\n.\r\n" + b"z" * 998 + b"\r\n" + bytes(range(128, 256)) + b"\r\n.x\r\n"
    with FakeSmtp() as server:
        expect(once(server, letter=letter), "sent", 250)
        message = server.messages[0]
        assert message["data"] == letter, message["data"][:200]
        assert message["mail"].startswith(b"MAIL FROM:<gateway@example.com>") and message["rcpt"] == [b"RCPT TO:<a@example.com>"]
        assert message["authenticated"]
        assert server.commands[0] == b"EHLO gateway.example.com\r\n", server.commands[0]


def test_injection_is_refused_before_any_connection():
    """Commands in addresses are refused before any connection"""
    hostile = ["a@example.com>\r\nRCPT TO:<evil@example.com", "a@example.com\nDATA", "a b@example.com", "<a@example.com>", "", "a"]
    with FakeSmtp() as server:
        for address in hostile:
            expect(once(server, to=address), "recipient_refused", 0)
            expect(once(server, sender=address), "account", 0)
        assert server.connections == 0


def test_unfit_letters_are_refused_before_any_connection():
    """Bare line ends, long lines, NUL: refused before any connection"""
    unfit = [b"Subject: x\n\nbare\n", b"Subject: x\r\n\r\n.\n", b"Subject: x\r\n\r\nno end", b"Subject: x\r\n\r\n" + b"x" * 999 + b"\r\n",
             b"Subject: x\r\n\r\nNUL \0\r\n", b""]
    with FakeSmtp() as server:
        for letter in unfit:
            expect(once(server, letter=letter), "content_refused", 0)
        assert server.connections == 0


# ---- TLS and login ------------------------------------------------------------------------------------------------


def files(folder, kind):
    return os.path.join(folder, kind + ".pem"), os.path.join(folder, kind + ".key")


def test_certificates():
    """A wrong, expired or self-signed certificate: no credential leaves"""
    with tempfile.TemporaryDirectory() as folder:
        make_certificates(folder)
        os.chmod(folder, 0o755)
        ca_file = os.path.join(folder, "ca.pem")
        for mode in ("tls", "starttls"):
            for kind in ("good", "wrong-name", "expired", "self-signed"):
                with FakeSmtp(**{mode: files(folder, kind)}) as server:
                    answer = once(server, host="localhost", tls="implicit" if mode == "tls" else mode, ca_file=ca_file)
                    expect(answer, "sent" if kind == "good" else "account")
                    assert kind == "good" or not server.secrets, "the credential left before the certificate was verified"
                    assert kind == "good" or not any(c.startswith(b"AUTH") for c in server.commands)


def test_old_tls_is_refused():
    """TLS 1.1 is refused"""
    with tempfile.TemporaryDirectory() as folder:
        make_certificates(folder)
        os.chmod(folder, 0o755)
        with FakeSmtp(tls=files(folder, "good"), max_tls=ssl.TLSVersion.TLSv1_1) as server:
            answer = once(server, host="localhost", tls="implicit", ca_file=os.path.join(folder, "ca.pem"))
            assert answer["outcome"] in ("temporary", "account"), answer
            assert not server.secrets and not server.messages


def test_missing_starttls_is_refused():
    """STARTTLS that is not offered: refused, no login"""
    with FakeSmtp() as server:
        expect(once(server, tls="starttls"), "account")
        assert not any(c.startswith(b"AUTH") or c.startswith(b"MAIL") for c in server.commands), server.commands


def test_plain_only_on_loopback():
    """A plain connection is made to this machine only"""
    with FakeSmtp() as server:
        expect(once(server, host="192.0.2.1"), "account", 0, "transport.tls")
        assert server.connections == 0


def test_check():
    """Check logs in, sends nothing, and names the remedy"""
    with FakeSmtp() as server:
        with Role("sender", **settings(server)) as role:
            assert role.check()["ok"], role.check()
        assert not server.messages and any(c.startswith(b"AUTH") for c in server.commands)
        assert not any(c.startswith(b"MAIL") for c in server.commands)
    with FakeSmtp(replies={"AUTH": "535 Error: authentication failed"}) as server:
        with Role("sender", **settings(server)) as role:
            answer = role.check()
        assert not answer["ok"] and "535" in answer["detail"] and "授权码" in answer["remedy"], answer
    with FakeSmtp(replies={"EHLO": ["HELP"]}) as server:
        with Role("sender", **settings(server)) as role:
            answer = role.check()
        assert not answer["ok"] and "login" in answer["detail"], answer


def test_xoauth2():
    """XOAUTH2 when told so"""
    with FakeSmtp(replies={"EHLO": ["AUTH XOAUTH2"]}) as server:
        expect(once(server, auth="xoauth2"), "sent")
        assert any(c.startswith(b"AUTH XOAUTH2") for c in server.commands), server.commands


def test_wrong_settings_are_told():
    """Wrong settings are told with every letter"""
    with Role("sender", kind="smtp", host="127.0.0.1", port=0, tls="none") as role:
        expect(deliver(role), "account", 0, "transport.port")
        assert not role.check()["ok"]
    assert role.status == 0


# ---- directory ----------------------------------------------------------------------------------------------------


def test_directory():
    """The directory holds whole letters, numbered on"""
    with tempfile.TemporaryDirectory() as folder:
        with Role("sender", kind="directory", path=folder) as role:
            expect(deliver(role), "sent", 250)
            expect(deliver(role, to="b/../../x@example.com"), "sent")
            assert role.check()["ok"]
        with Role("sender", kind="directory", path=folder) as role:
            expect(deliver(role), "sent")
        names = sorted(os.listdir(folder))
        assert [n[:7] for n in names] == ["000001-", "000002-", "000003-"], names
        assert names[0].endswith("-a@example.com.eml") and "/" not in names[1], names
        for name in names:
            with open(os.path.join(folder, name), "rb") as f:
                assert f.read() == LETTER


def test_broken_peer_ends_the_role():
    """A frame for somebody else ends the role"""
    with Role("sender", kind="directory", path="/tmp") as role:
        role.send("IPC_FETCH", folder="INBOX", uids=[1])
        try:
            role.receive()
            raise AssertionError("a frame for somebody else was answered")
        except (EOFError, ConnectionResetError):
            pass
    assert role.status == 1, role.status


if __name__ == "__main__":
    tap.main()
