#!/usr/bin/env python3
"""The main job, shown: a Youth Voice programme with a dozen organizations on a real IMAP server and a real MTA, from mail to
the leaders' summary. Everything runs on loopback below BUILD/demo and is stopped at the end; `make demo` calls this.

    demo.py [--build build] [--seed N] [--mail FILE]

--seed draws names and numbers anew; --mail adds a message of your own and shows how it was understood and answered."""
import argparse, datetime, email, email.policy, email.utils, imaplib, json, os, random, re, shutil, ssl, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'support'), os.path.join(HERE, '..', 'servers')]
import material
from programme import CHINA, ROOT, Programme, submit

ORGANIZATIONS = 12
DUE_IN_S = 25  # the deadline of the demonstration: far enough to receive the mails before it
PEOPLE = ['youth', 'leader', 'supervisor', 'coordinator', 'liaison', 'operator']


def heading(text):
    print('\n\033[1m%s\033[0m' % text if sys.stdout.isatty() else '\n== ' + text, flush=True)


def say(text):
    print(text, flush=True)


# ---- mails ----------------------------------------------------------------------------------------------------------

class Mails:
    """What the organizations send. Each: (who, what it is, sender, bytes)."""

    def __init__(self, draw, organizations, first, last):
        self.draw, self.organizations, self.first, self.last = draw, organizations, first, last
        self.number = 0
        self.reports = {}

    def send(self, org, subject, text, files=(), charset='utf-8', html=None, encoding='b', headers='', sender=None):
        self.number += 1
        name, address = sender or (org['liaison_name'], org['liaison_address'])
        now = datetime.datetime.now(CHINA)
        return address, material.mail((name, address), 'youth@example.edu.cn', subject, text, now, f'demo{self.number}.{now:%H%M%S}@example.edu.cn', files, charset, html,
                                      headers, encoding)

    def report(self, org):
        self.reports[org['name']] = self.draw.report(org, self.first, self.last)
        return self.reports[org['name']]

    def on_time(self):
        o = self.organizations
        r = self.report(o[0])
        yield o[0], 'Word form, UTF-8', self.send(o[0], '双周报 ' + o[0]['name'], '老师好，双周报见附件。', [('双周报.docx', material.report_docx(r))])
        r = self.report(o[1])
        yield o[1], 'Word form, GBK names', self.send(o[1], o[1]['name'] + '本期双周报（含问题清单）', '见附件。\n\n——\n%s 敬上' % o[1]['liaison_name'],
                                                     [(o[1]['name'] + '双周报.docx', material.report_docx(r))], 'gbk')
        r = self.report(o[2])
        yield o[2], 'Excel form', self.send(o[2], '双周报', '双周报请查收', [('双周报.xlsx', material.report_xlsx(r))], 'gb18030', encoding='q')
        r = self.report(o[3])
        yield o[3], 'text in the mail, GBK', self.send(o[3], '青年之声双周报', material.report_text(r), charset='gbk')
        r = self.report(o[4])
        rows = ''.join(f'<tr><td>{label}</td><td>{value}</td></tr>' for label, value in material.report_pairs(r))
        yield o[4], 'table in the mail (HTML)', self.send(o[4], '双周报-' + o[4]['name'], '请用 HTML 查看', html=f'<p>老师好：</p><table border="1">{rows}</table>')
        r = self.report(o[5])
        r.update(questions_answered=r['questions_received'] + 7, reporter='', reporter_phone='')
        yield o[5], 'with defects (more answers than questions)', self.send(o[5], '双周报', '见附件', [('双周报.docx', material.report_docx(r))])
        r = self.report(o[6])
        r['urgent'] = '有同学反映宿舍楼道照明损坏，存在安全隐患。'
        yield o[6], 'urgent matter filled in', self.send(o[6], '双周报（有紧急情况）', '见附件', [('双周报.docx', material.report_docx(r))])
        members = [[self.draw.person(), '20160%03d' % i, '干事', self.draw.phone(), 'wb%03d' % i] for i in range(12)]
        yield o[7], 'contact receipt', self.send(o[7], '联系回执表', '回执见附件', [('联系回执表.docx', material.receipt_docx(o[7], 12, members))])
        yield o[8], 'old Word format (.doc)', self.send(o[8], '双周报', '见附件', [('双周报.doc', b'\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1' + bytes(504) + b'W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t\0' + bytes(2048))])
        yield None, 'a stranger asks', self.send(None, '请问如何加入', '你好，请问社团怎么报名？', sender=('路人', 'passerby@example.com'))
        yield None, 'an out-of-office notice', self.send(None, '自动回复：提醒', '您好，我正在休假。', sender=(o[9]['liaison_name'], o[9]['liaison_address']), headers='Auto-Submitted: auto-replied\r\n')

    def late(self):
        o = self.organizations
        yield o[10], 'late, Word form', self.send(o[10], '补交双周报', '抱歉晚了', [('双周报.docx', material.report_docx(self.report(o[10])))])


