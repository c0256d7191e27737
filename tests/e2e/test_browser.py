#!/usr/bin/env python3
"""What leaders see, in real Chromium: the summary's first screen on a telephone; the static page searched, sorted, drilled into, by mouse and
keyboard, light, dark and printed; accessibility by axe-core. BROWSER_KEEP=FOLDER keeps the pictures."""
import os, re, sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'support')]
import axe, tap
from browser import Browser
from reporting import PERIOD, SUMMARY, World, instant

KEEP = os.environ.get('BROWSER_KEEP')
PHONE, DESK = (375, 667), (1280, 800)
NAMES = ['Chess Club', 'Rowing Club', 'Student Union of the School of Nursing', 'Volunteers', 'Debating Society', 'Radio Station', 'Choir', 'Drama Society',
         'Astronomy Circle', 'Students of the Faculty of Public Administration', 'Hockey Club', 'Film Club', 'Orchestra', 'Photo Club', 'Mountaineers', 'Robotics Team',
         'Young Entrepreneurs', 'Science Magazine', 'Swimming Club', 'Tea House']
SCORES = '''
scores = { obligation = "biweekly"; maximum = 100; minimum = 0; shown = 3; title = { zh = "考核得分"; en = "Score"; };
  organizations = ( { fact = "on_time"; points = 40; }, { fact = "complete"; points = 20; }, { fact = "questions_received"; points = 0.5; cap = 40; } ); };
'''
MADE = {}


def world(language='zh'):
    """Twenty organizations, twelve of them missing, three late: one for each language, made once."""
    if language not in MADE:
        MADE[language] = World(count=20, before=6, punctual=5, late=3, language=language, names=NAMES if language == 'en' else (), extra=SCORES)
    return MADE[language]


def browser():
    if 'browser' not in MADE:
        MADE['browser'] = Browser()
    return MADE['browser']


def picture(name, whole=False):
    if KEEP:
        browser().picture(os.path.join(KEEP, name + '.png'), whole)


def letter(language, *options):
    """The summary letter as a page."""
    of = world(language)
    path = os.path.join(of.folder, 'summary.html')
    html = of.programme.run('summary', '--format', 'html', PERIOD, *options, at=instant(*SUMMARY))[1]
    with open(path, 'w', encoding='utf-8') as f:
        f.write(html)
    return path


# what of the page's text stands within the first screen; the text of the table of key facts, and where it ends
SEEN = '''(() => {
  const seen = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), range = document.createRange();
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    if (box.height && box.top >= 0 && box.bottom <= innerHeight && box.left >= 0 && box.right <= innerWidth) seen.push(node.data);
  }
  const key = document.querySelector('table.key');
  return {seen: seen.join(''), facts: key.textContent, bottom: key.getBoundingClientRect().bottom, width: document.documentElement.scrollWidth};
})()'''


def first_screen(language, words):
    """One minute, literally: what the picture of a telephone's first screen holds."""
    b, of = browser(), world(language)
    b.open(letter(language), *PHONE)
    picture(f'first-{language}')
    found = b.run(SEEN)
    assert found['bottom'] <= PHONE[1], f'the facts end at {found["bottom"]} px'
    assert found['width'] <= PHONE[0], f'{found["width"]} px wide'
    text, count = found['seen'], len(re.sub(r'\s', '', found['facts']))
    tap.note(f'{count} characters of text, facts end at {found["bottom"]:.0f} px')
    assert count <= 250, f'{count} characters: {text}'
    missing, late = of.organizations[8:], of.organizations[5:8]
    for org in missing[:10]:
        assert org['name'] in text or words['cut'](org['name']) in text, f'{org["name"]} is not in {text}'
    totals = dict(of.programme.sql(
        'SELECT s.period, sum(f.value_number) FROM submission s JOIN revision r ON r.submission = s.id AND r.number = s.current '
        "JOIN field f ON f.revision = r.id WHERE s.obligation = 'biweekly' AND f.key = 'questions_received' GROUP BY s.period"))
    total, before = totals[PERIOD], totals['2016-06-13']
    change = ('+' if total > before else '−') + str(abs(int(total - before)))
    for wanted in (words['missing'], words['late'], words['cut'](late[0]['name']), str(int(total)), change, words['open'], words['urgent']):
        assert re.search(wanted if wanted.startswith('(?') else re.escape(wanted), text), f'{wanted} is not in {text}'
    tap.equal(b.complaints, [])
    assert all(r.startswith('file://') for r in b.requests), b.requests


