#!/usr/bin/env python3
"""Bad input as a user meets it (SPEC 9): exit status, the words of the message, and what is left behind."""
import ctypes, datetime, glob, hashlib, io, os, re, shutil, signal, struct, subprocess, sys, tempfile, threading, time, zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'support'), os.path.join(HERE, '..', 'servers')]
import crash, material, tap
from certificates import make_certificates
from fake_imap import FakeImap
from fake_smtp import FakeSmtp
from programme import CHINA, PROGRAM, ROOT, Programme

SCHEDULE = 'days_of_month = [27]; first_due = "2016-06-27";'
START = datetime.datetime(2016, 6, 20, 9, 0, tzinfo=CHINA)
REMINDED = datetime.datetime(2016, 6, 24, 9, 5, tzinfo=CHINA)  # after the first reminder
FORMS = os.path.join(ROOT, 'etc/youth-voice/forms')
TIMEOUT_S = 90
MEMORY_MIB = 320  # largest process; a message of 50 MiB is held as archived bytes and as text
DRAW = material.Draw(21)
ORGANIZATIONS = DRAW.organizations(20)


class Place:
    """A folder with a programme, gone at the end. released: its first contact is over."""

    def __init__(self, released=False, **arguments):
        self.released, self.arguments = released, arguments

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix='fortnight-bad-')
        os.chmod(self.folder, 0o755)
        programme = Programme(self.folder, ORGANIZATIONS, SCHEDULE, receipt_due='2016-12-20')
        if self.released:
            programme.run('poll', at=START)
            programme.run('release', at=START)
        if self.arguments:
            programme = Programme(self.folder, ORGANIZATIONS, SCHEDULE, receipt_due='2016-12-20', **self.arguments)
        return programme

    def __exit__(self, *unused):
        shutil.rmtree(self.folder, ignore_errors=True)


def edit(programme, old, new):
    with open(programme.config, encoding='utf-8') as f:
        text = f.read()
    assert old in text, old
    with open(programme.config, 'w', encoding='utf-8') as f:
        f.write(text.replace(old, new, 1))


def expect(programme, command, *arguments, status, says, at=None):
    """Runs it; each of says (regular expressions) must stand in what it prints. Returns its output."""
    found, out, errors = programme.run(command, *arguments, at=at, check=False, timeout=TIMEOUT_S)
    text = (out + errors).replace(programme.folder + '/', '')
    for pattern in [says] if isinstance(says, str) else says:
        if not re.search(pattern, text):
            raise AssertionError(f'{command} {" ".join(arguments)}: no "{pattern}" in: exit {found}: {text}')
    tap.equal(found, status, f'exit status of {command} {" ".join(arguments)}: {text}')
    for secret in ('secret', '138000'):
        assert secret not in errors.replace('password_file', ''), errors
    return out


# ---- configuration ----------------------------------------------------------------------------------------------------

CONFIGURATIONS = [  # what is replaced, by what, what is said
    ('state_dir =', 'state_dri =', r'fortnight\.conf:2: state_dri: unknown key; did you mean "state_dir"\?'),
    ('language = "zh"', 'langauge = "zh"', r'fortnight\.conf:1: programme\.langauge: unknown key; did you mean "language"\?'),
    ('path = "mail"', 'password = "x"', r'fortnight\.conf:5: mailbox\.password: unknown key; allowed here: kind, host'),
    ('per_quarter_hour = 0', 'per_quarter_hour = "many"', r'fortnight\.conf:7: transport\.pace\.per_quarter_hour: must be a whole number'),
    ('per_quarter_hour = 0', 'per_quarter_hour = -5', r'per_quarter_hour: -5 is out of range; allowed: 0 to'),
    ('per_quarter_hour = 0', 'per_quarter_hour = 4294967297', r'fortnight\.conf:7: a number of more than 9 digits'),
    ('[27]', '[32]', r'days_of_month: entry 1 must be a whole number from 1 to 31'),
    ('2016-12-20', '2016-02-30', r'fortnight\.conf:17: obligations\[0\]\.schedule\.once: must be a date in quotes such as'),
    ('once = "2016-12-20";', 'once = "2016-12-20"; days_of_month = [13];', r'fortnight\.conf:17: obligations\[0\]\.schedule: needs exactly one of once, days_of_month'),
    ('Asia/Shanghai', 'Asia/Shangai', r'fortnight\.conf:1: programme\.zone: is not a time zone of this system; zones are named like Asia/Shanghai'),
    ('form = "biweekly"', 'form = "biweekli"', r'fortnight\.conf:18: obligations\[1\]\.form: there is no form "biweekli" in '),
    (FORMS, '/nonexistent', r'/nonexistent: no forms here'),
    ('organizations.csv', 'orgs.csv', r'fortnight\.conf:4: roster: "orgs\.csv" cannot be read: No such file'),
    ('language = "zh"', 'language = "fr"', r'programme\.language: "fr" is not allowed; allowed: "zh", "en"'),
    ('leader@example.edu.cn', 'leader', r'roles\[0\]\.address: must be one e-mail address in quotes such as'),
    ('kind = "directory"; path = "mail"', 'kind = "imap"', r'fortnight\.conf:5: mailbox: needs host'),
    ('kind = "directory"; path = "mail";', 'kind = "imap"; host = "localhost"; user = "youth"; password_file = "none";',
     r'mailbox: none: No such file or directory; write the password alone into this file, mode 0600'),
    ('state_dir = "state";', 'state_dir = = "state";', r'fortnight\.conf:2: syntax error; settings look like'),
    ('state_dir = "state";', 'state_dir = "a"; state_dir = "b";', r'fortnight\.conf:2: duplicate setting name'),
]