# ---- looking at mailboxes -------------------------------------------------------------------------------------------

def mailbox(imap, user):
    """The messages in a person's mailbox, read by IMAP as their mail client would."""
    context = ssl.create_default_context(cafile=imap.ca_file)
    with imaplib.IMAP4_SSL('localhost', imap.tls_port, ssl_context=context) as client:
        client.login(user, 'secret')
        client.select('INBOX', readonly=True)
        numbers = client.search(None, 'ALL')[1][0].split()
        return [email.message_from_bytes(client.fetch(n, '(BODY.PEEK[])')[1][0][1], policy=email.policy.default) for n in numbers]


def count(imap, user):
    folders = [os.path.join(imap.maildir(user), f) for f in ('new', 'cur')]
    return sum(len(os.listdir(f)) for f in folders if os.path.isdir(f))


def wait_for_mail(imap, counts, timeout_s=20):
    """Delivery is the MTA's business: waits until each person has as many messages as were sent."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if all(count(imap, user) >= n for user, n in counts.items()):
            return
        time.sleep(0.1)


def wait_for_letters(programme, imap):
    rows = programme.sql("SELECT to_address, count(*) FROM outbox WHERE state = 'sent' GROUP BY 1")
    wait_for_mail(imap, {address.split('@')[0]: n for address, n in rows})


def show_letters(imap, users, seen):
    for user in users:
        if not os.path.isdir(imap.maildir(user)):
            continue
        for message in mailbox(imap, user):
            if message['X-Fortnight-Id'] and (user, message['Message-ID']) not in seen:
                seen.add((user, message['Message-ID']))
                say('  %-12s %-46s %s' % (user, message['Subject'][:60], message['X-Fortnight-Id']))


# ---- the story ------------------------------------------------------------------------------------------------------

def check_totals(programme, period):
    """The summary's figures against a query of our own on the stored fields."""
    model = json.loads(programme.run('summary', '--json', period)[1])
    rows = dict(programme.sql(
        'SELECT f.key, sum(f.value_number) FROM submission s JOIN revision r ON r.submission = s.id AND r.number = s.current '
        'JOIN field f ON f.revision = r.id WHERE s.obligation = ? AND s.period = ? GROUP BY f.key', 'biweekly', period))
    wrong = [(t['key'], t['value'], rows.get(t['key'])) for t in model['totals'] if (t['value'] or 0) != (rows.get(t['key']) or 0)]
    say('  %d totals compared with a query of their own: %s' % (len(model['totals']), 'all equal' if not wrong else 'DIFFERENT: %s' % wrong))
    return not wrong


