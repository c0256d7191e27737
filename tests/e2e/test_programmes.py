#!/usr/bin/env python3
"""Other programmes with the same program: the shipped English one, and laboratories made up here in under 80 lines."""
import datetime, email, email.policy, glob, json, os, re, shutil, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'support')]
import material, tap
from programme import PROGRAM, ROOT


def fortnight(config, command, *arguments, at=None):
    argv = [PROGRAM, command, '--config', config, *(['--at', at] if at else []), *arguments]
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    if done.returncode not in (0, 1):
        raise AssertionError(f'{argv}: exit {done.returncode}: {done.stdout}{done.stderr}')
    return done.stdout


def group(text, name, replacement):
    """The configuration with one server group replaced by a directory."""
    return re.sub(r'^%s = \{.*?^\};' % name, lambda m: replacement, text, flags=re.S | re.M)


def deliver(folder, name, received, data):
    """A message in the directory mailbox, received at a local time of the machine's clock."""
    path = os.path.join(folder, 'mail', name)
    with open(path, 'wb') as f:
        f.write(data)
    stamp = received.timestamp()
    os.utime(path, (stamp, stamp))


def letters(folder):
    found = [email.message_from_binary_file(open(p, 'rb'), policy=email.policy.default) for p in sorted(glob.glob(os.path.join(folder, 'sent', '*.eml')))]
    return {m['X-Fortnight-Id']: m for m in found}


def plain(message):
    return message.get_body(('plain',)).get_content()


def clubs():
    """club-reports: a weekly report in English by Word, mail and table; the summary on Monday"""
    from zoneinfo import ZoneInfo
    folder = tempfile.mkdtemp(prefix='fortnight-clubs-')
    try:
        shutil.copytree(os.path.join(ROOT, 'etc/club-reports'), folder, dirs_exist_ok=True)
        for name in ('mail', 'sent'):
            os.mkdir(os.path.join(folder, name))
        config = os.path.join(folder, 'fortnight.conf')
        text = group(open(config, encoding='utf-8').read(), 'mailbox', 'mailbox = { kind = "directory"; path = "mail"; };')
        text = group(text, 'transport', 'transport = { kind = "directory"; path = "sent"; from = { name = "Clubs office"; address = "clubs@example.edu"; }; };')
        open(config, 'w', encoding='utf-8').write(text)
        names = ['Rowing Club', 'Fencing Club', 'Athletics Club']
        open(os.path.join(folder, 'clubs.csv'), 'w').write('name,section,leader_name,leader_address\n' + ''.join(f'{n},Sport,Sam,{n.split()[0].lower()}@example.edu\n' for n in names))
        fortnight(config, 'poll', at='2026-09-15T09:00')
        fortnight(config, 'release', at='2026-09-15T09:00')
        fortnight(config, 'poll', at='2026-09-16T10:30')
        reminded = [k for k in letters(folder) if k.startswith('remind/weekly/2026-09-18/')]
        tap.equal(len(reminded), 3, 'reminders two days before')
        london = ZoneInfo('Europe/London')
        friday = datetime.datetime(2026, 9, 18, 15, 0, tzinfo=london)
        pairs = [('Club', 'Rowing Club'), ('Week', '14 September 2026 to 18 September 2026'), ('Reported by', 'Alex Gray'), ('Training sessions', '6'),
                 ('Attendance', '84'), ('New members', '3'), ('Injuries', '1'), ('Urgent matters', 'none')]
        word = material.docx('Weekly report', pairs, [('Fixtures', [['Date', 'Opponent', 'Result'], ['16 September 2026', 'Harbour RC', 'won 2:1']])])
        deliver(folder, 'a.eml', friday, material.mail(('Sam', 'rowing@example.edu'), 'clubs@example.edu', 'Weekly report', 'Please find our report attached.',
                                                      friday, 'c1@mail.example.edu', [('report.docx', word)]))
        body = 'Dear office,\n\nClub: Fencing Club\nTraining sessions: 4\nAttendance: 31\nNew members: 0\nInjuries: 40\n\nKind regards\nKim\n'
        late = friday + datetime.timedelta(hours=4)
        deliver(folder, 'b.eml', late, material.mail(('Kim', 'fencing@example.edu'), 'clubs@example.edu', 'weekly club report', body, late, 'c2@mail.example.edu'))
        fortnight(config, 'poll', at='2026-09-18T19:30')
        acks = {m['To']: plain(m) for k, m in letters(folder).items() if k.startswith('ack/')}
        rowing = next(t for to, t in acks.items() if 'rowing' in to)
        fencing = next(t for to, t in acks.items() if 'fencing' in to)
        for expected in ('84', 'Attendance', 'on time'):
            if expected not in rowing:
                raise AssertionError(f'{expected!r} is not in the acknowledgement:\n{rowing}')
        for expected in ('40 injuries among 31 participants', 'late'):
            if expected not in fencing:
                raise AssertionError(f'{expected!r} is not in the acknowledgement:\n{fencing}')
        fortnight(config, 'poll', at='2026-09-21T09:01')
        sent = letters(folder)
        tap.equal([k for k in sent if k.startswith('overdue/')], ['overdue/weekly/2026-09-18/T+3d/org3'], 'overdue letters')
        summary = plain(next(m for k, m in sent.items() if k.startswith('summary/')))
        for expected in ('Athletics Club', 'Attendance', '115', 'Fencing Club'):
            if expected not in summary:
                raise AssertionError(f'{expected!r} is not in the summary:\n{summary}')
        if re.search('[\u4e00-\u9fff]', ''.join(plain(m) for m in sent.values())):
            raise AssertionError('an English letter holds Chinese')
    finally:
        shutil.rmtree(folder, ignore_errors=True)


