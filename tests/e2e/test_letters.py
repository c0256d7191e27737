#!/usr/bin/env python3
"""Letters as people get them: `letters preview` for every kind, from the real state and from the samples; a lint of their HTML for mail clients;
`check` names the file and line of what is wrong in a template. LETTERS_KEEP=FOLDER keeps pictures of all of them."""
import email, email.policy, html.parser, json, os, re, shutil, subprocess, sys, tempfile, zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'support')]
import axe, material, tap
from browser import Browser
from programme import PROGRAM, ROOT
from reporting import PERIOD, SUMMARY, World, instant

KEEP = os.environ.get('LETTERS_KEEP')
MADE = {}
LIMIT = 100 * 1024  # mail clients clip longer letters


def world():
    if 'world' not in MADE:
        MADE['world'] = World()
    return MADE['world']


def previews(language, form='html'):
    """{kind: text} of all kinds."""
    if (language, form) not in MADE:
        folder = os.path.join(world().folder, f'letters-{language}-{form}')
        status, _, MADE['said', language] = world().programme.run('letters', 'preview', 'all', '--out', folder, '--format', form, '--language', language, at=instant(*SUMMARY))
        tap.equal(status, 0, 'exit status')
        MADE[language, form] = {name.rsplit('.', 1)[0]: open(os.path.join(folder, name), encoding='utf-8').read() for name in os.listdir(folder)}
    return MADE[language, form]


def test_preview():
    """`letters preview` shows every kind: what is due, else what was decided, else the sample, and says which"""
    kinds = set(previews('zh', 'text'))
    templates = {name.rsplit('.', 1)[0] for name in os.listdir(os.path.join(ROOT, 'templates', 'letters', 'zh')) if name.endswith('.subject')}
    tap.equal(kinds, templates, 'kinds')
    said, run, org = MADE['said', 'zh'], world().programme.run, world().organizations[6]
    real = {'ack', 'reminder', 'overdue', 'summary', 'urgent', 'overdue_questions'}
    for kind in real:
        assert f'no letter "{kind}"' not in said, f'{kind} is a sample'
        assert '护理学院学生会' not in previews('zh', 'text')[kind], f'{kind} holds a name of the samples'
    text = run('letters', 'preview', 'reminder', '--org', org['name'], '--period', PERIOD, at=instant(*SUMMARY))[1]
    assert org['name'] in text and '6月27日' in text, text
    status, _, messages = run('letters', 'preview', 'nothing', check=False)
    tap.equal(status, 2)
    assert 'overdue' in messages, messages
    status, _, messages = run('letters', 'preview', 'ack', '--org', '没有这个单位', at=instant(*SUMMARY), check=False)
    tap.equal((status, '没有这个单位' in messages), (2, True), messages)


def test_preview_mail():
    """… as the whole mail, with the form and the calendar entry that travel with it; nothing is stored or sent"""
    of = world()
    before = of.programme.sql('SELECT count(*) FROM outbox'), len(os.listdir(os.path.join(of.folder, 'sent')))
    raw = of.programme.run('letters', 'preview', 'reminder', '--format', 'eml', at=instant(*SUMMARY))[1]
    message = email.message_from_string(raw, policy=email.policy.default)
    names = [part.get_filename() for part in message.walk() if part.get_filename()]
    assert any(n.endswith('.docx') for n in names) and any(n.endswith('.ics') for n in names), names
    tap.equal((of.programme.sql('SELECT count(*) FROM outbox'), len(os.listdir(os.path.join(of.folder, 'sent')))), before)


def test_defect():
    """a form that comes back empty is answered by a defect letter with the blank form, which our own reader takes as blank"""
    of = world()
    org = of.organizations[6]
    blank = next(part for letter in of.reminders if org['liaison_address'] in letter['To'] for part in letter.walk() if (part.get_filename() or '').endswith('.docx'))
    when = instant(28, 10)
    of.put('empty.eml', material.mail((org['liaison_name'], org['liaison_address']), 'youth@example.edu.cn', '双周报', '见附件', when, 'empty@example.edu.cn',
                                      [('双周报.docx', blank.get_content())]), when)
    letters = of.letters('defect/', instant(28, 10, 5))
    tap.equal(len(letters), 1, 'defect letters')
    parts = {p.get_filename(): p for p in letters[0].walk() if p.get_filename()}
    name = next((n for n in parts if n.endswith('.docx')), None)
    assert name and org['name'] in name, list(parts)
    text = letters[0].get_body(('plain',)).get_content()
    assert '附件是空白表格' in text and '办法：' in text, text
    path = os.path.join(of.folder, 'defect.docx')
    with open(path, 'wb') as f:
        f.write(parts[name].get_content())
    done = subprocess.run([PROGRAM, 'parse', '--json', path], capture_output=True, text=True, timeout=60)
    read = json.loads(done.stdout.splitlines()[0])
    tap.equal(([p['code'] for p in read['problems']], read['fields']['org']['value']), (['empty_form'], org['name']))


