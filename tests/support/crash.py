"""What crash tests share: a mailbox and its programme, processes by role, and the end state in a form that can be compared."""
import collections, datetime, email, glob, hashlib, os, shutil, sqlite3, signal, subprocess, time

import material
from programme import CHINA, PROGRAM, Programme

NOW = datetime.datetime(2016, 6, 24, 9, 5, tzinfo=CHINA)  # five minutes after the first reminder of the period due on the 27th
FIRST, LAST = datetime.date(2016, 6, 14), datetime.date(2016, 6, 27)
UNSURE_WAIT = datetime.timedelta(minutes=31)  # more than STORE_UNSURE_WAIT_S
LIMIT_WAIT = datetime.timedelta(minutes=61)  # an address gets so many answers an hour, the others wait
ENDING_S = 20  # a keeper whose supervisor died ends what it has begun


def mails(draw, organizations, count):
    """Reports as they arrive: Word files and texts, some a second time with other figures, a few that need a person, a few that
    answer themselves. Each (instant, bytes); all before NOW."""
    out = []
    for i in range(count):
        org = organizations[i % len(organizations)]
        report = draw.report(org, FIRST, LAST)
        at = NOW - datetime.timedelta(minutes=20) + datetime.timedelta(seconds=i)
        sender, text, files, headers = (org['liaison_name'], org['liaison_address']), material.report_text(report), (), ''
        if i % 3 == 1:
            text, files = '见附件', [('双周报.docx', material.report_docx(report))]
        if i % 10 == 7:
            text, files = '老师好，请问双周报什么时候交？', ()
        if i % 10 == 9:
            headers, text, files = 'Auto-Submitted: auto-replied\r\n', '我在休假。', ()
        out.append((at, material.mail(sender, 'youth@example.edu.cn', '双周报', text, at, f'crash{i}@mail.example.edu.cn', files, headers=headers)))
    return out


def set_times(paths, messages):
    """The server's time of receipt is the file's."""
    for path, (at, _) in zip(sorted(paths), messages):
        os.utime(path, (at.timestamp(), at.timestamp()))


class Scene:
    """A programme whose first contact is over; every run of a test works on a fresh copy of it."""

    def __init__(self, folder, organizations, imap=None):
        self.folder, self.organizations, self.imap, self.count = folder, organizations, imap, 0
        template = self.programme('template', None)
        template.run('poll', at=NOW - datetime.timedelta(hours=2))
        template.run('release', at=NOW - datetime.timedelta(hours=1))

    def programme(self, name, smtp):
        return Programme(os.path.join(self.folder, name), self.organizations, 'days_of_month = [27]; first_due = "2016-06-27";',
                         receipt_due='2016-12-20', imap=self.imap, smtp=smtp, extra='limits = { readers = 2; };\n')

    def fill(self, messages):
        """Puts mail into the directory mailbox."""
        paths = [os.path.join(self.folder, 'template', 'mail', '%04d.eml' % i) for i in range(len(messages))]
        for path, (_, data) in zip(paths, messages):
            with open(path, 'wb') as f:
                f.write(data)
        set_times(paths, messages)

    def copy(self, smtp=None):
        self.count += 1
        name = 'run%d' % self.count
        shutil.copytree(os.path.join(self.folder, 'template'), os.path.join(self.folder, name))
        return self.programme(name, smtp)


# ---- processes --------------------------------------------------------------------------------------------------------

def start(programme, command='poll', wrapper=(), at=NOW):
    """Starts the program in a session of its own, by which its processes are found again whoever their parent is by then."""
    with open(os.path.join(programme.folder, 'log'), 'a') as log:
        return subprocess.Popen([*wrapper, PROGRAM, command, '--config', programme.config, '--at', '@%d' % at.timestamp()],
                                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)


def processes(session):
    """[(pid, role)] of the session's processes that have not ended; role "supervisor" for the first one."""
    found = []
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{pid}/stat') as f:
                fields = f.read().rpartition(')')[2].split()
            if int(fields[3]) != session or fields[0] in 'ZX':
                continue
            with open(f'/proc/{pid}/cmdline') as f:
                words = f.read().split('\0')
        except OSError:
            continue  # gone meanwhile
        if 'strace' not in words[0]:
            found.append((int(pid), words[2] if words[1:2] == ['--role'] else 'supervisor'))
    return found