LABORATORIES = '''programme = { id = "lab-safety"; title = "实验室安全"; language = "zh"; zone = "Asia/Shanghai"; };
state_dir = "state"; roster = "labs.csv";
mailbox = { kind = "directory"; path = "mail"; };
transport = { kind = "directory"; path = "sent"; from = { address = "safety@example.edu.cn"; }; };
roles = ( { role = "leader"; name = "处长"; address = "head@example.edu.cn"; } );
obligations = ( { id = "safety"; form = "safety"; title = "安全周报"; schedule = { weekdays = ["monday"]; first_due = "2026-09-07"; time = "12:00"; };
                  overdue = ( { days = 1; time = "09:00"; to = "contact"; } ); summary = { days = 1; time = "08:00"; to = "leader"; }; } );
'''
SAFETY = '''id = "safety"; title_zh = "实验室安全周报"; title_en = "Safety report"; titles = ["实验室安全周报", "安全周报"];
fields = (
  { key = "lab"; type = "org"; required = true; labels = ["实验室", "实验室名称"]; },
  { key = "inspections"; type = "count"; required = true; labels = ["检查次数"]; },
  { key = "hazards"; type = "count"; required = true; labels = ["隐患数", "发现隐患"]; },
  { key = "fixed"; type = "count"; labels = ["已整改数", "已整改"]; },
  { key = "keeper"; type = "person"; labels = ["安全员"]; }
);
rules = ( { check = "fixed <= hazards"; field = "fixed"; text_zh = "整改{fixed}处，多于发现的{hazards}处"; text_en = "{fixed} fixed of {hazards}"; } );
'''


def laboratories():
    """weekly safety reports of laboratories, made up in under 80 lines of configuration"""
    tap.equal((LABORATORIES + SAFETY).count('\n') < 80, True, 'lines of configuration')
    folder = tempfile.mkdtemp(prefix='fortnight-labs-')
    try:
        for name in ('mail', 'sent', 'forms'):
            os.mkdir(os.path.join(folder, name))
        config = os.path.join(folder, 'fortnight.conf')
        open(config, 'w', encoding='utf-8').write(LABORATORIES)
        open(os.path.join(folder, 'forms', 'safety.conf'), 'w', encoding='utf-8').write(SAFETY)
        open(os.path.join(folder, 'labs.csv'), 'w', encoding='utf-8').write('name,liaison_address\n光学实验室,optics@example.edu.cn\n材料实验室,materials@example.edu.cn\n')
        fortnight(config, 'poll', at='2026-09-08T12:30')
        fortnight(config, 'release', at='2026-09-08T12:30')
        china = datetime.timezone(datetime.timedelta(hours=8))
        monday = datetime.datetime(2026, 9, 14, 9, 0, tzinfo=china)
        deliver(folder, 'a.eml', monday, material.mail(('小李', 'optics@example.edu.cn'), 'safety@example.edu.cn', '安全周报', '实验室：光学实验室\n检查次数：３次\n发现隐患：2\n已整改：5\n安全员：李伟\n',
                                                      monday, 'l1@mail.example.edu.cn', charset='gbk'))
        fortnight(config, 'poll', at='2026-09-14T09:10')
        fortnight(config, 'poll', at='2026-09-15T09:01')
        sent = letters(folder)
        ack = plain(next(m for k, m in sent.items() if k.startswith('ack/')))
        if '整改5处，多于发现的2处' not in ack:
            raise AssertionError(ack)
        tap.equal([k for k in sent if k.startswith('overdue/')], ['overdue/safety/2026-09-14/T+1d/org2'], 'overdue letters')
        rows = json.loads(fortnight(config, 'status', '--json', '2026-09-14', at='2026-09-15T09:01'))['rows']
        tap.equal({r['organization']: r['state'] for r in rows}, {'光学实验室': 'submitted', '材料实验室': 'missing'}, 'status')
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def roster_alone():
    """simulate --roster: the letters of a term of 200 organizations from the shipped configuration, with no database before or after"""
    folder = tempfile.mkdtemp(prefix='fortnight-roster-')
    try:
        shutil.copytree(os.path.join(ROOT, 'etc/youth-voice'), folder, dirs_exist_ok=True)
        config, roster = os.path.join(folder, 'fortnight.conf'), os.path.join(folder, 'expected.csv')
        with open(roster, 'w', encoding='utf-8') as f:
            f.write('name,section,liaison_address\n' + ''.join(f'第{i}学院学生会,学习生活,c{i}@example.edu.cn\n' for i in range(200)))
        term = ('--from', '2016-06-21', '--to', '2017-01-31', '--json')
        planned = json.loads(fortnight(config, 'simulate', '--roster', roster, *term))
        # the 13th and 27th from 27 June to 27 January are 15 due days: three reminders and two overdue letters each, and one for the receipt
        counts = {kind: sum(letter['kind'] == kind for letter in planned) for kind in ('reminder', 'overdue')}
        tap.equal(counts, {'reminder': 200 * 15 * 3, 'overdue': 200 * (15 * 2 + 1)}, 'letters')
        tap.equal(len({letter['to'] for letter in planned if letter['kind'] == 'reminder' and letter['obligation'] == 'biweekly'}), 200, 'to whom')
        shutil.move(roster, os.path.join(folder, 'organizations.csv'))
        tap.equal(json.loads(fortnight(config, 'simulate', *term)) == planned, True, 'the configured roster where no database is')
        tap.equal(os.path.exists(os.path.join(folder, 'state')), False, 'nothing is left behind')
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == '__main__':
    tap.run([clubs, laboratories, roster_alone])