def test_configuration():
    """Configuration: file, line, key and what is allowed; exit 2; nothing started"""
    for old, new, says in CONFIGURATIONS:
        with Place() as programme:
            edit(programme, old, new)
            for command in ('poll', 'run'):
                expect(programme, command, status=2, says=says)
            assert not os.path.exists(os.path.join(programme.folder, 'state')), f'{new}: state directory made'


def test_configuration_bytes():
    """Configuration as bytes: absent, empty, GBK, UTF-16, with a BOM"""
    with open(os.path.join(ROOT, 'etc/youth-voice/fortnight.conf'), encoding='utf-8') as f:
        assert '青年' in f.read()
    for data, status, says in [(lambda t: t.encode('gb18030'), 2, r'fortnight\.conf:1: the file must be UTF-8 text'),
                               (lambda t: t.encode('utf-16'), 2, r'fortnight\.conf:1: the file must be UTF-8 text'),
                               (lambda t: b'', 2, r'fortnight\.conf:1: programme: is missing\n(?:.*\n)*.*:1: state_dir: is missing'),
                               (lambda t: b'\xef\xbb\xbf' + t.encode(), 0, '0 messages fetched')]:
        with Place() as programme:
            with open(programme.config, encoding='utf-8') as f:
                text = f.read()
            with open(programme.config, 'wb') as f:
                f.write(data(text))
            expect(programme, 'poll', status=status, says=says)
            tap.equal(os.path.exists(os.path.join(programme.folder, 'state')), status == 0, 'state directory')
    with Place() as programme:
        os.unlink(programme.config)
        expect(programme, 'poll', status=2, says=r'fortnight\.conf.*No such file or directory; name one with --config')


def test_roster():
    """Expected list: file, line and column; exit 2"""
    for text, says in [('nome,section\na,b\n', r'organizations\.csv:1: the first row must name the columns; needed: name'),
                       ('name,liaison_address\n护理学院,someone\n', r'organizations\.csv:2: liaison_address: "someone" is not an e-mail address'),
                       ('name,address\n护理学院,a@example.edu.cn\n', r'organizations\.csv:1: column "address" is not known; known: name'),
                       ('name,section\n,学习\n', r'organizations\.csv:2: name: is empty'), ('', r'organizations\.csv:1: the first row')]:
        with Place() as programme:
            with open(os.path.join(programme.folder, 'organizations.csv'), 'w', encoding='utf-8') as f:
                f.write(text)
            expect(programme, 'poll', status=2, says=says)


def test_places():
    """Folders that are not there or not usable: which, and what to do"""
    with Place() as programme:
        os.rmdir(os.path.join(programme.folder, 'mail'))
        expect(programme, 'poll', status=2, says=r'mailbox folder "INBOX": "mail": No such file or directory; correct the configuration')
    with Place() as programme:
        with open(os.path.join(programme.folder, 'state'), 'w') as f:
            f.write('x')
        expect(programme, 'poll', status=2, says=r'state_dir "state" cannot be created: ')
    with Place(released=True) as programme:
        os.rmdir(os.path.join(programme.folder, 'sent'))
        expect(programme, 'poll', at=REMINDED, status=2, says=[r'letters cannot leave: transport\.path: .sent. cannot be opened: No such file', 'fortnight check'])
        os.mkdir(os.path.join(programme.folder, 'sent'))
        expect(programme, 'poll', at=REMINDED + datetime.timedelta(hours=1), status=0, says=f'{len(ORGANIZATIONS)} sent')


