#!/usr/bin/env python3
"""The sender role against scripted SMTP servers: what a refusal, a lost line, a lying or missing TLS end in. Prints TAP."""
import os
import ssl
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "servers"))
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


def case_replies():
    for stage, reply, outcome in REPLIES:
        with FakeSmtp(replies={stage: reply}) as server:
            answer = once(server)
            expect(answer, outcome, int(reply[:3]), reply.split("\r\n")[-1])
            assert outcome != "sent" or len(server.messages) == 1


def case_gbk_reply_is_readable():
    with FakeSmtp(replies={"AUTH": "535 请使用授权码登录。".encode("gbk")}) as server:
        expect(once(server), "account", 535, "请使用授权码登录")


def case_retry_times():
    with FakeSmtp(replies={"DOT": "451 DT:SPM"}) as server:
        assert once(server)["retry_after_s"] == 120
    with FakeSmtp(replies={"DOT": "451 MI:SFQ"}) as server:
        assert once(server)["retry_after_s"] == 900


# ---- lost lines ---------------------------------------------------------------------------------------------------


def case_cut_before_the_letter_is_temporary():
    for stage in ("GREETING", "EHLO", "AUTH", "MAIL", "RCPT", "DATA"):
        with FakeSmtp(cut=stage) as server:
            expect(once(server), "temporary")
            assert not server.messages and server.connections == 1, (stage, server.connections)


def case_cut_inside_the_letter_is_temporary_or_unsure():
    letter = LETTER + b"x" * 70 + b"\r\n" + (b"y" * 70 + b"\r\n") * 200000
    with FakeSmtp(cut="BODY") as server:
        expect(once(server, letter=letter), "temporary")
        assert not server.messages


def case_cut_after_the_dot_is_unsure():
    with FakeSmtp(cut="DOT") as server:
        expect(once(server), "unsure", 354)
        assert len(server.messages) == 1 and server.connections == 1, "an unsure letter must not be sent twice"


def case_silence_after_the_dot_is_unsure():
    with FakeSmtp(delay={"DOT": 8}) as server:
        start = time.monotonic()
        expect(once(server, timeout_s=SMALL_TIMEOUT_S), "unsure")
        assert time.monotonic() - start < 7, "the time-out did not count"


def case_silence_before_is_temporary():
    for stage in ("GREETING", "MAIL"):
        with FakeSmtp(delay={stage: 8}) as server:
            expect(once(server, timeout_s=SMALL_TIMEOUT_S), "temporary")


def case_nobody_listens():
    server = FakeSmtp()
    with server:
        pass
    expect(once(server), "temporary", 0)


def case_dead_kept_connection_is_replaced():
    with FakeSmtp(per_connection=1) as server:
        with Role("sender", **settings(server)) as role:
            for i in range(4):
                expect(deliver(role, number=i), "sent")
                time.sleep(0.1)
        assert len(server.messages) == 4 and server.connections == 4


def case_goodbye_on_kept_connection_is_replaced():
    with FakeSmtp(replies={"MAIL": ["250 ok", "421 4.4.2 idle too long", "250 ok"]}) as server:
        with Role("sender", **settings(server)) as role:
            expect(deliver(role), "sent")
            expect(deliver(role), "sent")
        assert len(server.messages) == 2 and server.connections == 2


def case_connection_is_kept():
    with FakeSmtp() as server:
        with Role("sender", **settings(server)) as role:
            for i in range(20):
                expect(deliver(role, number=i), "sent")
            refused = role.ask("IPC_SEND", "IPC_SENT", LETTER, id=1, **{"from": "gateway@example.com", "to": "a@b@c"})
            expect(refused, "recipient_refused")
        assert server.connections == 1 and len(server.messages) == 20, server.connections


# ---- what goes out ------------------------------------------------------------------------------------------------