def show_own_mail(programme, path, imap):
    heading('Your own message: ' + path)
    status, out, err = programme.run('parse', path, check=False)
    say(out.rstrip() + err.rstrip())
    own = email.message_from_bytes(open(path, 'rb').read(), policy=email.policy.compat32)
    message_id = re.sub(r'[<>\s]', '', str(own['Message-ID'] or ''))
    rows = programme.sql('SELECT id FROM message WHERE message_id = ? ORDER BY id DESC LIMIT 1', message_id) or \
        programme.sql('SELECT id FROM message WHERE from_address = ? ORDER BY id DESC LIMIT 1', email.utils.parseaddr(str(own['From']))[1])
    if not rows:
        say('  it has not arrived')
        return
    say(programme.run('explain', 'message', str(rows[0][0]))[1].rstrip())
    letters = programme.sql("SELECT key, to_address FROM outbox WHERE answers = ? AND state = 'sent'", rows[0][0])
    if not letters:
        say('  No letter answers it: ' + ', '.join(text for (text,) in programme.sql('SELECT text FROM review WHERE message = ?', rows[0][0])))
    for key, address in letters:
        for message in stored(imap, address.split('@')[0]):
            if message['X-Fortnight-Id'] == key:
                say('\nThe answer to %s, as it arrived:\n\nSubject: %s\n\n%s' % (address, message['Subject'], message.get_body(('plain',)).get_content().rstrip()))


def stored(imap, user):
    """The messages in a person's Maildir, also of somebody who has no password here."""
    folders = [os.path.join(imap.maildir(user), f) for f in ('new', 'cur')]
    paths = [os.path.join(f, name) for f in folders if os.path.isdir(f) for name in os.listdir(f)]
    return [email.message_from_bytes(open(p, 'rb').read(), policy=email.policy.default) for p in paths]


