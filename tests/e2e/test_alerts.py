#!/usr/bin/env python3
"""What the operator is told (SPEC 4): conditions that a person has to end, each once, with cause and remedy, by letter and by the configured
command, which works where mail does not."""
import datetime, email, email.policy, glob, json, os, sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, '..', 'support'), os.path.join(HERE, '..', 'servers')]
import tap
from fake_imap import FakeImap
from fake_smtp import FakeSmtp
from test_bad_input import MAIL, REMINDED, START, Certificates, Place, Reached, SmallDisk, edit, fill, pair

OPERATOR = 'operator@example.edu.cn'
HOUR = datetime.timedelta(hours=1)


def with_command(programme):
    """The second channel: a program that writes down what it is given."""
    script, told = os.path.join(programme.folder, 'tell'), os.path.join(programme.folder, 'told')
    with open(script, 'w') as f:
        f.write(f'#!/bin/sh\nprintf "%s|%s|%s\\n" "$@" >> {told}\n')
    os.chmod(script, 0o755)
    with open(programme.config, 'a') as f:
        f.write(f'alerts = {{ command = [ "{script}" ]; }};\n')
    return lambda: open(told, encoding='utf-8').read().splitlines() if os.path.exists(told) else []


def alerts(programme):
    """(key, text) of the operator's letters that left, in order."""
    found = []
    for path in sorted(glob.glob(os.path.join(programme.folder, 'sent', '*'))):
        with open(path, 'rb') as f:
            letter = email.message_from_binary_file(f, policy=email.policy.default)
        if letter['X-Fortnight-Id'].startswith('alert/'):
            tap.equal(letter['To'].addresses[0].addr_spec, OPERATOR, 'addressee')
            found.append((letter['X-Fortnight-Id'], letter.get_body(('plain',)).get_content()))
    return found


def keys(programme):
    return [key for key, _ in alerts(programme)]


def held(programme):
    return {code for code, in programme.sql('SELECT code FROM held_alert')}


def poll(programme, at, status):
    found, out, errors = programme.run('poll', at=at, check=False)
    tap.equal(found, status, f'exit status: {out}{errors}')


def holds(text, *parts):
    for part in parts:
        assert part in text, f'“{part}” does not stand in:\n{text}'


def mailbox_login():
    """the mailbox refuses the login: told after the third time, once a day, in the silent first contact too; by letter and by command"""
    with Certificates() as folder:
        with FakeImap('login-refused-gbk', MAIL, pair(folder, 'good')) as server, Place(imap=Reached(server.port, folder)) as programme:
            told = with_command(programme)
            for i, expected in enumerate([0, 0, 1, 1, 1]):
                poll(programme, START + i * HOUR, 2)
                tap.equal(len(keys(programme)), expected, f'letters after {i + 1} refusals')
            tap.equal(keys(programme), ['alert/mailbox.login/2016-06-20'], 'key')
            holds(alerts(programme)[0][1], '收件箱登录被拒绝', '请使用授权码登录', '授权码并写入 password_file', 'fortnight check', 'mailbox.login', '6月20日（星期一）09:00')
            tap.equal([line.split('|')[0] for line in told()], ['mailbox.login'], 'by command')
            holds(told()[0], '收件箱登录被拒绝', '重新生成授权码')
            poll(programme, START + 24 * HOUR, 2)
            tap.equal(keys(programme)[1:], ['alert/mailbox.login/2016-06-21'], 'the next day')
            tap.equal(held(programme), {'mailbox.login'}, 'it holds')
            server_ok = FakeImap('honest', MAIL, pair(folder, 'good'))
            with server_ok as good:
                edit(programme, f'port = {server.port};', f'port = {good.port};')
                poll(programme, START + 25 * HOUR, 0)
            tap.equal(held(programme), set(), 'it is over')


def mailbox_unreachable():
    """the mailbox does not answer: told after two hours, once; when it happens again, again"""
    with Certificates() as folder, FakeImap('honest', MAIL, pair(folder, 'good')) as server, Place(imap=Reached(1, folder)) as programme:
        for hours, expected in ((0, 0), (1, 0), (3, 1), (30, 1)):
            poll(programme, START + hours * HOUR, 75)
            tap.equal(len(keys(programme)), expected, f'letters after {hours} hours')
        holds(alerts(programme)[0][1], '收件箱长时间连不上', 'Connection refused', '检查网络', '6月20日（星期一）09:00')
        edit(programme, 'port = 1;', f'port = {server.port};')
        poll(programme, START + 31 * HOUR, 0)
        tap.equal(held(programme), set(), 'it is over')
        edit(programme, f'port = {server.port};', 'port = 1;')
        for hours, expected in ((40, 1), (41, 1), (43, 2)):
            poll(programme, START + hours * HOUR, 75)
            tap.equal(len(keys(programme)), expected, f'letters after {hours} hours')
        tap.equal(len(set(keys(programme))), 2, 'each has its own key')