JUNK = [  # command and arguments, exit status, what is said
    (['status', '2016-06-28'], 2, r'no period "2016-06-28"; a period is named by its due date, such as 2016-06-27.*obligations: receipt biweekly'),
    (['status', 'weekly/2016-06-27'], 2, r'no period "weekly/2016-06-27"'),
    (['summary', 'junk'], 2, r'no period "junk"'),
    (['status', '--at', 'yesterday'], 2, r'--at: '),
    (['poll', '--at', '2016-02-30T10:00'], 2, r'--at: '),
    (['simulate', '--from', '2016-06-31', '--to', '2016-07-02'], 2, r'--from: '),
    (['simulate', '--from', '2016-07-02', '--to', '2016-06-02'], 2, r'--to'),
    (['simulate', '--roster', 'nobody.csv'], 2, r'nobody\.csv'),
    (['explain', 'no/such/letter'], 1, r'no/such/letter'),
    (['explain', '99999'], 1, r'99999'),
    (['explain'], 2, r'explain: what\? message ID'),
    (['outbox', 'retry', '99999'], 1, r'99999'),
    (['outbox', 'retry', 'x'], 1, r'no letter "x"'),
    (['outbox', 'frobnicate'], 2, r'expected list'),
    (['ingest'], 2, r'which file\?'),
    (['ingest', '--org', '没有的学院', 'organizations.csv'], 1, r'没有的学院'),
    (['ingest', '--received', 'soon', 'organizations.csv'], 2, r'--received: '),
    (['ingest', '/nonexistent.eml'], 1, r'/nonexistent\.eml.*No such file'),
    (['status', '--frob'], 2, r'--frob.*`fortnight status --help` explains'),
    (['statsu'], 2, r'unknown command "statsu"; did you mean "status"\?'),
]


def test_junk():
    """Commands with unknown periods, letters, organizations, dates: exit 1 or 2 with a line that helps"""
    with Place(released=True) as programme:
        wrong = []
        for words, status, says in JUNK:
            try:
                expect(programme, *words, status=status, says=says)
            except AssertionError as error:
                wrong.append(str(error))
        assert not wrong, '\n'.join(wrong)
    with Place() as programme:
        for command in ('status', 'summary', 'outbox', 'release'):
            expect(programme, command, status=2, says=r'(?i)database.*(poll|run)')
        assert not os.path.exists(os.path.join(programme.folder, 'state')), 'state directory made'


# ---- mail -------------------------------------------------------------------------------------------------------------

def memory_mib(session, roles):
    """Largest memory of a process by role, in MiB, updated in place until the session has ended."""
    while True:
        found = crash.processes(session)
        if not found:
            return
        for pid, role in found:
            try:
                with open(f'/proc/{pid}/smaps_rollup') as f:
                    pss_kib = int(re.search(r'^Pss:\s+(\d+)', f.read(), re.M)[1])
                roles[role] = max(roles.get(role, 0), pss_kib >> 10)
            except (OSError, TypeError):
                pass  # gone meanwhile
        time.sleep(0.02)


def ole_package():
    """The first sectors of a compound file with the stream name that Office gives to an encrypted document."""
    header = b'\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1' + bytes(16) + struct.pack('<HHHHH', 0x3e, 3, 0xfffe, 9, 6) + bytes(6)
    header += struct.pack('<IIIIIIIII', 0, 1, 1, 0, 4096, 0xfffffffe, 0, 0xfffffffe, 0) + struct.pack('<I', 0) + b'\xff' * 432
    fat = struct.pack('<III', 0xfffffffd, 0xfffffffe, 0xfffffffe) + b'\xff' * 500

    def entry(name, kind, start, size, child=0xffffffff, right=0xffffffff):
        text = name.encode('utf-16-le') + b'\0\0'
        return text.ljust(64, b'\0') + struct.pack('<HBBIII', len(text), kind, 1, 0xffffffff, right, child) + bytes(36) + struct.pack('<IQ', start, size)
    folder = entry('Root Entry', 5, 0xfffffffe, 0, 1) + entry('EncryptedPackage', 2, 2, 64, right=2) + entry('EncryptionInfo', 2, 2, 64) + bytes(128)
    return header + fat + folder + os.urandom(512)


