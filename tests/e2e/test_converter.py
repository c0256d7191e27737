#!/usr/bin/env python3
"""Legacy documents through the converter: with LibreOffice what stands in them, and with a hostile program in its place what it cannot do."""
import datetime, glob, json, os, shutil, signal, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'support'))
import material, tap
from programme import CHINA, PROGRAM, ROOT, Programme

FORMS = os.path.join(ROOT, 'etc', 'youth-voice', 'forms')
FOLDER = tempfile.mkdtemp(prefix='fortnight-test-converter-')
TEMPORARY = os.path.join(FOLDER, 'tmp')
DUE = datetime.date(2016, 6, 27)
DRAW = material.Draw(3)
ORGANIZATIONS = DRAW.organizations(3)
REPORT = DRAW.report(ORGANIZATIONS[0], datetime.date(2016, 6, 14), DUE)
COUNTS = ('questions_received', 'questions_answered', 'likes')


def needs_office():
    if not shutil.which('soffice'):
        raise tap.Skip('LibreOffice is not installed')


def parse(*words, **environment):
    """The lines of parse --json and its messages; afterwards no folder may be left."""
    done = subprocess.run([PROGRAM, 'parse', '--json', '--forms', FORMS, *words], capture_output=True, timeout=200,
                          env={**os.environ, 'TMPDIR': TEMPORARY, **environment})
    tap.equal(os.listdir(TEMPORARY), [], 'what is left of the private folder')
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr.decode()


def write(name, data):
    path = os.path.join(FOLDER, name)
    with open(path, 'wb') as f:
        f.write(data)
    return path


def rtf(pairs):
    """A table of two columns as Word writes it: GBK bytes where the text is Chinese."""
    code = lambda text: ''.join(c if c.isascii() else ''.join("\\'%02x" % b for b in c.encode('gbk')) for c in text)
    rows = ''.join(r'\trowd\cellx3000\cellx9000 %s\intbl\cell %s\intbl\cell\row' % (code(a), code(str(b))) + '\n' for a, b in pairs)
    return (r'{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0\fcharset134 SimSun;}}\f0 ' + code('双周报') + '\\par\n' + rows + '}').encode('ascii')


def legacy(name, source, data):
    """A document as LibreOffice itself writes it in an old format."""
    write(source, data)
    subprocess.run(['soffice', '--headless', f'-env:UserInstallation=file://{FOLDER}/writer', '--convert-to', name.rsplit('.', 1)[1], '--outdir', FOLDER,
                    os.path.join(FOLDER, source)], check=True, capture_output=True, timeout=120)
    return os.path.join(FOLDER, name)


def values(line):
    return {key: line['fields'].get(key, {}).get('value') for key in COUNTS}


def mail_with(path, number):
    with open(path, 'rb') as f:
        return material.mail((ORGANIZATIONS[0]['liaison_name'], ORGANIZATIONS[0]['liaison_address']), 'youth@example.edu.cn', '双周报', '见附件',
                             datetime.datetime(2016, 6, 26, 10, tzinfo=CHINA), f'legacy{number}@mail.example.edu.cn', files=[(os.path.basename(path), f.read())])


def test_formats():
    """parse: doc, xls and rtf are read, the converter is named"""
    needs_office()
    paths = [legacy('周报.doc', '周报.docx', material.report_docx(REPORT)), legacy('表.xls', '表.xlsx', material.report_xlsx(REPORT)),
             write('周报.rtf', rtf(material.report_pairs(REPORT))), write('mail.eml', b'')]
    with open(paths[3], 'wb') as f:
        f.write(mail_with(paths[0], 1))
    started = time.monotonic()
    lines, err = parse(*paths)
    tap.equal(len(lines), 4, err)
    for line in lines:
        tap.equal(line['kind'], 'submission', line['file'])
        tap.equal(values(line), {key: REPORT[key] for key in COUNTS}, line['file'])
        assert line['converter'].startswith('LibreOffice '), line['converter']
        assert all(field['confidence'] <= 0.97 for field in line['fields'].values()), line['fields']
        tap.equal([p for p in line['problems'] if p['class'] == 'reading'], [], line['file'])
    print(f'# {time.monotonic() - started:.1f} s for four files', flush=True)


def test_without():
    """parse: without a converter they are unsupported, and said to be"""
    path = write('o.rtf', rtf([('提问量', 3)]))
    for lines, _ in (parse('--no-convert', path), parse(path, PATH='/nonexistent')):
        tap.equal([p['code'] for p in lines[0]['problems']], ['unsupported'], 'problems')
        assert 'converter' not in lines[0]