def kill(session, role, choose):
    """SIGKILL to one process of that role, if there is one; says whether."""
    pids = [pid for pid, name in processes(session) if name == role]
    if not pids:
        return False
    try:
        os.kill(choose(pids), signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def wait_until(condition, what, timeout_s=ENDING_S):
    end = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end:
            raise AssertionError('never happened: ' + what)
        time.sleep(0.02)


def wait_end(process, timeout_s=90):
    """Waits for the program and for everything that it has started; returns its exit status."""
    try:
        status = process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        left = processes(process.pid)
        for pid, _ in left:
            os.kill(pid, signal.SIGKILL)
        process.wait()
        raise AssertionError(f'no end within {timeout_s} s: {left}')
    wait_until(lambda: not processes(process.pid), f'end of {processes(process.pid)}')
    return status


def finish(programme):
    """Polls until a pass ends by itself, then when letters of unknown outcome may be repeated, and when those beyond the hourly limit
    may leave: an hour after the first ones and an hour after the repeated ones."""
    for _ in range(4):
        status, out, errors = programme.run('poll', at=NOW, check=False)
        if status in (0, 1):
            break
    else:
        raise AssertionError(f'no pass ends by itself: exit {status}: {out}{errors}')
    for wait in (UNSURE_WAIT, LIMIT_WAIT, UNSURE_WAIT + LIMIT_WAIT):
        programme.run('poll', at=NOW + wait)


# ---- the end state ----------------------------------------------------------------------------------------------------

# Letters that are not of questions; the questions of those that are. Of the same words from several, the first one read is the asker.
OTHERS = "o.facts ->> 'question_ids' IS NULL"
QUESTIONS = "outbox o JOIN json_each(o.facts, '$.question_ids') i JOIN question q ON q.id = i.value"


def state(programme):
    """Everything that a pass leaves behind, without what depends on the moment or on the order of two readers. Questions are numbered as
    they are read, and one letter tells an address those that are known by then: so their letters are compared question by question, and
    each must be told as often, to the same addresses, as without a disturbance. The table of questions itself is left out: of the same words
    from two organizations at about the same time, the first one read stands for both."""
    queries = {
        'messages': 'SELECT m.sha256, m.state, m.kind, o.name, m.received_s FROM message m LEFT JOIN organization o ON o.id = m.org_id',
        'sightings': 'SELECT m.sha256, count(*) FROM sighting s JOIN message m ON m.id = s.message GROUP BY 1',
        'revisions': 'SELECT o.name, s.obligation, s.period, m.sha256, r.origin, r.digest, r.on_time, r.n_problems, r.number = s.current '
                     'FROM revision r JOIN submission s ON s.id = r.submission JOIN organization o ON o.id = s.org_id LEFT JOIN message m ON m.id = r.message',
        'resent': 'SELECT m.sha256 FROM resent r JOIN message m ON m.id = r.message',
        'reviews': 'SELECT m.sha256, r.code, r.closed_s FROM review r JOIN message m ON m.id = r.message',
        'letters': f"SELECT replace(key, 'correction/', 'ack/'), state, to_address FROM outbox o WHERE {OTHERS}",
        'journal': "SELECT event, m.sha256 FROM journal j LEFT JOIN message m ON m.id = j.message WHERE event GLOB 'intake.*'",
        'decided': f"SELECT o.key FROM journal j JOIN outbox o ON o.id = j.letter WHERE event = 'letter.decided' AND {OTHERS}",
        'sent': f"SELECT replace(o.key, 'correction/', 'ack/') FROM journal j JOIN outbox o ON o.id = j.letter WHERE event = 'letter.sent' AND {OTHERS}",
        'questions told': f'SELECT o.kind, o.state, o.to_address, q.normal FROM {QUESTIONS}',
        'questions decided and sent': f"SELECT j.event, o.kind, o.to_address, q.normal FROM {QUESTIONS} JOIN journal j ON j.letter = o.id "
                                      "WHERE j.event IN ('letter.decided', 'letter.sent')",
    }
    found = {name: sorted(programme.sql(query), key=repr) for name, query in queries.items()}
    found['archive'] = sorted(os.path.relpath(p, programme.folder) for p in glob.glob(os.path.join(programme.folder, 'state', 'archive', '*', '*')))
    return found


def check_sound(programme):
    """The database is whole, and every archived file is what its name says."""
    with sqlite3.connect(f'file:{programme.database}?mode=ro', uri=True) as db:
        found = db.execute('PRAGMA integrity_check').fetchall() + db.execute('PRAGMA foreign_key_check').fetchall()
    if found != [('ok',)]:
        raise AssertionError(f'database: {found}')
    for path in glob.glob(os.path.join(programme.folder, 'state', 'archive', '*', '*.eml')):
        with open(path, 'rb') as f:
            if hashlib.sha256(f.read()).hexdigest() != os.path.basename(path)[:-4]:
                raise AssertionError('archive: ' + path)


def check_letters(programme, delivered):
    """delivered: bytes of the letters that the server took. One a key; two only where an attempt's outcome stayed unknown, and then
    with one Message-ID."""
    copies = collections.defaultdict(list)
    for data in delivered:
        letter = email.message_from_bytes(data)
        copies[letter['X-Fortnight-Id']].append(letter['Message-ID'])
    letters = {key: (state, losses, message_id) for key, state, losses, message_id in programme.sql('SELECT key, state, losses, message_id FROM outbox')}
    unknown = set(copies) - set(letters)
    if unknown:
        raise AssertionError(f'delivered, but in no outbox: {unknown}')
    for key, (letter_state, losses, message_id) in letters.items():
        ids = copies.get(key, [])
        if letter_state != 'sent' or not 1 <= len(ids) <= 1 + losses or losses > 1 or set(ids) != {f'<{message_id}>'}:
            raise AssertionError(f'{key}: {letter_state}, lost {losses} times, Message-ID {message_id}, delivered as {ids}')


def check_same(found, expected, what):
    for name in expected:
        if found[name] != expected[name]:
            missing, more = (collections.Counter(a) - collections.Counter(b) for a, b in ((expected[name], found[name]), (found[name], expected[name])))
            raise AssertionError(f'{what}: {name}: missing {list(missing.elements())[:5]}, too many {list(more.elements())[:5]}')