def case_bytes_arrive_as_they_are():
    letter = b"Subject: x\r\n\r\n.\r\n..\r\n.\r\n" + b"z" * 998 + b"\r\n" + bytes(range(128, 256)) + b"\r\n.x\r\n"
    with FakeSmtp() as server:
        expect(once(server, letter=letter), "sent", 250)
        message = server.messages[0]
        assert message["data"] == letter, message["data"][:200]
        assert message["mail"].startswith(b"MAIL FROM:<gateway@example.com>") and message["rcpt"] == [b"RCPT TO:<a@example.com>"]
        assert message["authenticated"]
        assert server.commands[0] == b"EHLO gateway.example.com\r\n", server.commands[0]


def case_injection_is_refused_before_any_connection():
    hostile = ["a@example.com>\r\nRCPT TO:<evil@example.com", "a@example.com\nDATA", "a b@example.com", "<a@example.com>", "", "a"]
    with FakeSmtp() as server:
        for address in hostile:
            expect(once(server, to=address), "recipient_refused", 0)
            expect(once(server, sender=address), "account", 0)
        assert server.connections == 0


def case_unfit_letters_are_refused_before_any_connection():
    unfit = [b"Subject: x\n\nbare\n", b"Subject: x\r\n\r\n.\n", b"Subject: x\r\n\r\nno end", b"Subject: x\r\n\r\n" + b"x" * 999 + b"\r\n",
             b"Subject: x\r\n\r\nNUL \0\r\n", b""]
    with FakeSmtp() as server:
        for letter in unfit:
            expect(once(server, letter=letter), "content_refused", 0)
        assert server.connections == 0


# ---- TLS and login ------------------------------------------------------------------------------------------------


def files(folder, kind):
    return os.path.join(folder, kind + ".pem"), os.path.join(folder, kind + ".key")


def case_certificates():
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


def case_old_tls_is_refused():
    with tempfile.TemporaryDirectory() as folder:
        make_certificates(folder)
        os.chmod(folder, 0o755)
        with FakeSmtp(tls=files(folder, "good"), max_tls=ssl.TLSVersion.TLSv1_1) as server:
            answer = once(server, host="localhost", tls="implicit", ca_file=os.path.join(folder, "ca.pem"))
            assert answer["outcome"] in ("temporary", "account"), answer
            assert not server.secrets and not server.messages


def case_missing_starttls_is_refused():
    with FakeSmtp() as server:
        expect(once(server, tls="starttls"), "account")
        assert not any(c.startswith(b"AUTH") or c.startswith(b"MAIL") for c in server.commands), server.commands


def case_plain_only_on_loopback():
    with FakeSmtp() as server:
        expect(once(server, host="192.0.2.1"), "account", 0, "transport.tls")
        assert server.connections == 0


def case_check():
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


def case_xoauth2():
    with FakeSmtp(replies={"EHLO": ["AUTH XOAUTH2"]}) as server:
        expect(once(server, auth="xoauth2"), "sent")
        assert any(c.startswith(b"AUTH XOAUTH2") for c in server.commands), server.commands


def case_wrong_settings_are_told():
    with Role("sender", kind="smtp", host="127.0.0.1", port=0, tls="none") as role:
        expect(deliver(role), "account", 0, "transport.port")
        assert not role.check()["ok"]
    assert role.status == 0


# ---- directory ----------------------------------------------------------------------------------------------------


def case_directory():
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


def case_broken_peer_ends_the_role():
    with Role("sender", kind="directory", path="/tmp") as role:
        role.send("IPC_FETCH", folder="INBOX", uids=[1])
        try:
            role.receive()
            raise AssertionError("a frame for somebody else was answered")
        except (EOFError, ConnectionResetError):
            pass
    assert role.status == 1, role.status


def main():
    cases = [(name[5:], function) for name, function in globals().items() if name.startswith("case_")]
    print("1..%d" % len(cases))
    failed = False
    for number, (name, function) in enumerate(cases, 1):
        try:
            function()
            print("ok %d %s" % (number, name), flush=True)
        except Exception as error:  # noqa: BLE001: each case is told
            failed = True
            print("not ok %d %s\n# %s: %s" % (number, name, type(error).__name__, str(error).replace("\n", "\n# ")), flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
