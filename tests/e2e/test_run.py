#!/usr/bin/env python3
"""The daemon: mail is seen at once where the server tells of it, answered, and the program leaves in order."""
import datetime, os, shutil, signal, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'support'), os.path.join(HERE, '..', 'servers'), HERE]
import material, tap
from programme import CHINA, PROGRAM, Programme, submit
from servers import Dovecot, Exim, Unavailable
from test_gateway import PEOPLE, mails, stored, wait


def run():
    """`run` sees new mail by IDLE, answers it, and ends in order at SIGTERM"""
    folder = tempfile.mkdtemp(prefix='fortnight-run-')
    os.chmod(folder, 0o755)
    users = {p: 'secret' for p in PEOPLE}
    try:
        with Dovecot(folder, users) as imap, Exim(folder, lmtp_port=imap.lmtp_port, users=users) as mta:
            draw = material.Draw(9)
            organizations = draw.organizations(6)
            due = datetime.datetime.now(CHINA).date() + datetime.timedelta(days=2)
            programme = Programme(os.path.join(folder, 'programme'), organizations, f'days_of_month = [{due.day}]; first_due = "{due}";',
                                  receipt_due=str(due + datetime.timedelta(days=90)), imap=imap, smtp=mta)
            programme.run('poll')
            programme.run('release')
            daemon = subprocess.Popen([PROGRAM, 'run', '--config', programme.config], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            try:
                time.sleep(2)  # a first pass over an empty mailbox
                start = time.monotonic()
                sent = list(mails(draw, organizations, due - datetime.timedelta(days=13), due))
                submit(mta, [m for _, m in sent])
                # the poll interval is five minutes: only a server that tells of the mail makes this quick
                acks = lambda: sum((m['X-Fortnight-Id'] or '').startswith('ack/') for p in PEOPLE if os.path.isdir(imap.maildir(p)) for m in stored(imap, p))
                wait(lambda: acks() == len(sent), 'acknowledgements by IDLE', 30)
                print(f'# {len(sent)} acknowledgements {time.monotonic() - start:.1f} s after the mail was sent')
                children = open(f'/proc/{daemon.pid}/task/{daemon.pid}/children').read().split()
                daemon.send_signal(signal.SIGTERM)
                tap.equal(daemon.wait(timeout=30), 0, 'exit status')
                wait(lambda: not any(os.path.exists(f'/proc/{pid}') for pid in children), 'end of all roles', 5)
            finally:
                if daemon.poll() is None:
                    daemon.kill()
    except Unavailable as reason:
        raise tap.Skip(str(reason))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def logged(mta, sender):
    """The instants at which the MTA took mail of a sender, by its own log."""
    with open(os.path.join(mta.dir, 'log', 'mainlog'), encoding='utf-8', errors='replace') as f:
        return [datetime.datetime.strptime(line[:19], '%Y-%m-%d %H:%M:%S') for line in f if f' <= {sender} ' in line]


def urgent_at_night():
    """a mail marked urgent in quiet hours, behind slow ordinary letters: three people's letters are with the MTA within 60 s, by its log"""
    folder = tempfile.mkdtemp(prefix='fortnight-urgent-')
    os.chmod(folder, 0o755)
    told = ['leader', 'supervisor', 'coordinator']
    users = {p: 'secret' for p in PEOPLE + ['coordinator']}
    try:
        with Dovecot(folder, users) as imap, Exim(folder, lmtp_port=imap.lmtp_port, users=users) as mta:
            draw = material.Draw(9)
            organizations = draw.organizations(6)
            now = datetime.datetime.now(CHINA)
            due = now.date() + datetime.timedelta(days=2)
            quiet = f'quiet_from = "{now - datetime.timedelta(hours=1):%H:%M}"; quiet_to = "{now + datetime.timedelta(hours=6):%H:%M}";'
            programme = Programme(os.path.join(folder, 'programme'), organizations, f'days_of_month = [{due.day}]; first_due = "{due}";',
                                  receipt_due=str(due + datetime.timedelta(days=90)), imap=imap, smtp=mta, letters=quiet)
            with open(programme.config, encoding='utf-8') as f:
                text = f.read()
            with open(programme.config, 'w', encoding='utf-8') as f:
                f.write(text.replace('interval = "0s"', 'interval = "30s"'))
            programme.run('poll')
            programme.run('release')
            daemon = subprocess.Popen([PROGRAM, 'run', '--config', programme.config], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            try:
                time.sleep(3)  # a first pass over an empty mailbox
                reports = [m for _, m in mails(draw, organizations, due - datetime.timedelta(days=13), due)]
                person = organizations[5]['liaison_name'], organizations[5]['liaison_address']
                submit(mta, reports)
                submit(mta, [(person[1], material.mail(person, 'youth@example.edu.cn', '紧急：3号楼水管破裂', '一楼走廊进水，请速派人。', now, 'urgent@mail.example.edu.cn'))])
                alarms = lambda: sum((m['X-Fortnight-Id'] or '').startswith('urgent/') for p in told if os.path.isdir(imap.maildir(p)) for m in stored(imap, p))
                wait(lambda: alarms() == 3, 'letters to three people', 90)
                sent = lambda: [kind for kind, in programme.sql("SELECT kind FROM outbox WHERE state = 'sent' ORDER BY changed_s, id")]
                wait(lambda: sent().count('urgent') == 3, 'their outcome')
                arrived = logged(mta, person[1])[-1]
                # whatever was handed over until the third of them, it is not later than the last line of the log
                last, kinds = logged(mta, 'youth@example.edu.cn')[-1], sent()
                took_s = (last - arrived).total_seconds()
                print(f'# the MTA took the mail at {arrived:%H:%M:%S} and the last of three letters at {last:%H:%M:%S}: {took_s:.0f} s; {len(kinds)} letters so far: {" ".join(kinds)}')
                if took_s > 60:
                    raise AssertionError(f'{took_s} s from arrival to hand-over')
                daemon.send_signal(signal.SIGTERM)
                tap.equal(daemon.wait(timeout=60), 0, 'exit status')
            finally:
                if daemon.poll() is None:
                    daemon.kill()
    except Unavailable as reason:
        raise tap.Skip(str(reason))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == '__main__':
    tap.run([case for case in (run, urgent_at_night) if case.__name__ in sys.argv[1:] or len(sys.argv) == 1])
