#!/usr/bin/env python3
"""What people get besides words: the pre-filled form and calendar entry of a reminder; workbook, charts and Word document of a
summary; exports; the static page. Written by the real program, opened by others: Python's own zip and XML readers, LibreOffice
where it is installed. OUTPUTS_KEEP=FOLDER keeps what was made, to be looked at."""
import email, email.policy, glob, io, os, re, shutil, subprocess, sys, tempfile, xml.etree.ElementTree, zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'support'), os.path.join(HERE, '..', 'servers')]
import material, tap
from programme import PROGRAM, Programme
from reporting import FIRST, LAST, PERIOD, SCHEDULE, World, instant

KEEP = os.environ.get('OUTPUTS_KEEP')  # a folder: what was made stays there to be looked at
MADE = []


def world():
    """Made once."""
    if not MADE:
        MADE.append(World(KEEP))
    return MADE[0]


def attachments(message):
    return {part.get_filename(): part for part in message.walk() if part.get_filename()}


def parse(path):
    import json
    done = subprocess.run([PROGRAM, 'parse', '--json', path], capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[0])


def written(name, data):
    path = os.path.join(world().folder, name)
    with open(path, 'wb') as f:
        f.write(data)
    return path


def well_formed(data):
    """Every part of an Office package is well-formed XML; returns the parts."""
    parts = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            parts[name] = archive.read(name)
            if name.endswith(('.xml', '.rels')):
                xml.etree.ElementTree.fromstring(parts[name])
    return parts


def to_pdf(path):
    """LibreOffice opens it and prints it: the PDF's path."""
    if not shutil.which('soffice'):
        raise tap.Skip('soffice is not installed')
    profile = os.path.join(world().folder, 'profile')
    done = subprocess.run(['soffice', f'-env:UserInstallation=file://{profile}', '--headless', '--convert-to', 'pdf', '--outdir', world().folder, path],
                          capture_output=True, text=True, timeout=180)
    pdf = os.path.splitext(path)[0] + '.pdf'
    assert os.path.exists(pdf), done.stdout + done.stderr
    return pdf


def test_reminder_form():
    """a reminder carries the form, pre-filled with what is known and nothing else"""
    letters = world().reminders
    tap.equal(len(letters), 7, 'reminders')  # of those with an address
    for letter in letters:
        name, part = next((n, p) for n, p in attachments(letter).items() if n.endswith('.docx'))
        data = part.get_content()
        well_formed(data)
        read = parse(written('reminder.docx', data))
        org = next(o for o in world().organizations if o['liaison_address'] in letter['To'])
        found = {key: field['value'] for key, field in read['fields'].items()}
        want = {'org': org['name'], 'section': org['section'], 'period': {'start': FIRST.isoformat(), 'end': LAST.isoformat()}}
        if org in world().organizations[:5]:
            want.update(reporter=org['liaison_name'], reporter_phone=org['liaison_phone'])
        tap.equal(found, want, name)
        tap.equal(read.get('tables', {}), {}, 'tables of ' + name)
        tap.equal([p['code'] for p in read['problems']], ['empty_form'], 'sent back as it is')
        assert '附件是空白表格' in letter.get_body(('plain',)).get_content()


def test_reminder_calendar():
    """… and a calendar entry that ends at the due instant"""
    letter = world().reminders[0]
    part = next(p for n, p in attachments(letter).items() if n.endswith('.ics'))
    assert part.get_content_type() == 'text/calendar', part.get_content_type()
    raw = part.get_payload(decode=True)
    lines = raw.replace(b'\r\n ', b'').decode().split('\r\n')
    assert all(len(line) <= 75 for line in raw.split(b'\r\n')), 'folded (RFC 5545 3.1)'
    for line in ('METHOD:PUBLISH', 'DTEND:20160627T155959Z', 'TRIGGER;RELATED=END:-P1D', 'BEGIN:VALARM', 'VERSION:2.0'):
        assert line in lines, f'{line} not in {lines}'
    assert '日历' in letter.get_body(('plain',)).get_content()


def test_form_opens():
    """LibreOffice opens the blank form on one or two pages"""
    part = next(p for n, p in attachments(world().reminders[0]).items() if n.endswith('.docx'))
    pdf = open(to_pdf(written('blank.docx', part.get_content())), 'rb').read()
    pages = len(re.findall(rb'/Type\s*/Page\b', pdf))
    assert 1 <= pages <= 2, pages