def english():
    """an operator who reads English is told in English"""
    with Certificates() as folder, Place(imap=Reached(1, folder)) as programme:
        edit(programme, f'address = "{OPERATOR}";', f'address = "{OPERATOR}"; language = "en";')
        for hours in (0, 3):
            poll(programme, START + hours * HOUR, 75)
        holds(alerts(programme)[0][1], 'the mailbox has not been reached for long', 'Check the network', 'needs attention')


def transport_login():
    """letters are refused: the command tells the operator at once what no letter can; the letter about it does not come late"""
    with Certificates() as folder:
        with FakeSmtp(tls=pair(folder, 'good'), replies={'AUTH': '535 Error: authentication failed'}) as server:
            with Place(True, smtp=Reached(server.port, folder)) as programme:
                told = with_command(programme)
                for i, expected in enumerate([0, 0, 1, 1]):
                    poll(programme, REMINDED + i * HOUR, 2)
                    tap.equal(len(told()), expected, f'told after {i + 1} refusals')
                holds(told()[0], 'smtp.account|发信服务器拒绝登录或发信，信件发不出去', '535 Error: authentication failed', '|请在邮箱网页设置中确认 SMTP 服务已开启')
                tap.equal(programme.sql("SELECT count(*) FROM outbox WHERE kind = 'operator_alert' AND state IN ('queued', 'retry')"), [(1,)], 'its letter waits')
                server.replies = {}
                poll(programme, REMINDED + 10 * HOUR, 0)
                tap.equal(held(programme), set(), 'it is over')
                holds(programme.run('check', check=False)[1], 'ok    alerts')
                rows = programme.sql("SELECT state FROM outbox WHERE kind = 'operator_alert'")
                assert rows in ([('cancelled',)], [('sent',)]), rows
                # a command that fails harms nothing, and `check` names it before
                edit(programme, 'alerts = { command = [ "', 'alerts = { command = [ "/nonexistent')
                server.replies = {'AUTH': '535 Error: authentication failed'}
                edit(programme, 'days = -1; time = "09:00";', 'days = -1; time = "09:00"; ')
                poll(programme, REMINDED + 50 * HOUR, 2)
                holds(programme.run('check', check=False)[1], 'FAIL  alerts', '/nonexistent', 'there is no such program')


def transport_unreachable():
    """the mail server does not answer: told after two hours"""
    with Certificates() as folder, Place(True, smtp=Reached(1, folder)) as programme:
        told = with_command(programme)
        for hours, expected in ((0, 0), (1, 0), (3, 1), (8, 1)):
            poll(programme, REMINDED + hours * HOUR, 75)
            tap.equal(len(told()), expected, f'told after {hours} hours')
        holds(told()[0], 'smtp.unreachable|发信服务器长时间连不上', '检查网络和 transport 的 host、port')


def disk():
    """the disk becomes full: told while there is still room, before intake stops; once, and again when it happens again"""
    with Place() as programme, SmallDisk(programme, '48m') as small:
        with open(programme.config, 'a') as f:
            f.write('limits = { free_disk = "32MiB"; };\n')
        fill(programme, 5)
        poll(programme, START, 0)
        tap.equal(programme.sql('SELECT count(*) FROM message'), [(5,)], 'mail is still taken in')
        tap.equal([key.rsplit('/', 1)[0] for key in keys(programme)], ['alert/disk.low'], 'told')
        holds(alerts(programme)[0][1], '磁盘快满了', '腾出空间')
        poll(programme, START + HOUR, 0)
        tap.equal(len(keys(programme)), 1, 'once')
        small.grow('256m')
        poll(programme, START + 2 * HOUR, 0)
        tap.equal(held(programme), set(), 'it is over')
        small.grow('48m')
        poll(programme, START + 3 * HOUR, 0)
        tap.equal(len(keys(programme)), 2, 'again')


def mailbox_quota():
    """the mailbox is nearly full: told once, mail is taken in all the same"""
    with Certificates() as folder:
        with FakeImap('quota-full', MAIL, pair(folder, 'good')) as server, Place(imap=Reached(server.port, folder)) as programme:
            for i in range(2):
                poll(programme, START + i * HOUR, 0)
            tap.equal([key.rsplit('/', 1)[0] for key in keys(programme)], ['alert/mailbox.quota'], 'once')
            holds(alerts(programme)[0][1], '收件箱快满了', '95 %', '删除或另存旧邮件')
            tap.equal(programme.sql('SELECT count(*) FROM message'), [(1,)], 'mail is taken in')
            with FakeImap('quota-refused', MAIL, pair(folder, 'good')) as other:
                edit(programme, f'port = {server.port};', f'port = {other.port};')
                poll(programme, START + 2 * HOUR, 0)
            tap.equal(held(programme), set(), 'it is over')


CASES = [mailbox_quota, mailbox_login, mailbox_unreachable, english, transport_login, transport_unreachable, disk]

if __name__ == '__main__':
    tap.run([case for case in CASES if case.__name__ in sys.argv[1:] or len(sys.argv) == 1])