def bomb(document):
    """A Word file that unpacks to 300 MiB of paragraphs."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(document)) as source, zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            if name != 'word/document.xml':
                target.writestr(name, source.read(name))
        paragraph = b'<w:p><w:r><w:t>x</w:t></w:r></w:p>' * 1000
        with target.open('word/document.xml', 'w') as f:
            f.write(b'<w:document xmlns:w="%s"><w:body>' % material.WORD.encode())
            for _ in range((300 << 20) // len(paragraph)):
                f.write(paragraph)
            f.write(b'</w:body></w:document>')
    return out.getvalue()


def macro(document):
    """The same with macros in it, as Word saves .docm."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(document)) as source, zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b'openxmlformats-officedocument.wordprocessingml.document.main', b'ms-word.document.macroEnabled.main'))
        target.writestr('word/vbaProject.bin', b'\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1' + bytes(2000))
    return out.getvalue()


# what a recorded form is told beside: what was valid counts, the sender can correct the rest by reply
TOLD = {'macro': {'macro'}, 'impossible values': {'invalid'}}


def scan():
    """A PDF with one page that is one picture."""
    objects = [b'<</Type/Catalog/Pages 2 0 R>>', b'<</Type/Pages/Kids[3 0 R]/Count 1>>',
               b'<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>',
               b'<</Length 27>>stream\nq 200 0 0 200 0 0 cm /I Do Q\nendstream',
               b'<</Type/XObject/Subtype/Image/Width 2/Height 2/ColorSpace/DeviceGray/BitsPerComponent 8/Length 4>>stream\n\x00\xff\xff\x00\nendstream']
    out, places = b'%PDF-1.4\n', []
    for number, text in enumerate(objects, 1):
        places.append(len(out))
        out += b'%d 0 obj\n%s\nendobj\n' % (number, text)
    table = b''.join(b'%010d 00000 n \n' % place for place in places)
    return out + b'xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n' % (len(objects) + 1, table, len(objects) + 1, len(out))