SHEET = '{http://schemas.openxmlformats.org/spreadsheetml/2006/main}'


def sheets(data):
    """{name: rows of cell texts} of a workbook, read by Python alone; asserts that no cell is a formula."""
    parts = well_formed(data)
    assert not any(b'<f>' in text or b'<f ' in text for text in parts.values()), 'a formula'
    assert not any(name.endswith('externalLink1.xml') for name in parts)
    root = xml.etree.ElementTree.fromstring
    strings = [''.join(t.text or '' for t in si.iter(SHEET + 't')) for si in root(parts['xl/sharedStrings.xml'])]
    found = {}
    for number, sheet in enumerate(root(parts['xl/workbook.xml']).iter(SHEET + 'sheet'), 1):
        tree = root(parts[f'xl/worksheets/sheet{number}.xml'])
        rows = []
        for row in tree.iter(SHEET + 'row'):
            cells = {}
            for c in row.iter(SHEET + 'c'):
                value = c.find(SHEET + 'v')
                if value is not None:
                    column = re.match('[A-Z]+', c.get('r')).group()
                    cells[column] = strings[int(value.text)] if c.get('t') == 's' else float(value.text)
            rows.append(cells)
        assert tree.find(f'.//{SHEET}pane') is not None, 'header is not frozen in ' + sheet.get('name')
        assert tree.find(f'{SHEET}autoFilter') is not None, 'no filter in ' + sheet.get('name')
        found[sheet.get('name')] = rows
    return found


def table(rows, head=0):
    """Rows below the header as dictionaries by title."""
    titles = rows[head]
    return [{titles[c]: value for c, value in row.items() if c in titles} for row in rows[head + 1:]]


def test_summary_workbook():
    """the summary carries a workbook whose figures are those of the database"""
    name, part = next((n, p) for n, p in attachments(world().summary).items() if n.endswith('.xlsx'))
    tap.equal(name, f'双周报汇总_{PERIOD}.xlsx')
    book = sheets(part.get_content())
    written('summary.xlsx', part.get_content())
    tap.equal(list(book)[:3], ['总览', '各期', '报送'])
    rows = table(book['报送'])
    tap.equal([r['组织'] for r in rows], [o['name'] for o in world().organizations])
    tap.equal([r.get('状态') for r in rows], ['按时'] * 3 + ['迟交'] + ['未交'] * 4)
    stored = dict(world().programme.sql(
        'SELECT f.key, sum(f.value_number) FROM submission s JOIN revision r ON r.submission = s.id AND r.number = s.current '
        'JOIN field f ON f.revision = r.id WHERE s.obligation = ? AND s.period = ? GROUP BY f.key', 'biweekly', PERIOD))
    tap.equal(sum(r.get('提问量', 0) for r in rows), stored['questions_received'], 'sum of the column')
    overview = {r['项目']: r for r in table(book['总览'], 1)}
    tap.equal(overview['提问量']['本期'], stored['questions_received'])
    tap.equal((overview['应交单位']['本期'], overview['未交']['本期'], overview['迟交']['本期']), (8, 4, 1))
    tap.equal(overview['超过24小时未答的问题']['本期'], 2)
    standing = table(book['排名'])
    tap.equal({r['按时率'] for r in standing[:3]}, {1.0})
    tap.equal([r['截止日期'] is not None and (r['应交'], r['按时'], r['迟交'], r['未交']) for r in table(book['各期'])][-2:], [(8, 5, 0, 3), (8, 3, 1, 4)])


def test_summary_charts():
    """the summary's charts are inline PNGs with a text alternative; nothing is remote, no script, below 100 KB"""
    html = world().summary.get_body(('html',)).get_content()
    pictures = {part['Content-ID'].strip('<>'): part.get_content() for part in world().summary.walk() if part['Content-ID']}
    shown = re.findall(r'<img src="cid:([^"]+)" alt="([^"]+)"', html)
    assert shown and sorted(pictures) == sorted(cid for cid, _ in shown), (list(pictures), shown)
    assert '6月27日 3/1/4' in shown[0][1], shown
    for picture in pictures.values():
        assert picture.startswith(b'\x89PNG') and len(picture) < 60000
    assert not re.search(r'<script|<link|src="(?!cid:)|url\(|javascript:| on\w+=', html)
    assert len(html.encode()) < 100000, len(html.encode())