def test_first_screen_zh():
    """a telephone's first screen of the summary says who is missing and late, the total and its change, what is open, what is urgent"""
    first_screen('zh', {'missing': '12 个', 'late': '3 个', 'open': '(?s)超24小时.*未答\\s*2 个', 'urgent': '1 件未处理', 'cut': lambda name: name})


def test_first_screen_en():
    """… in English, with names longer than the screen"""
    first_screen('en', {'missing': '(?s)Missing\\s*12', 'late': '(?s)Late\\s*3', 'open': '(?s)Open over.*24\\s*h\\s*2', 'urgent': '1 open',
                        'cut': lambda name: name[:9]})


def test_letter_everywhere():
    """the summary letter fits both widths; axe-core finds nothing, light or dark"""
    check = axe.script()
    for language in ('zh', 'en'):
        path = letter(language)
        for width, height in (PHONE, DESK):
            for dark in (False, True):
                browser().open(path, width, height, dark)
                picture(f'summary-{language}-{width}-{"dark" if dark else "light"}', True)
                tap.equal(axe.violations(browser(), check), [], f'{language} {width} {"dark" if dark else "light"}')
                assert browser().run('document.documentElement.scrollWidth') <= width


def site(language='zh'):
    if ('site', language) not in MADE:
        MADE['site', language] = world(language).page('page-' + language, '--language', language)
    return MADE['site', language]


NAMES_SHOWN = "[...document.querySelector('table.searchable').tBodies[0].rows].filter((r) => r.checkVisibility()).map((r) => r.cells[0].textContent)"
MATRIX_HEAD = "document.querySelector('table.searchable').tHead.rows[0].cells"


def test_search_and_sort():
    """search finds, sorting orders, both ways; nothing is asked for beyond the folder and nothing complains"""
    b, names = browser(), [o['name'] for o in world().organizations]
    b.open(os.path.join(site(), 'index.html'), *DESK)
    tap.equal(b.run(NAMES_SHOWN), names)
    b.run("document.getElementById('search').focus()")
    for character in names[3][:4]:
        b.press(character)
    tap.equal(b.run(NAMES_SHOWN), [n for n in names if names[3][:4] in n], 'found')
    assert b.run("document.getElementById('found').textContent").strip(), 'the count is not told'
    b.run("const s = document.getElementById('search'); s.value = ''; s.dispatchEvent(new Event('input'))")
    b.run(MATRIX_HEAD + "[0].querySelector('button').click()")
    up = b.run(NAMES_SHOWN)
    b.run(MATRIX_HEAD + "[0].querySelector('button').click()")
    down = b.run(NAMES_SHOWN)
    tap.equal(sorted(up), sorted(names))
    assert down == up[::-1] != names, (up, down)
    tap.equal(b.run(MATRIX_HEAD + "[0].getAttribute('aria-sort')"), 'descending')
    tap.equal(b.complaints, [])
    folder = 'file://' + site()
    assert b.requests and all(r.startswith(folder) for r in b.requests), b.requests


def test_drill():
    """from a total to the submissions that it is summed from, and from there to the message"""
    b, of = browser(), world()
    b.open(os.path.join(site(), 'index.html'), *DESK)
    total = b.run("(() => { const row = [...document.querySelectorAll('table')].find((t) => t.querySelector('a[href^=t]')).tBodies[0].rows[0];"
                  "return [row.cells[0].textContent, Number(row.cells[1].textContent), row.querySelector('a').getAttribute('href')]; })()")
    stored = of.programme.sql('SELECT r.message, f.value_number FROM submission s JOIN revision r ON r.submission = s.id AND r.number = s.current '
                              "JOIN field f ON f.revision = r.id WHERE s.obligation = 'biweekly' AND s.period = ? AND f.key = 'questions_received'", PERIOD)
    tap.equal(total[:2], ['提问量', sum(v for _, v in stored)])
    b.open(os.path.join(site(), total[2]), *DESK)
    rows = b.run("[...document.querySelector('table').tBodies[0].rows].map((r) => [Number(r.cells[3].textContent), Number(r.cells[1].textContent), r.querySelector('a').getAttribute('href')])")
    tap.equal(sorted((m, v) for m, v, _ in rows), sorted((m, v) for m, v in stored))
    for message, value, link in rows:
        b.open(os.path.join(site(), link), *DESK)
        tap.equal(b.complaints, [], link)
        text = b.run('document.querySelector("main").innerText')
        assert f'邮件编号 {message}' in text and str(int(value)) in text, link