def bad_mails():
    """(name, sender's number or None, message, state, review codes that are right, whether a defect letter leaves)."""
    report = DRAW.report(ORGANIZATIONS[0], datetime.date(2016, 6, 14), datetime.date(2016, 6, 27))
    document = material.report_docx(report)
    blank = material.docx('青年之声双周报', [(label, '') for label, _ in material.report_pairs(report)], [('问题清单', [material.QUESTION_HEAD])])

    def head(number, more=b''):
        return b'From: <%s>\r\nTo: youth@example.edu.cn\r\nSubject: x\r\nMessage-ID: <bad%d@mail.example.edu.cn>\r\nDate: Mon, 20 Jun 2016 10:00:00 +0800\r\n%s' % (
            ORGANIZATIONS[number]['liaison_address'].encode(), number, more)

    def attached(number, name, data):
        org = ORGANIZATIONS[number]
        return material.mail((org['liaison_name'], org['liaison_address']), 'youth@example.edu.cn', '双周报', '见附件', START, f'bad{number}@mail.example.edu.cn', [(name, data)])

    def reported(number):
        return DRAW.report(ORGANIZATIONS[number], datetime.date(2016, 6, 14), datetime.date(2016, 6, 27))

    whole = attached(1, '双周报.docx', material.report_docx(reported(1)))
    parts = b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n' + b'--b\r\n\r\nx\r\n' * 100000 + b'--b--\r\n'
    deep = b'MIME-Version: 1.0\r\n' + b''.join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (i, i) for i in range(3000))
    yield '50 MiB', 2, head(2, b'\r\n') + (b'abcdefghi ' * 7 + b'\r\n') * ((50 << 20) // 72), 'review', {'limit'}, True
    yield 'more than max_message', None, head(3, b'\r\n') + (b'abcdefghi ' * 7 + b'\r\n') * ((80 << 20) // 72), 'oversize', {None}, False
    yield '100,000 parts', 4, head(4, parts), 'review', {'limit'}, True
    yield 'deep nesting', 5, head(5, deep), 'review', {'limit', 'no_form'}, True
    yield 'no From', None, whole.split(b'\r\n', 1)[1], 'review', {'no_from'}, False
    yield 'no Date', 6, b'\r\n'.join(line for line in attached(6, '双周报.docx', material.report_docx(reported(6))).split(b'\r\n') if not line.startswith(b'Date:')), 'recorded', {None}, False
    yield 'NULs', 7, head(7, b'\r\n') + material.report_text(reported(7)).encode() + b'\0\0\0end\r\n', 'recorded', {None}, False
    yield 'no headers', None, bytes(range(256)) * 400, 'review', {'no_from'}, False
    yield 'docx bomb', 8, attached(8, '双周报.docx', bomb(document)), 'review', {'bomb', 'limit'}, True
    yield 'encrypted docx', 9, attached(9, '双周报.docx', ole_package()), 'review', {'encrypted'}, True
    yield 'truncated docx', 10, attached(10, '双周报.docx', document[:len(document) // 2]), 'review', {'damaged'}, True
    yield 'scan', 11, attached(11, '双周报.pdf', scan()), 'review', {'scan'}, True
    yield 'empty template', 12, attached(12, '双周报.docx', blank), 'review', {'empty_form'}, True
    yield 'CR CR LF', 13, attached(13, '双周报.docx', material.report_docx(reported(13))).replace(b'\r\n', b'\r\r\n'), 'recorded', {None}, False
    gbk = ''.join(material.report_text(reported(15))).encode('gbk')
    yield 'GBK that says UTF-8', 15, head(15, b'MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n') + gbk, 'recorded', {None}, False
    yield 'xlsx named doc', 16, attached(16, '双周报.doc', material.report_xlsx(reported(16))), 'recorded', {None}, False
    yield 'macro', 17, attached(17, '双周报.docm', macro(material.report_docx(reported(17)))), 'recorded', {None}, False
    worse = {'提问量': '很多', '填报日期': '2016年2月30日', '联系电话': '见名片', '回答量': '99999', '24小时内答复数': '5'}
    yield 'impossible values', 18, attached(18, '双周报.docx', material.docx('青年之声双周报', [(label, worse.get(label, value)) for label, value in material.report_pairs(reported(18))])), 'recorded', {None}, False
    yield 'link to a file', 19, head(19, b'MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n') + '超大附件\n双周报.docx (120.5M)\n进入下载页面：https://mail.qq.com/cgi-bin/ftnExs_download?k=1&t=exs_ftn_download\n'.encode(), 'review', {'cloud_link'}, True
    yield 'a good one', 14, attached(14, '双周报.docx', material.report_docx(reported(14))), 'recorded', {None}, False


def test_mail():
    """Mail of every bad kind, in one pass with a good one: recorded or for review with its reason, time and memory bounded"""
    cases = list(bad_mails())
    with Place(released=True) as programme:
        for name, _, data, _, _, _ in cases:
            path = os.path.join(programme.folder, 'mail', name.replace(' ', '-') + '.eml')
            with open(path, 'wb') as f:
                f.write(data)
            os.utime(path, ((START.timestamp() + 600),) * 2)
        begun, roles = time.monotonic(), {}
        process = crash.start(programme, at=START + datetime.timedelta(hours=1))
        watch = threading.Thread(target=memory_mib, args=(process.pid, roles))
        watch.start()
        status = crash.wait_end(process, TIMEOUT_S)
        watch.join()
        with open(os.path.join(programme.folder, 'log')) as f:
            log = f.read()
        print(f'# {time.monotonic() - begun:.1f} s, PSS in MiB: {roles}', flush=True)
        tap.equal(status, 0, 'exit status: ' + log)
        wrong = []
        for name, number, data, state, codes, defect in cases:
            digest = hashlib.sha256(data).hexdigest()
            rows = programme.sql('SELECT m.id, m.state, r.code FROM message m LEFT JOIN review r ON r.message = m.id WHERE m.sha256 = ? OR (m.sha256 IS NULL AND m.size_bytes = ?)', digest, len(data))
            letters = programme.sql("SELECT key FROM outbox WHERE answers = ? AND kind = 'defect' AND state = 'sent'", rows[0][0]) if rows else []
            if len(rows) != 1 or rows[0][1] != state or rows[0][2] not in codes or bool(letters) != defect:
                wrong.append(f'{name}: {rows}, letters {letters}; right: {state} {codes} {defect}')
            told = {code for code, in programme.sql("SELECT p.value ->> '$.code' FROM revision r JOIN revision_content c ON c.revision = r.id, json_each(c.problems) p WHERE r.message = ?", rows[0][0])} if rows else set()
            if not TOLD.get(name, set()) <= told:
                wrong.append(f'{name}: problems {told}; right: {TOLD[name]}')
        assert not wrong, '\n'.join(wrong)
        assert max(roles.values()) <= MEMORY_MIB, roles
        for org in ORGANIZATIONS:
            for private in (org['name'], org['liaison_name'], org['liaison_address'], org['liaison_phone']):
                assert private not in log, f'in the log: {private}'


# ---- servers ----------------------------------------------------------------------------------------------------------

MAIL = {1: b'From: <a@example.com>\r\nSubject: x\r\n\r\nx\r\n'}


class Reached:
    """How a server is reached, for the configuration."""

    def __init__(self, port, certificates):
        self.port = self.tls_port = port
        self.users, self.ca_file = {'youth': 'secret'}, os.path.join(certificates, 'ca.pem')


def pair(folder, kind):
    return os.path.join(folder, kind + '.pem'), os.path.join(folder, kind + '.key')


class Certificates:
    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix='fortnight-bad-')
        make_certificates(self.folder)
        return self.folder

    def __exit__(self, *unused):
        shutil.rmtree(self.folder, ignore_errors=True)


def test_imap():
    """IMAP: wrong certificates see no password; refused login, no server, silent server: exit status and remedy"""
    with Certificates() as folder:
        for kind, says in [('wrong-name', r'is for "mail\.wrong\.example"; set host'), ('expired', 'has expired; the server needs a new'),
                           ('self-signed', 'is not trusted .*set ca_file')]:
            with FakeImap('honest', MAIL, pair(folder, kind)) as server, Place(imap=Reached(server.port, folder)) as programme:
                expect(programme, 'poll', status=2, says='fortnight: mailbox.*' + says)
                expect(programme, 'check', status=1, says='FAIL  mailbox')
                assert not server.has_secret('secret') and not server.commands, server.commands
                tap.equal(programme.sql('SELECT count(*) FROM message'), [(0,)], 'messages')
        with FakeImap('login-refused-gbk', MAIL, pair(folder, 'good')) as server, Place(imap=Reached(server.port, folder)) as programme:
            expect(programme, 'poll', status=2, says=r'mailbox.*LOGIN: .*授权码')
            tap.equal(server.connections, 1, 'logins in one pass')
        with Place(imap=Reached(1, folder)) as programme:
            expect(programme, 'poll', status=75, says='mailbox.*Connection refused; check host and port')
        with FakeImap('stall-at-greeting', MAIL) as server, Place(imap=Reached(server.port, folder)) as programme:
            edit(programme, 'kind = "imap";', 'kind = "imap"; timeout = "5s";')
            expect(programme, 'poll', status=75, says='mailbox.*did not answer in time; nothing needs doing: it is tried again')


def test_smtp():
    """SMTP: wrong certificates see no password; refused login, no server, silent server: letters wait, exit status and remedy"""
    with Certificates() as folder:
        for kind in ('wrong-name', 'expired', 'self-signed'):
            with FakeSmtp(tls=pair(folder, kind)) as server, Place(True, smtp=Reached(server.port, folder)) as programme:
                expect(programme, 'poll', at=REMINDED, status=2, says=r'letters cannot leave: .*certificate.*; `fortnight check` tells what to do')
                expect(programme, 'check', status=1, says=r'FAIL  transport +.*certificate.*\n.*ca_file')
                tap.equal((server.commands, server.secrets, server.messages), ([], [], []), 'what the server saw')
        with FakeSmtp(tls=pair(folder, 'good'), replies={'AUTH': '535 Error: authentication failed'}) as server:
            with Place(True, smtp=Reached(server.port, folder)) as programme:
                expect(programme, 'poll', at=REMINDED, status=2, says='letters cannot leave: 535 Error: authentication failed; `fortnight check`')
                tap.equal(server.connections, 1, 'logins in one pass')
                server.replies = {}
                expect(programme, 'poll', at=REMINDED + datetime.timedelta(hours=1), status=0, says=f'{len(ORGANIZATIONS)} sent')
                tap.equal(len(server.messages), len(ORGANIZATIONS), 'letters in the end')
        with Place(True, smtp=Reached(1, folder)) as programme:
            expect(programme, 'poll', at=REMINDED, status=75, says='letters cannot leave now: .*; they are tried again')
            tap.equal(programme.sql("SELECT count(*) FROM outbox WHERE attempts > 0"), [(3,)], 'letters tried before the others are left alone')
        with FakeSmtp(tls=pair(folder, 'good'), delay={'GREETING': 60}) as server, Place(True, smtp=Reached(server.port, folder)) as programme:
            edit(programme, 'kind = "smtp";', 'kind = "smtp"; timeout = "2s";')
            begun = time.monotonic()
            expect(programme, 'poll', at=REMINDED, status=75, says='letters cannot leave now: ')
            assert time.monotonic() - begun < 30, 'each letter waited'


# ---- disk and database --------------------------------------------------------------------------------------------------

class SmallDisk:
    """A tmpfs over the programme's state folder, in a mount namespace that only this process and its children see."""
    is_private = False

    def __init__(self, programme, size):
        self.path, self.size = os.path.join(programme.folder, 'state'), size

    def __enter__(self):
        if os.geteuid() != 0:
            raise tap.Skip('mounting a small disk needs root')
        if not SmallDisk.is_private:
            libc = ctypes.CDLL(None, use_errno=True)
            if libc.unshare(0x00020000) != 0 or subprocess.run(['mount', '--make-rprivate', '/']).returncode != 0:  # CLONE_NEWNS
                raise tap.Skip('no mount namespace of our own here')
            SmallDisk.is_private = True
        os.makedirs(self.path, exist_ok=True)
        if subprocess.run(['mount', '-t', 'tmpfs', '-o', f'size={self.size},mode=0700', 'small', self.path]).returncode != 0:
            raise tap.Skip('no tmpfs here')
        return self

    def grow(self, size):
        subprocess.run(['mount', '-o', f'remount,size={size}', self.path], check=True)

    def __exit__(self, *unused):
        subprocess.run(['umount', '-l', self.path])


def fill(programme, count, padding=0):
    for i in range(count):
        org = ORGANIZATIONS[i % len(ORGANIZATIONS)]
        report = DRAW.report(org, datetime.date(2016, 6, 14), datetime.date(2016, 6, 27))
        path = os.path.join(programme.folder, 'mail', '%04d.eml' % i)
        with open(path, 'wb') as f:
            f.write(material.mail((org['liaison_name'], org['liaison_address']), 'youth@example.edu.cn', '双周报', '见附件', START,
                                  f'disk{i}@mail.example.edu.cn', [('双周报.docx', material.report_docx(report, padding))]))
        os.utime(path, (START.timestamp(),) * 2)


def all_recorded(programme, count):
    crash.check_sound(programme)
    tap.equal(programme.sql('SELECT state, count(*) FROM message GROUP BY 1'), [('recorded', count)], 'messages')
    tap.equal(programme.sql('SELECT count(*), count(DISTINCT message) FROM revision'), [(count, count)], 'revisions')
    archived = glob.glob(os.path.join(programme.folder, 'state', 'archive', '*', '*'))
    tap.equal(len(archived), count, 'archived')


def test_low_water():
    """Less room than free_disk: intake stops, exit 75; with room the next pass completes"""
    with Place() as programme, SmallDisk(programme, '16m') as disk:
        with open(programme.config, 'a') as f:
            f.write('limits = { free_disk = "32MiB"; };\n')
        fill(programme, 20)
        expect(programme, 'poll', at=START, status=75, says=r'archive .*KiB free, new mail needs \d+ KiB, 32 MiB are to stay free; make room')
        tap.equal(programme.sql('SELECT count(*) FROM message'), [(0,)], 'messages entered')
        disk.grow('64m')
        expect(programme, 'poll', at=START, status=0, says='20 messages fetched')
        all_recorded(programme, 20)


def test_full_disk():
    """A disk that is really full, at every size from start to end: stopped before harm, exit 75; with room the next pass completes"""
    needed = 0
    for size_kib in (300, 700, 1200, 1700, 2200, 2700, 3400, 4400):
        with Place() as programme, SmallDisk(programme, f'{size_kib}k') as disk:
            with open(programme.config, 'a') as f:
                f.write('limits = { free_disk = "0B"; };\n')
            fill(programme, 20, 60000)
            status, out, errors = programme.run('poll', at=START, check=False, timeout=TIMEOUT_S)
            if status != 0:
                needed += 1
                tap.equal(status, 75, f'exit status with {size_kib} KiB: {out}{errors}')
                assert re.search(r'No space left on device|disk is full|make room', errors), f'{size_kib} KiB: {errors}'
            disk.grow('64m')
            status, out, errors = programme.run('poll', at=START, check=False, timeout=TIMEOUT_S)
            tap.equal(status, 0, f'exit status with room after {size_kib} KiB: {out}{errors}')
            all_recorded(programme, 20)
    assert needed >= 3, f'only {needed} sizes were too small: is this still a test?'


def test_full_disk_daemon():
    """`run` on a full disk waits and goes on by itself when there is room"""
    with Place() as programme, SmallDisk(programme, '1200k') as disk:
        with open(programme.config, 'a') as f:
            f.write('limits = { free_disk = "0B"; };\n')
        fill(programme, 20, 60000)
        process = crash.start(programme, 'run', at=START)
        log = lambda: open(os.path.join(programme.folder, 'log')).read()
        try:
            crash.wait_until(lambda: re.search('No space left|disk is full|make room', log()), 'a word about the full disk')
            tap.equal(process.poll(), None, 'exit status')
            disk.grow('64m')
            crash.wait_until(lambda: os.path.exists(programme.database) and count(programme, "state = 'recorded'") == 20, 'the end of the pass', 40)
        finally:
            os.kill(process.pid, signal.SIGTERM)
        tap.equal(crash.wait_end(process), 0, 'exit status: ' + log())
        all_recorded(programme, 20)


def count(programme, where):
    try:
        return programme.sql('SELECT count(*) FROM message WHERE ' + where)[0][0]
    except Exception:  # not made yet
        return -1


def test_twice():
    """A second writer is refused and told who holds the database; who only reads is not"""
    with Place(released=True) as programme:
        process = crash.start(programme, 'run', at=START)
        try:
            lock = programme.database + '.lock'
            crash.wait_until(lambda: f'pid {process.pid}: fortnight run' in open(lock).read(), 'the holder in the lock file')
            for command in ('poll', 'run', 'release'):
                expect(programme, command, status=75, says=rf'database ".*" is in use by pid {process.pid}: fortnight run')
            for command, status in (('status', (0, 1)), ('outbox', (0, 1)), ('check', (0,))):
                found = programme.run(command, check=False)
                assert found[0] in status, (command, found)
            tap.equal(process.poll(), None, 'exit status of the first')
        finally:
            os.kill(process.pid, signal.SIGTERM)
        tap.equal(crash.wait_end(process), 0, 'exit status')
        expect(programme, 'poll', at=START, status=0, says='0 messages fetched')


def digest(path):
    with open(path, 'rb') as f:
        return hashlib.sha256(f.read()).hexdigest()


def test_damaged():
    """A damaged or foreign database file is named and left as it is"""
    def overwrite(path, place, data):
        with open(path, 'r+b') as f:
            f.seek(place)
            f.write(data)

    def foreign(path):
        import sqlite3
        os.unlink(path)
        with sqlite3.connect(path) as db:
            db.execute('CREATE TABLE theirs (x)')

    def truncate(path):
        os.truncate(path, os.path.getsize(path) // 2)

    for name, damage, status, says in [('header', lambda p: overwrite(p, 0, b'not a database at all' * 50), 1, r'database ".*fortnight\.db": .*not a database'),
                                       ('schema page', lambda p: overwrite(p, 100, b'\xff' * 3000), 1, r'database ".*fortnight\.db": .*malformed'),
                                       ('half', truncate, 1, r'database ".*fortnight\.db": .*malformed'),
                                       ('foreign', foreign, 2, r'database ".*fortnight\.db" belongs to another program')]:
        with Place(released=True) as programme:
            fill(programme, 20)
            programme.run('poll', at=START)
            damage(programme.database)
            before = digest(programme.database)
            expect(programme, 'poll', at=START, status=status, says=says)
            expect(programme, 'status', status=status, says=says)
            expect(programme, 'check', status=1, says='FAIL  database .*\n.*restore a backup')
            tap.equal(digest(programme.database), before, name + ': the file')


CASES = [test_configuration, test_configuration_bytes, test_roster, test_places, test_junk, test_mail, test_imap, test_smtp, test_twice, test_damaged,
         test_low_water, test_full_disk, test_full_disk_daemon]

if __name__ == '__main__':
    tap.run([case for case in CASES if len(sys.argv) < 2 or case.__name__ in sys.argv[1:]])
