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


if __name__ == '__main__':
    tap.run([run])