WORD = '{http://schemas.openxmlformats.org/wordprocessingml/2006/main}'


def test_summary_document():
    """the summary carries a Word document for the meeting: same content, header rows repeated, page numbers, signature line"""
    name, part = next((n, p) for n, p in attachments(world().summary).items() if n.endswith('.docx'))
    tap.equal(name, f'双周报汇总_{PERIOD}.docx')
    parts = well_formed(part.get_content())
    written('meeting.docx', part.get_content())
    assert b'{{' not in parts['word/document.xml'] and b'PAGE' in parts['word/footer1.xml']
    body = xml.etree.ElementTree.fromstring(parts['word/document.xml'])
    tables = [[[''.join(t.text or '' for t in c.iter(WORD + 't')) for c in r.iter(WORD + 'tc')] for r in table.iter(WORD + 'tr')] for table in body.iter(WORD + 'tbl')]
    tap.equal(tables[0], [['应交', '已交', '按时', '迟交', '未交', '免报', '待核对'], ['8', '4', '3', '1', '4', '0', '1']])
    tap.equal([row[0] for row in tables[1][1:]], [o['name'] for o in world().organizations[4:]])
    assert len(list(body.iter(WORD + 'tblHeader'))) == len(tables)
    assert '审核' in ''.join(t.text or '' for t in body.iter(WORD + 't'))


def test_document_opens():
    """LibreOffice opens the document"""
    test_summary_document()
    to_pdf(os.path.join(world().folder, 'meeting.docx'))


def test_workbook_opens():
    """LibreOffice opens the workbook and prints it"""
    test_summary_workbook()
    to_pdf(os.path.join(world().folder, 'summary.xlsx'))


def test_export():
    """`export` writes the same as workbook, CSV and JSON"""
    import csv, json
    folder, programme = world().folder, world().programme
    programme.run('export', '--xlsx', os.path.join(folder, 'e.xlsx'), PERIOD, at=instant(28, 9, 1))
    book = sheets(open(os.path.join(folder, 'e.xlsx'), 'rb').read())
    tap.equal(oct(os.stat(os.path.join(folder, 'e.xlsx')).st_mode & 0o777), '0o600')
    out = programme.run('export', '--csv', '-', PERIOD, at=instant(28, 9, 1))[1]
    assert out.startswith('\ufeff')
    rows = list(csv.DictReader(io.StringIO(out[1:])))
    tap.equal([r['组织'] for r in rows], [r['组织'] for r in table(book['报送'])])
    data = json.loads(programme.run('export', '--json', PERIOD, at=instant(28, 9, 1))[1])
    tap.equal([s['title'] for s in data], list(book))
    status, _, messages = programme.run('export', '--csv', '-', '--table', 'nothing', PERIOD, check=False)
    tap.equal(status, 2)
    assert 'standings' in messages, messages


def site(name, *options):
    folder = world().page(name, *options)
    return folder, {n: open(os.path.join(folder, n), encoding='utf-8').read() for n in os.listdir(folder) if n.endswith('.html')}


def test_site():
    """`site` writes a matrix and a page a submission; nothing remote, no inline script, phones masked"""
    folder, pages = site('site')
    tap.equal(sorted(n[0] for n in pages), sorted('i' + 9 * 's' + 11 * 't'), 'index, submissions, totals')
    for name, page in pages.items():
        assert "default-src 'none'" in page and 'http://' not in page.replace('http-equiv', '') and 'https://' not in page, name
        assert not re.search(r'<script(?! src="site\.js" defer></script>)| on[a-z]+=|style="|javascript:', page), name
        assert not re.search(r'138000\d{5}', page), f'a phone in {name}'
        for link in re.findall(r'(?:href|src)="([^"]+)"', page):
            assert os.path.exists(os.path.join(folder, link)), f'{name} leads to {link}'
    index = pages['index.html']
    row = re.search('<th scope="row">%s</th>.*' % world().organizations[3]['name'], index).group()
    tap.equal(re.findall(r'<td class="(\w+)"', row), ['good', 'late', 'open'])
    first = pages[re.search(r'href="(s\d+\.html)"', index).group(1)]
    assert '双周报.docx 表1' in first and '138****' in first
    assert '138000' in ''.join(site('site-full', '--personal-data')[1].values())
    with open(world().programme.config, encoding='utf-8') as f:
        kept = f.read()
    for value, shown in (('"full"', True), ('"masked"', False)):
        with open(world().programme.config, 'w', encoding='utf-8') as f:
            f.write(kept + f'site = {{ personal_data = {value}; }};\n')
        assert ('138000' in ''.join(site('site-configured')[1].values())) == shown, value
    with open(world().programme.config, 'w', encoding='utf-8') as f:
        f.write(kept)
    assert 'Organizations and periods' in site('site-en', '--language', 'en')[1]['index.html']