def hostile_office():
    """PATH with the program that stands in for LibreOffice."""
    program = os.path.join(FOLDER, 'office', 'program')
    os.makedirs(program, exist_ok=True)
    write('office/good.docx', material.report_docx(REPORT))
    write('office/program/soffice', b'#!/bin/sh\n')
    os.chmod(os.path.join(program, 'soffice'), 0o755)
    subprocess.run(['gcc', '-O1', '-o', os.path.join(program, 'soffice.bin'), os.path.join(HERE, 'hostile_office.c')], check=True)
    return program + ':' + os.environ['PATH']


def confined_build():
    """The sanitizer build is not confined: the sandbox is the release build's."""
    if 'build/san' in PROGRAM:
        raise tap.Skip('needs the release build')


def test_confined():
    """a converter's program: no network, child, other program, other file"""
    confined_build()
    lines, err = parse(write('a.rtf', rtf([('x', 'y')])), PATH=hostile_office())
    tap.equal((lines[0]['kind'], lines[0].get('converter')), ('submission', 'TestOffice 1.0'), err)
    assert not os.path.exists(os.path.join(FOLDER, 'office', 'written'))


def test_bad_neighbours():
    """a document that kills or stalls it costs only itself"""
    confined_build()
    words = ['good one', 'CRASH', 'good two', 'HANG', 'good three']
    paths = [write(f'n{i}.rtf', rtf([('x', word)])) for i, word in enumerate(words)]
    lines, err = parse(*paths, PATH=hostile_office())
    for word, line in zip(words, lines, strict=True):
        is_good = word.startswith('good')
        tap.equal((line['kind'], [p['code'] for p in line['problems'] if p['class'] == 'reading']),
                  ('submission', []) if is_good else ('unknown', ['unsupported']), f'{word}: {err}')


def office_below(pid):
    """Process ids of soffice.bin that descend from a process."""
    parents = {}
    for path in glob.glob('/proc/[0-9]*/stat'):
        try:
            with open(path) as f:
                number, rest = f.read().split(' (', 1)
        except OSError:
            continue
        name, rest = rest.rsplit(') ', 1)
        parents[int(number)] = (int(rest.split()[1]), name)
    def descends(p):
        while p in parents and p != pid:
            p = parents[p][0]
        return p == pid
    return [p for p, (_, name) in parents.items() if name.startswith('soffice') and descends(p)]


def wait(condition, what, timeout_s=60):
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, 'never happened: ' + what
        time.sleep(0.02)


def test_killed_parse():
    """killed with -9: nothing runs on, the next start clears what was left"""
    confined_build()
    path = write('hang.rtf', rtf([('x', 'HANG')]))
    child = subprocess.Popen([PROGRAM, 'parse', '--forms', FORMS, path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                             env={**os.environ, 'TMPDIR': TEMPORARY, 'PATH': hostile_office()})
    wait(lambda: office_below(child.pid), 'the program starts')
    office = office_below(child.pid)
    child.send_signal(signal.SIGKILL)
    child.wait()
    wait(lambda: not any(os.path.exists(f'/proc/{p}') for p in office), 'it ends with who started it')
    left = glob.glob(TEMPORARY + '/*')
    tap.equal(len(left), 1, 'folders left')
    os.utime(left[0], (0, 0))
    parse(write('a.rtf', rtf([('x', 'y')])), PATH=hostile_office())


def test_gateway():
    """poll: killed within a conversion, taken up again, recorded once"""
    needs_office()
    doc = legacy('再报.doc', '再报.docx', material.report_docx(REPORT))
    programme = Programme(os.path.join(FOLDER, 'programme'), ORGANIZATIONS, f'days_of_month = [13, 27]; first_due = "{DUE}";')
    write('programme/mail/1.eml', mail_with(doc, 2))
    child = subprocess.Popen([PROGRAM, 'poll', '--config', programme.config, '--at', '2016-06-26T12:00'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait(lambda: office_below(child.pid) or child.poll() is not None, 'LibreOffice starts')
    tap.equal(child.poll(), None, 'still at work')
    office = office_below(child.pid)
    child.send_signal(signal.SIGKILL)
    child.wait()
    wait(lambda: not any(os.path.exists(f'/proc/{p}') for p in office), 'it ends with who started it') # and writes no more
    tap.equal(programme.sql('SELECT state FROM message'), [('archived',)], 'after the kill')
    for folder in glob.glob(programme.folder + '/state/fortnight-convert-*'):
        os.utime(folder, (0, 0))
    for _ in range(2):
        programme.run('poll', at='2016-06-26T12:00')
    tap.equal(programme.sql('SELECT count(*) FROM message'), [(1,)], 'messages')
    rows = programme.sql('SELECT converter FROM revision')
    tap.equal(len(rows), 1, 'revisions')
    assert rows[0][0].startswith('LibreOffice '), rows
    tap.equal(glob.glob(programme.folder + '/state/fortnight-convert-*'), [], 'folders left')


os.makedirs(TEMPORARY)
try:
    tap.run([test_formats, test_without, test_confined, test_bad_neighbours, test_killed_parse, test_gateway])
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