def test_standings_trace():
    """from the standings to the trace of each point, and from there to the message"""
    b, of = browser(), world()
    b.open(os.path.join(site(), 'index.html'), *DESK)
    row = b.run("(() => { const row = document.querySelector('#scores').closest('section').querySelector('tbody tr'); return [row.querySelector('a').textContent, row.querySelector('a').getAttribute('href'), row.cells[3].textContent]; })()")
    b.open(os.path.join(site(), row[1]), *DESK)
    text = b.run('document.querySelector("main").innerText')
    received = of.programme.sql('SELECT f.value_number, r.message FROM submission s JOIN revision r ON r.submission = s.id AND r.number = s.current JOIN field f ON f.revision = r.id JOIN organization o ON o.id = s.org_id '
                                "WHERE o.name = ? AND s.obligation = 'biweekly' AND s.period = ? AND f.key = 'questions_received'", row[0], PERIOD)[0]
    points = 40 + min(received[0] * 0.5, 40)
    assert row[2] in text and float(row[2]) in (points, points + 20), (row, points)
    assert str(int(received[0])) in text and str(received[1]) in text, f'{received} is not told of in {text}'
    tap.equal(b.complaints, [])


def test_keyboard():
    """search, sorting and links are reached and used by keyboard alone, and the focus is seen"""
    b = browser()
    b.open(os.path.join(site(), 'index.html'), *DESK)
    reached, sorted_by_key = [], None
    for _ in range(60):
        b.press('Tab')
        here = b.run("(() => { const e = document.activeElement, s = getComputedStyle(e); return [e.tagName, e.textContent.slice(0, 20), s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0]; })()")
        assert here[0] == 'BODY' or here[2], f'no focus is seen on {here}'
        reached.append(here[0])
        if here[0] == 'BUTTON' and sorted_by_key is None:
            b.press('Enter')
            sorted_by_key = b.run("document.activeElement.closest('th').getAttribute('aria-sort')")
        if here[0] == 'A':
            break
    tap.equal(sorted_by_key, 'ascending')
    tap.equal(reached[0], 'INPUT')
    tap.equal(reached[-1], 'A')
    b.events = []
    b.press('Enter')
    while 'Page.loadEventFired' not in b.events:
        b.receive()
    assert re.search(r'/s\d+\.html$', b.run('location.href')), b.run('location.href')


def luminance(css):
    red, green, blue = (int(n) for n in re.findall(r'\d+', css)[:3])
    return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255


def test_dark_and_print():
    """dark where the reader's system is dark; printed light, without search, whole"""
    b, path = browser(), os.path.join(site(), 'index.html')
    ground = "getComputedStyle(document.body).backgroundColor"
    b.open(path, *DESK, dark=True)
    assert luminance(b.run(ground)) < 0.2, b.run(ground)
    b.open(path, *DESK, dark=True, media='print')
    assert luminance(b.run(ground)) > 0.9, b.run(ground)
    assert not b.run("document.getElementById('search').checkVisibility()")
    tap.equal(len(b.run(NAMES_SHOWN)), 20)
    b.open(path, *DESK)
    assert luminance(b.run(ground)) > 0.9


def test_accessible():
    """axe-core finds nothing on any kind of page, both widths, light and dark, both languages"""
    check, b = axe.script(), browser()
    for language in ('zh', 'en'):
        submission = next(n for n in sorted(os.listdir(site(language))) if re.fullmatch(r's\d+\.html', n))
        scored = next(n for n in sorted(os.listdir(site(language))) if re.fullmatch(r'(?!index|[st]\d).*\.html', n))
        for page in ('index.html', submission, 't1.html', scored):
            for width, height in (PHONE, DESK):
                for dark in (False, True):
                    b.open(os.path.join(site(language), page), width, height, dark)
                    where = f'{page[0]}-{language}-{width}-{"dark" if dark else "light"}'
                    picture('page-' + where, True)
                    tap.equal(axe.violations(b, check), [], where)
                    assert b.run('document.documentElement.scrollWidth') <= width, where


if __name__ == '__main__':
    try:
        tap.run([case for name, case in list(globals().items()) if name.startswith('test_')])
    finally:
        for made in MADE.values():
            if isinstance(made, (World, Browser)):
                made.remove() if isinstance(made, World) else made.close()