HOSTILE_NAMES = ['<b onclick="x">&\'社</b>', "=cmd|' /C calc'!A0", '𠮷镕😀社', '＝1+1社', '@SUM(A1)社']
HOSTILE_TEXT = '<script>alert(1)</script><img src=x onerror=alert(1)> =1+1 𠮷镕😀 \u202egnp.exe {{programme}} \u200b'


def test_hostile():
    """names and texts with HTML, formulas, bidi, long words, emoji and rare characters are inert and whole everywhere"""
    folder = tempfile.mkdtemp(prefix='fortnight-hostile-')
    try:
        draw = material.Draw(9)
        organizations = draw.organizations(len(HOSTILE_NAMES) + 1)
        for org, name in zip(organizations[1:], HOSTILE_NAMES):
            org['name'] = name
        programme = Programme(folder, organizations, SCHEDULE)
        programme.run('poll', at=instant(1))
        programme.run('release', at=instant(1))
        report = draw.report(organizations[0], FIRST, LAST)
        report.update(urgent=HOSTILE_TEXT, issues=HOSTILE_TEXT)
        report['questions'][0].update(question='w' * 10000 + '？', status='处理中', asked_at='2016-06-24 08:30')
        report['questions'][1].update(question=HOSTILE_TEXT, status='处理中', asked_at='2016-06-24 08:30')
        data = material.mail((organizations[0]['liaison_name'], organizations[0]['liaison_address']), 'youth@example.edu.cn', '双周报', '见附件', instant(26),
                             'hostile@example.edu.cn', [('双周报.docx', material.report_docx(report))])
        path = os.path.join(folder, 'mail', 'hostile.eml')
        with open(path, 'wb') as f:
            f.write(data)
        os.utime(path, (instant(26).timestamp(),) * 2)
        programme.run('poll', at=instant(28, 9, 1))
        letters = [email.message_from_binary_file(open(p, 'rb'), policy=email.policy.default) for p in glob.glob(os.path.join(folder, 'sent', '**', '*.eml'), recursive=True)]
        summary = next(m for m in letters if (m['X-Fortnight-Id'] or '').startswith('summary/'))
        html = summary.get_body(('html',)).get_content()
        parts = {n.rsplit('.', 1)[1]: p.get_content() for n, p in attachments(summary).items()}
        word = ''.join(xml.etree.ElementTree.fromstring(well_formed(parts['docx'])['word/document.xml']).itertext())
        book = sheets(parts['xlsx'])
        cells = [c for rows in book.values() for row in rows for c in row.values() if isinstance(c, str)]
        programme.run('site', os.path.join(folder, 'site'), at=instant(28, 9, 1))
        pages = ''.join(open(p, encoding='utf-8').read() for p in glob.glob(os.path.join(folder, 'site', '*.html')))
        for what, text in (('mail', html), ('page', pages)):
            assert not re.search(r'<script(?! src="site\.js")|<img src=x|<b onclick', text), what
        for what, text in (('mail', html), ('document', word), ('workbook', '\n'.join(cells)), ('page', pages)):
            assert '𠮷镕😀' in text and '=1+1' in text and '{{programme}}' in text, what
            assert not re.search('[\u202a-\u202e\u2066-\u2069\u200b]', text), what
        for name in HOSTILE_NAMES:
            assert name in cells and name in word, name
        assert 'w' * 10000 + '？' in cells
        assert len(html.encode()) < 100000, len(html.encode())
        for kind in ('docx', 'xlsx'):
            written('hostile.' + kind, parts[kind])
        to_pdf(os.path.join(world().folder, 'hostile.docx'))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == '__main__':
    try:
        tap.run([case for name, case in list(globals().items()) if name.startswith('test_')])
    finally:
        if MADE and not KEEP:
            shutil.rmtree(MADE[0].folder, ignore_errors=True)