def story(arguments, imap, smtp, folder):
    draw = material.Draw(arguments.seed)
    organizations = draw.organizations(ORGANIZATIONS)
    organizations[11]['liaison_address'] = ''  # nobody knows it: stands on the call list
    due = (datetime.datetime.now(CHINA) + datetime.timedelta(seconds=DUE_IN_S)).replace(microsecond=0)
    last = due.date()
    period = last.isoformat()
    day_before_span = (last - datetime.timedelta(days=14))
    days = sorted({last.day, day_before_span.day})
    schedule = f'days_of_month = {days}; first_due = "{period}"; time = "{due:%H:%M:%S}";'
    programme = Programme(folder, organizations, schedule, receipt_due=(last + datetime.timedelta(days=5)).isoformat(), imap=imap, smtp=smtp)
    mails = Mails(draw, organizations, day_before_span + datetime.timedelta(days=1), last)
    users = PEOPLE[1:] + [o['liaison_address'].split('@')[0] for o in organizations if o['liaison_address']] + ['teacher%02d' % (i + 1) for i in range(ORGANIZATIONS)]
    seen = set()

    heading('1. The programme: %d organizations, a shared mailbox, a report due %s' % (ORGANIZATIONS, due.strftime('%F %T')))
    say(programme.run('check')[1].rstrip())
    start = datetime.datetime.combine(last - datetime.timedelta(days=2), datetime.time(9), CHINA)
    programme.run('poll', at=start)
    say('  ' + programme.run('release', at=start)[1].rstrip())

    heading('2. The day before: those who owe are reminded (clock moved to %s 09:00)' % (last - datetime.timedelta(days=1)))
    out = programme.run('poll', at=datetime.datetime.combine(last - datetime.timedelta(days=1), datetime.time(9, 0, 30), CHINA))[1]
    say('  ' + out.strip())
    wait_for_letters(programme, imap)
    show_letters(imap, users, seen)

    heading('3. Mail arrives by SMTP: Word, Excel, text, GBK, defects, an old .doc, strangers')
    sent = list(mails.on_time())
    for org, what, _ in sent:
        say('  %-28s %s' % (org['name'] if org else '-', what))
    batch = [m for _, _, m in sent]
    if arguments.mail:
        data = re.sub(rb'\r?\n', b'\r\n', open(arguments.mail, 'rb').read())
        batch.append(('you@example.com', data))
    submit(smtp, batch)
    wait_for_mail(imap, {'youth': len(batch)})
    say('  ' + programme.run('poll')[1].strip())
    wait_for_letters(programme, imap)
    show_letters(imap, users, seen)
    if arguments.mail:
        show_own_mail(programme, arguments.mail, imap)

    heading('4. The deadline passes; one report comes late')
    time.sleep(max(0, (due - datetime.datetime.now(CHINA)).total_seconds() + 1.5))
    late = list(mails.late())
    submit(smtp, [m for _, _, m in late])
    wait_for_mail(imap, {'youth': len(batch) + len(late)})
    say('  ' + programme.run('poll')[1].strip())

    morning = datetime.datetime.combine(last + datetime.timedelta(days=1), datetime.time(9, 1), CHINA)
    heading('5. The next morning: the leaders read the summary, those missing are written to (clock moved to %s)' % morning.strftime('%F %H:%M'))
    say('  ' + programme.run('poll', at=morning)[1].strip())
    wait_for_letters(programme, imap)
    show_letters(imap, users, seen)

    heading('6. Who has, who has not')
    say(programme.run('status', period, at=morning)[1].rstrip())

    heading('7. The summary as it stands in the leader\'s mailbox')
    summaries = [m for m in mailbox(imap, 'leader') if (m['X-Fortnight-Id'] or '').startswith('summary/')]
    if not summaries:
        say('  the summary is missing')
        return 1
    say('Subject: %s\n' % summaries[-1]['Subject'])
    say(summaries[-1].get_body(('plain',)).get_content().rstrip())
    html = os.path.join(folder, 'summary.html')
    with open(html, 'w', encoding='utf-8') as f:
        f.write(summaries[-1].get_body(('html',)).get_content())

    heading('8. Nothing of this is canned')
    good = check_totals(programme, period)
    missing = [o['name'] for o in organizations if o['name'] not in mails.reports]
    counted = json.loads(programme.run('summary', '--json', period, at=morning)[1])
    found = sorted(m['name'] for m in counted['missing'])
    good = good and found == sorted(missing)
    say('  missing are exactly those that sent nothing readable: %s' % ('yes, %d' % len(found) if found == sorted(missing) else f'NO: {found} / {sorted(missing)}'))

    heading('Where to look further')
    relative = os.path.relpath(folder, os.getcwd())
    say(f'  the letter in a browser      {os.path.join(relative, "summary.html")}\n'
        f'  every letter                 ./fortnight outbox --config {os.path.join(relative, "fortnight.conf")}\n'
        f'  why it was decided           ./fortnight explain --config {os.path.join(relative, "fortnight.conf")} "{organizations[10]["name"]}" {period}\n'
        f'  what comes next              ./fortnight simulate --config {os.path.join(relative, "fortnight.conf")}\n'
        f'  other names and numbers      make demo SEED={arguments.seed + 1}\n'
        f'  a message of your own        make demo MAIL=my.eml')
    return 0 if good else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--build', default='build')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--mail')
    arguments = parser.parse_args()
    if arguments.mail and not os.path.isfile(arguments.mail):
        sys.exit(f'demo: {arguments.mail}: no such file')
    from servers import Dovecot, Exim, Unavailable
    folder = os.path.abspath(os.path.join(arguments.build, 'demo'))
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    people = {p: 'secret' for p in PEOPLE}
    people.update({'org%02d' % (i + 1): 'secret' for i in range(ORGANIZATIONS)})
    people.update({'teacher%02d' % (i + 1): 'secret' for i in range(ORGANIZATIONS)})
    try:
        with Dovecot(os.path.join(folder, 'servers'), people) as imap, Exim(os.path.join(folder, 'servers'), lmtp_port=imap.lmtp_port, users=people) as smtp:
            sys.exit(story(arguments, imap, smtp, folder))
    except Unavailable as reason:
        sys.exit(f'demo: the private mail servers cannot run here: {reason}')


if __name__ == '__main__':
    main()
