#!/usr/bin/env python3
"""The whole way on real servers: mail in by SMTP, fetched by IMAP, read, recorded, answered, counted in the leaders' summary. Every
IMAP server with every MTA; then what must not happen a second time."""
import datetime, email, email.policy, glob, json, os, shutil, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'support'), os.path.join(HERE, '..', 'servers')]
import material, tap
from programme import CHINA, Programme, submit
from servers import Courier, Dovecot, Exim, Postfix, Unavailable

PEOPLE = ['youth', 'leader', 'supervisor', 'liaison', 'operator'] + ['org%02d' % i for i in range(1, 7)]


def wait(condition, what, timeout_s=20):
    end = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end:
            raise AssertionError('never happened: ' + what)
        time.sleep(0.05)


def stored(imap, user):
    """The messages in a person's Maildir."""
    paths = [p for folder in ('new', 'cur') for p in glob.glob(os.path.join(imap.maildir(user), folder, '*'))]
    return [email.message_from_binary_file(open(p, 'rb'), policy=email.policy.default) for p in paths]


def mails(draw, organizations, first, last):
    """Six reports in the shapes that arrive; what must be understood of each."""
    now = datetime.datetime.now(CHINA)
    shapes = [lambda r: dict(files=[('双周报.docx', material.report_docx(r))]), lambda r: dict(files=[('双周报.xlsx', material.report_xlsx(r))], charset='gbk'),
              lambda r: dict(text=material.report_text(r), charset='gb18030'), lambda r: dict(files=[('双周报.docx', material.report_docx(r))], charset='gbk'),
              lambda r: dict(text=material.report_text(r))]
    for i, shape in enumerate(shapes):
        report = draw.report(organizations[i], first, last)
        arguments = {'text': '见附件', **shape(report)}
        yield report, (organizations[i]['liaison_address'], material.mail(
            (organizations[i]['liaison_name'], organizations[i]['liaison_address']), 'youth@example.edu.cn', '双周报', arguments.pop('text'), now,
            f'gateway{i}.{now.timestamp()}@mail.example.edu.cn', **arguments))


def whole_way(imap_class, mta_class):
    folder = tempfile.mkdtemp(prefix='fortnight-gateway-')
    os.chmod(folder, 0o755)
    users = {p: 'secret' for p in PEOPLE}
    try:
        # letters always arrive in a Dovecot, so that they can be read whatever serves the gateway's own mailbox
        with Dovecot(folder, users) as people, mta_class(folder, lmtp_port=people.lmtp_port, users=users) as mta:
            if imap_class is Dovecot:
                way(folder, people, people, mta, lambda batch: submit(mta, batch))
            else:
                with imap_class(folder) as imap:
                    way(folder, imap, people, mta, lambda batch: imap.deliver([data.replace(b'\r\n', b'\n') for _, data in batch]))
    except Unavailable as reason:
        raise tap.Skip(str(reason))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def way(folder, imap, people, mta, send):
    draw = material.Draw(5)
    organizations = draw.organizations(6)
    today = datetime.datetime.now(CHINA).date()
    due = today + datetime.timedelta(days=2)
    first = due - datetime.timedelta(days=13)
    programme = Programme(os.path.join(folder, 'programme'), organizations, f'days_of_month = [{due.day}]; first_due = "{due}";',
                          receipt_due=str(due + datetime.timedelta(days=90)), imap=imap, smtp=mta)
    programme.run('poll')
    programme.run('release')
    sent = list(mails(draw, organizations, first, due))
    send([m for _, m in sent])
    if imap is people:
        wait(lambda: len(stored(people, 'youth')) == len(sent), 'delivery to the gateway')
    out = programme.run('poll')[1]
    tap.equal(programme.sql("SELECT count(*) FROM message WHERE state = 'recorded'"), [(len(sent),)], 'recorded: ' + out)
    for report, _ in sent:
        fields = dict(programme.sql('SELECT f.key, f.value_number FROM current_revision r JOIN field f ON f.revision = r.id JOIN organization o ON o.id = r.org_id '
                                    'WHERE o.name = ? AND f.value_number IS NOT NULL', report['org']))
        for key in ('questions_received', 'questions_answered', 'answered_24h', 'likes', 'members'):
            tap.equal(fields.get(key), report[key], report['org'] + ' ' + key)
    acks = lambda: [m for p in PEOPLE for m in (stored(people, p) if os.path.isdir(people.maildir(p)) else []) if (m['X-Fortnight-Id'] or '').startswith('ack/')]
    wait(lambda: len(acks()) == len(sent), 'acknowledgements')
    tap.equal({m['Auto-Submitted'] for m in acks()}, {'auto-replied'}, 'Auto-Submitted')
    tap.equal(sorted(m['In-Reply-To'] for m in acks()), sorted('<%s>' % i for (i,) in programme.sql('SELECT message_id FROM message')), 'In-Reply-To')
    again = programme.run('poll')[1]
    tap.equal(programme.sql('SELECT count(*) FROM message'), [(len(sent),)], 'a second pass: ' + again)
    morning = datetime.datetime.combine(due + datetime.timedelta(days=1), datetime.time(8, 1), CHINA)
    programme.run('poll', at=morning)
    wait(lambda: any((m['X-Fortnight-Id'] or '').startswith('summary/') for m in stored(people, 'leader')), 'summary')
    text = [m for m in stored(people, 'leader') if m['X-Fortnight-Id'].startswith('summary/')][0].get_body(('plain',)).get_content()
    total = sum(r['questions_received'] for r, _ in sent)
    if f'提问量 {total}' not in text or organizations[5]['name'] not in text:
        raise AssertionError(f'summary lacks {total} or {organizations[5]["name"]}:\n{text}')
    time.sleep(0.3)
    tap.equal(len(acks()), len(sent), 'acknowledgements in the end')


CASES = [(f'{i.name} and {m.name}: from mail to summary', lambda i=i, m=m: whole_way(i, m)) for i in (Dovecot, Courier) for m in (Exim, Postfix)]

if __name__ == '__main__':
    tap.run(CASES)