class Lint(html.parser.HTMLParser):
    """What mail clients drop, block or show wrongly."""
    REFUSED = {'script', 'link', 'iframe', 'object', 'embed', 'form', 'input', 'button', 'video', 'audio', 'svg', 'base'}

    def __init__(self):
        super().__init__()
        self.found, self.tables, self.open, self.styles = [], [], None, []

    def handle_starttag(self, tag, attributes):
        facts = dict(attributes)
        if tag in self.REFUSED:
            self.found.append(f'<{tag}>')
        self.found += [f'{name} of <{tag}>' for name in facts if name.startswith('on')]
        for name in ('src', 'href', 'background'):
            if name in facts and not re.match(r'cid:|mailto:|tel:', facts[name] or ''):
                self.found.append(f'{name}="{facts[name]}"')
        if re.search(r'url\(|expression\(|position\s*:|javascript:', facts.get('style') or ''):
            self.found.append(f'style of <{tag}>: {facts["style"]}')
        if tag == 'img' and not facts.get('alt'):
            self.found.append('<img> without words')
        if tag == 'table':
            self.tables.append([self.getpos()[0], facts.get('role') == 'presentation'])
        if tag == 'th' and 'scope' in facts and self.tables:
            self.tables[-1][1] = True
        if tag == 'html' and not facts.get('lang'):
            self.found.append('no language')
        self.open = tag

    def handle_endtag(self, tag):
        self.open = None
        if tag == 'table':
            line, is_named = self.tables.pop()
            if not is_named:
                self.found.append(f'the table of line {line} is neither for layout nor has headings')

    def handle_data(self, data):
        if self.open == 'style':
            rest = re.sub(r'@media \(prefers-color-scheme: dark\) \{(?:[^{}]|\{[^{}]*\})*\}', '', data)
            if rest.strip():
                self.found.append('styles outside elements: ' + rest.strip()[:80])


def test_lint():
    """the HTML of every kind, Chinese and English: no script, nothing remote, words for pictures, tables named, styles inline, below 100 KB"""
    for language in ('zh', 'en'):
        for kind, text in sorted(previews(language).items()):
            lint = Lint()
            lint.feed(text)
            tap.equal(lint.found, [], f'{language}/{kind}')
            tap.equal(len(lint.tables), 0, f'{language}/{kind}: tables left open')
            assert 1000 < len(text.encode()) < LIMIT, f'{language}/{kind}: {len(text.encode())} bytes'
            assert '{{' not in text, f'{language}/{kind}'


def test_accessible():
    """axe-core finds nothing in any of them on a telephone, light or dark, and none is wider than it"""
    check = axe.script()
    with Browser() as browser:
        for language in ('zh', 'en'):
            for kind in sorted(previews(language)):
                path = os.path.join(world().folder, f'letters-{language}-html', kind + '.html')
                for dark in (False, True):
                    browser.open(path, 375, 667, dark)
                    if KEEP:
                        browser.picture(os.path.join(KEEP, f'{kind}-{language}-{"dark" if dark else "light"}.png'), True)
                    tap.equal(axe.violations(browser, check), [], f'{language}/{kind} {"dark" if dark else "light"}')
                    assert browser.run('document.documentElement.scrollWidth') <= 375, f'{language}/{kind}'
                assert not [r for r in browser.requests if not r.startswith('file://')], browser.requests


def broken(folder, path, old, new):
    """A copy of the templates with one text of one file replaced."""
    shutil.copytree(os.path.join(ROOT, 'templates'), folder)
    path = os.path.join(folder, path)
    if path.endswith('.docx'):
        with zipfile.ZipFile(path) as z:
            parts = {name: z.read(name) for name in z.namelist()}
        assert old.encode() in parts['word/document.xml'], old
        parts['word/document.xml'] = parts['word/document.xml'].replace(old.encode(), new.encode(), 1)
        with zipfile.ZipFile(path, 'w') as z:
            for name, data in parts.items():
                z.writestr(name, data)
        return
    with open(path, encoding='utf-8') as f:
        text = f.read()
    assert old in text, old
    with open(path, 'w', encoding='utf-8') as f:
        f.write(text.replace(old, new, 1))


BROKEN = [
    ('letters/zh/ack.txt', '{{form_title}}', '{{form_titel}}', r'zh/ack\.txt:\d+: .*form_titel'),
    ('letters/en/reminder.html', '{{#due_today}}', '{{#due_today', r'en/reminder\.html:\d+: '),
    ('letters/zh/summary.html', '{{/has_late}}', '', r'zh/summary\.html:\d+: .*has_late'),
    ('documents/zh/summary.docx', '{{summary.counts.late}}', '{{summary.counts.lat}}', r'documents/zh/summary\.docx: word/document\.xml:\d+: .*summary\.counts\.lat'),
    ('site/index.html', '{{/totals.any}}', '', r'index\.html:\d+: .*totals'),
]


def test_check_names_the_line():
    """`check` names file and line of an unknown variable or a broken section, in letters, in the Word template (the paragraph), on the page"""
    of = world()
    for path, old, new, wanted in BROKEN:
        folder = os.path.join(tempfile.mkdtemp(dir=of.folder), 'templates')
        broken(folder, path, old, new)
        with open(of.programme.config, encoding='utf-8') as f:
            text = f.read()
        config = os.path.join(of.folder, 'broken.conf')
        with open(config, 'w', encoding='utf-8') as f:
            f.write(text.replace('letters = {', f'letters = {{ templates = "{folder}";'))
        done = subprocess.run([PROGRAM, 'check', '--config', config], capture_output=True, text=True, timeout=120)
        line = next((l for l in (done.stdout + done.stderr).splitlines() if 'templates' in l), done.stdout + done.stderr)
        assert done.returncode != 0 and re.search(wanted, line), f'{path}: {done.returncode} {line}'


if __name__ == '__main__':
    try:
        tap.run([case for name, case in list(globals().items()) if name.startswith('test_')])
    finally:
        if 'world' in MADE:
            MADE['world'].remove()
