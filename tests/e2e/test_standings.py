#!/usr/bin/env python3
"""Scores on the real program: reports, receipts and an activity export by mail; every score against arithmetic of the test's own over
plain SQL; the summary, its workbook, and what a changed formula changes."""
import datetime, decimal, email, io, json, os, re, sys, xml.etree.ElementTree, zipfile
from fractions import Fraction

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'support'), os.path.join(HERE, '..', 'servers')]
import material, tap
from programme import ROOT
from reporting import PERIOD, World, instant

LIAISON = ('联络员', 'liaison@example.edu.cn')
FORMULA = re.search(r'^scores = \{.*?^\};', open(os.path.join(ROOT, 'etc/youth-voice/fortnight.conf'), encoding='utf-8').read(), re.M | re.S)[0]
LATER = instant(29)
MADE = []


def account(org, i):
    return '' if i == 3 else 'wb%02d%03d' % (org, i)


class Scored(World):
    """The programme of reporting.py, with receipts of the first five organizations and an export of the platform."""

    def deliver(self, i, first, last, *rest, **more):
        if i == 0 and last == datetime.date(2016, 6, 13):
            for n in range(5):
                self.receipt(n)
        if i == 0 and last == datetime.date(2016, 6, 27):
            self.export()
        super().deliver(i, first, last, *rest, **more)

    def receipt(self, n):
        org = self.organizations[n]
        members = [[self.draw.person(), '2015%04d' % (n * 100 + i), '干事', self.draw.phone(), account(n, i)] for i in range(12)]
        data = material.mail((org['liaison_name'], org['liaison_address']), 'youth@example.edu.cn', '联系回执表', '见附件', instant(12), f'receipt{n}@example.edu.cn',
                             [('联系回执表.docx', material.receipt_docx(org, 12, members))])
        self.put(f'receipt-{n}.eml', data, instant(12))

    def export(self):
        self.activity = {account(n, i): (n * 10 + i, i % 4) for n in range(4) for i in range(8) if account(n, i)}
        rows = [['活跃度数据'], ['序号', '微邦账号', '点赞量', '回答量']]
        rows += [[k, a, likes, answers] for k, (a, (likes, answers)) in enumerate(self.activity.items(), 1)]
        rows.append([len(rows), 'passer-by', 3, 3])
        data = material.mail(LIAISON, 'youth@example.edu.cn', '活跃度数据', '见附件', instant(28, 7), 'export@example.edu.cn',
                             [('活跃度数据.xlsx', material.xlsx(rows))])
        self.put('export.eml', data, instant(28, 7))
        lines = ['活跃度数据', '统计周期：2016-05-28至2016-06-13', '账号,昵称,点赞数,回答数', *(f'{a},某人,1,{answers}' for a, (_, answers) in self.activity.items())]
        data = material.mail(LIAISON, 'youth@example.edu.cn', '补报活跃度', '见附件', instant(28, 7), 'export2@example.edu.cn',
                             [('活跃度.csv', '\r\n'.join(lines).encode('gb18030'))])
        self.put('export2.eml', data, instant(28, 7))


def world():
    """Made once."""
    if not MADE:
        MADE.append(Scored(extra='\n' + FORMULA + '\n'))
    return MADE[0]


def command(*arguments, at=LATER):
    status, out, err = world().programme.run(*arguments, at=at)
    assert not err, err
    return status, out


def scores(*arguments):
    return json.loads(command('scores', *arguments, '--json')[1])


def rounded(value):
    """Hundredths, half away from zero."""
    return int((decimal.Decimal(value.numerator) / decimal.Decimal(value.denominator)).scaleb(2).quantize(decimal.Decimal(1), decimal.ROUND_HALF_UP))


def by_hand(name):
    """The youth-voice formula once more, by another hand: hundredths of points."""
    sql = world().programme.sql
    rows = sql('SELECT r.id, r.first_on_time FROM current_revision r JOIN organization o ON o.id = r.org_id WHERE o.name = ? AND r.period = ? AND r.obligation = ?',
               name, PERIOD, 'biweekly')
    index = next(i for i, o in enumerate(world().organizations) if o['name'] == name)
    points = []

    def add(value, weight, cap=None):
        hundredths = rounded(Fraction(value) * Fraction(weight))
        points.append(hundredths if cap is None else max(-int(cap * 100), min(int(cap * 100), hundredths)))
    if rows:
        revision, on_time = rows[0]
        field = dict(sql('SELECT key, value_number FROM field WHERE revision = ? AND value_number IS NOT NULL', revision))
        problems = json.loads(sql('SELECT problems FROM revision_content WHERE revision = ?', revision)[0][0])
        tables = json.loads(sql('SELECT tables FROM revision_content WHERE revision = ?', revision)[0][0])
        number = lambda key: Fraction(field.get(key, 0))
        add(on_time, 20)
        add(not any(p['code'] == 'missing' for p in problems), 10)
        add(sum(p['code'] == 'contradiction' for p in problems), -1, 3)
        add(sum(p['code'] == 'sum' for p in problems), -1, 2)
        add(number('questions_received') / 14, 2, 10)
        add(number('questions_answered') / 14, 2, 10)
        if field.get('questions_answered'):
            add(number('answered_24h') / number('questions_answered'), 20, 20)
        for key, weight, cap in (('cadre_answers', '0.1', 2), ('cadre_likes', '0.02', 1), ('backbone_answers', '0.1', 2), ('backbone_likes', '0.02', 1),
                                 ('experts', '0.1', 1), ('members', '0.05', 1), ('reposts', '0.02', 1.5), ('comments', '0.02', 1.5)):
            add(number(key), weight, cap)
        for kind in ('线上', '线下'):
            add(sum(row.get('kind') == kind for row in tables.get('cases', [])), 2, 4)
        add(len(tables.get('articles', [])), 4, 4)
    if index < 5:
        active = sum(likes + answers > 0 for a, (likes, answers) in world().activity.items() if a.startswith('wb%02d' % index))
        if index < 4:
            add(Fraction(active, 12), 4, 4)
        add(Fraction(11, 12), 3)
    return max(0, min(10000, sum(points)))


def test_scores():
    """every score is the one that another hand computes from the database, and the sum of its trace"""
    found = scores(PERIOD)
    tap.equal(len(found['scores']), 8)
    for row in found['scores']:
        tap.equal(round(row['score'] * 100), by_hand(row['name']), row['name'])
        tap.equal(round(sum(line['points'] for line in row['trace']) * 100), round(row['score'] * 100), 'trace of ' + row['name'])
    ranks = [row['rank'] for row in found['scores']]
    assert ranks == sorted(ranks) and ranks[0] == 1
    points = [row['score'] for row in found['scores']]
    assert points == sorted(points, reverse=True) and points[0] > 50, points
    tap.equal((found['registration']['people'], found['registration']['registered'], found['registration']['unknown']), (60, 55, 1))


def test_trace():
    """every point says its message and revision; what nobody sent is said to be missing, not taken as 0"""
    messages = dict(world().programme.sql('SELECT m.id, m.subject FROM message m'))
    names = [o['name'] for o in world().organizations]
    for row in scores(PERIOD)['scores']:
        index = names.index(row['name'])
        for line in row['trace']:
            if line['state'] == 'limit':
                continue
            if line['points']:
                assert line['message_id'] in messages and line['revision'] == 1, line
            if index > 3 and line['fact'] in ('experts', 'cases', 'complete'):
                tap.equal((line['state'], line['value']), ('no_report', None), line['fact'])
        experts = next(line for line in row['trace'] if line['fact'] == 'experts')
        if index < 4:
            assert experts['source'].startswith('双周报.docx') and messages[experts['message_id']] == '双周报', experts
        active = next(line for line in row['trace'] if line['fact'] == 'people.active')
        tap.equal(active['state'], 'known' if index < 4 else 'not_given' if index == 4 else 'no_receipt', row['name'])


def test_export():
    """an export as xlsx counts for the period that just ended, one as csv in GB18030 for the period that it states"""
    for period, file_likes in (('2016-06-13', False), (PERIOD, True)):
        found = {row['account']: row for row in scores('--persons', period)['scores']}
        for name, (likes, answers) in world().activity.items():
            expected = min(answers, 60) * 100 + min((likes if file_likes else 1) * 20, 4000)
            tap.equal(round(found[name]['score'] * 100), expected, f'{name} in {period}')
    tap.equal(world().programme.sql("SELECT count(*), sum(obligation IS NULL), sum(org_id) FROM submission WHERE form = 'activity_export'"), [(2, 2, 0)])


def test_explain():
    """`explain score` says it in sentences, in Chinese; a person by account too"""
    name = world().organizations[0]['name']
    _, out = command('explain', 'score', name, PERIOD)
    score = next(row for row in scores(PERIOD)['scores'] if row['name'] == name)
    lines = out.splitlines()
    assert lines[0].startswith(f'{name}：2016-06-27（6月14日至6月27日）得 {score["score_text"]} 分'), lines[0]
    assert any(re.match(r'24小时答复率：[\d.]+ 分。24小时内答复数 \d+ ÷ 提问量|24小时答复率：[\d.]+ 分。\S+ \d+ ÷ \S+ \d+ × 20 分.*；邮件 \d+ 第 1 版，双周报.docx', line) for line in lines), out
    assert any('没有填报' in line for line in lines), out
    best = scores('--persons', PERIOD)['scores'][0]
    _, out = command('explain', 'score', best['account'], PERIOD)
    assert best['name'] in out and '回答量' in out and '邮件' in out, out
    trace = json.loads(command('explain', 'score', name, 'all', '--json')[1])
    tap.equal([p['period'] for p in trace['periods']], ['2016-06-13', '2016-06-27'])
    assert abs(trace['score'] * 2 - sum(p['score'] for p in trace['periods'])) <= 0.0101, trace['score']  # the mean of two, rounded


def test_persons():
    """persons by account: answers and a fifth of the likes, capped"""
    found = {row['account']: row for row in scores('--persons', PERIOD)['scores']}
    tap.equal(len([row for row in found.values() if row['rank']]), 55)
    for name, (likes, answers) in world().activity.items():
        tap.equal(round(found[name]['score'] * 100), min(answers, 60) * 100 + min(likes * 20, 4000), name)
    best = max(world().activity, key=lambda a: min(world().activity[a][1], 60) * 100 + min(world().activity[a][0] * 20, 4000))
    tap.equal(min(row['rank'] for row in found.values() if row['rank']), found[best]['rank'])


def test_summary():
    """the summary's letter has the standings and the registration rate, its workbook all scores with a column a rule"""
    letter = world().summary
    text, html = (letter.get_body((kind,)).get_content() for kind in ('plain', 'html'))
    rows = scores(PERIOD)['scores']
    for body in (text, html):
        assert '考核得分' in body and '60 人中 55 人已登记账号（92%）' in body, body
        for row in rows[:3] + rows[-3:]:
            assert row['name'] in body and row['score_text'] in body, row
    assert '其间 2 个单位' in text, text
    workbook = next(part for part in letter.walk() if (part.get_filename() or '').endswith('.xlsx')).get_content()
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        names = [s.get('name') for s in xml.etree.ElementTree.fromstring(archive.read('xl/workbook.xml')).iter() if s.tag.endswith('}sheet')]
    for name in ('考核得分', '个人得分', '账号登记'):
        assert name in names, names
    document = next(part for part in letter.walk() if (part.get_filename() or '').endswith('.docx')).get_content()
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        words = re.sub(r'<[^>]+>', '', archive.read('word/document.xml').decode())
    assert '考核得分' in words and all(row['score_text'] in words for row in rows), words


def test_csv():
    """CSV has a column a rule; a term has its own"""
    _, out = command('scores', PERIOD, '--csv')
    lines = out.lstrip('\ufeff').splitlines()
    assert '24小时答复率' in lines[0] and len(lines) == 9, out
    _, out = command('scores', '2016-autumn', '--csv')
    assert len(out.splitlines()) == 9, out


def test_awards():
    """proposals: preference for the best without a missing report, reduction in proportion, each with its reason"""
    awards = json.loads(command('scores', '2016-autumn', '--awards', '--json')[1])
    term = {row['name']: row for row in scores('2016-autumn')['scores']}
    for row in awards['organizations']:
        assert term[row['name']]['missing'] == 0 and term[row['name']]['late'] <= 1 and term[row['name']]['score'] >= 60, row
    found = {row['name']: row for row in awards['reductions']}
    for name, row in term.items():
        problems = world().programme.sql("SELECT count(*) FROM current_revision r JOIN organization o ON o.id = r.org_id JOIN revision_content c ON c.revision = r.id,"
                                         " json_each(c.problems) p WHERE o.name = ? AND r.obligation = 'biweekly' AND p.value ->> '$.code' IN ('contradiction', 'sum')", name)[0][0]
        percent = min(50, row['late'] * 5 + row['missing'] * 10 + problems)
        tap.equal(found[name]['percent'] if name in found else 0, percent, name)
        if percent:
            tap.equal(found[name]['places_lost'], int(percent / 10), name)
            assert '%' in found[name]['reason_text']
    assert '建议' in awards['rule_text']


def test_diff():
    """a changed formula: the difference per organization against what was published, and by which rule"""
    status, out = command('scores', '--diff', PERIOD)
    tap.equal((status, '0 differences' in out), (0, True), out)
    path = world().programme.config
    before = open(path, encoding='utf-8').read()
    with open(path, 'w', encoding='utf-8') as f:
        f.write(before.replace('{ fact = "on_time";  points = 20; }', '{ fact = "on_time";  points = 25; }'))
    try:
        status, out = command('scores', '--diff', PERIOD, '--json')
        difference = json.loads(out)[0]
        tap.equal(status, 1)
        assert difference['formula'] != difference['published_formula']
        tap.equal(len(difference['differences']), 3, 'those on time')
        for row in difference['differences']:
            tap.equal((row['change'], row['rules']), ('5.00', '按时提交 20.00 → 25.00'), row['name'])
    finally:
        with open(path, 'w', encoding='utf-8') as f:
            f.write(before)
    tap.equal(world().programme.sql('SELECT count(*) FROM score_publication WHERE period = ?', PERIOD), [(1,)], 'one, for leader and supervisor')


def test_page():
    """the static page has the scores, and a page an organization with the trace of each point, linked to the report"""
    folder = os.path.join(world().folder, 'site')
    command('site', folder)
    index = open(os.path.join(folder, 'index.html'), encoding='utf-8').read()
    for row in scores(PERIOD)['scores']:
        match = re.search('<a href="(p\\d+.html)">' + row['name'] + '</a></th><td>[^<]*</td><td class="number">' + re.escape(row['score_text']), index)
        assert match, row['name']
        page = open(os.path.join(folder, match[1]), encoding='utf-8').read()
        lines = re.findall(r'<tr><th scope="row">(?:<a href="(s\d+.html)">)?([^<]+)(?:</a>)?</th><td class="number">([-\d.]+)</td>', page)
        tap.equal([(rule, points) for _, rule, points in lines], [(line['rule'], line['points_text']) for line in row['trace']], row['name'])
        assert all(os.path.exists(os.path.join(folder, link)) for link, _, _ in lines if link)
        tap.equal(any(link for link, _, _ in lines), world().organizations.index(next(o for o in world().organizations if o['name'] == row['name'])) < 4)


def test_labour():
    """the division of labour from the receipts, as Word document and workbook; who was contact when"""
    for name in ('labour.docx', 'labour.xlsx'):
        path = os.path.join(world().folder, name)
        command('orgs', 'labour', path)
        assert os.stat(path).st_mode & 0o777 == 0o600
        with zipfile.ZipFile(path) as archive:
            text = ' '.join(re.sub(r'<[^>]+>', ' ', archive.read(n).decode()) for n in archive.namelist() if n.endswith('.xml'))
        for org in world().organizations:
            for key in ('name', 'section', 'team', 'leader_name', 'leader_phone', 'liaison_name', 'liaison_address', 'advisor_name'):
                assert org[key] in text, (name, key, org[key])
        if name.endswith('docx'):
            assert '共 8 个单位，工作人员 60 人' in text and '2016年6月29日' in text, text
        assert '{{' not in text
    _, out = command('orgs', 'history', world().organizations[0]['name'], '--json')
    history = json.loads(out)
    assert {'advisor', 'leader', 'liaison'} <= {row['role'] for row in history}
    ended = [row for row in history if row['until']]
    assert ended and all(row['until'] >= row['from'] for row in ended), history
    tap.equal(world().programme.run('orgs', 'labour', 'labour.pdf', check=False)[0], 2)


def test_handover():
    """a folder for a successor: open items, people, rules, roster that can be imported again, configuration; no secret, for its owner alone"""
    folder = os.path.join(world().folder, 'handover')
    path = world().programme.config
    before = open(path, encoding='utf-8').read()
    try:
        with open(path, 'a', encoding='utf-8') as f:
            f.write('# password_command = ["echo", "geheim"];\n')
        command('handover', folder)
    finally:
        with open(path, 'w', encoding='utf-8') as f:
            f.write(before)
    found = {os.path.relpath(os.path.join(d, f), folder): os.path.join(d, f) for d, _, names in os.walk(folder) for f in names}
    assert {'index.html', 'handover.json', 'organizations.csv', 'labour.docx', 'labour.xlsx', 'style.css', 'config/fortnight.conf', 'config/forms/biweekly.conf'} <= set(found), found
    for path in found.values():
        data = open(path, 'rb').read()
        assert b'geheim' not in data and os.stat(path).st_mode & 0o077 == 0, path
    page, data = open(found['index.html'], encoding='utf-8').read(), json.load(open(found['handover.json'], encoding='utf-8'))
    assert "default-src 'none'" in page and '{{' not in page and 'http' not in page.split('</head>')[1], page
    missing = next(item for item in data['missing'] if item['period'] == PERIOD)
    tap.equal(missing['names'], [o['name'] for o in world().organizations[4:]])
    tap.equal([(item['text'], item['organization']) for item in data['urgents']], [('宿舍楼道照明损坏，已报后勤。', world().organizations[1]['name'])])
    for text in [*(o['name'] for o in world().organizations), '24小时答复率', '7月13日', '提前3天 09:00', 'leader@example.edu.cn']:
        assert text in page, text
    roster = open(found['organizations.csv'], encoding='utf-8-sig').read()
    tap.equal(roster, command('orgs', 'export')[1].lstrip('\ufeff'))
    _, out = command('orgs', 'import', found['organizations.csv'])
    assert out.startswith('8 organizations read'), out


def test_mistakes():
    """a mistake in the formula is told with file and line by every command"""
    path = world().programme.config
    before = open(path, encoding='utf-8').read()
    line = before[:before.index('{ fact = "experts"')].count('\n') + 1
    try:
        with open(path, 'w', encoding='utf-8') as f:
            f.write(before.replace('{ fact = "experts"', '{ fact = "expert"'))
        status, _, err = world().programme.run('check', check=False)
        assert status == 2 and f'{path}:{line}: scores.organizations[13].fact' in err and 'did you mean "experts"' in err, err
    finally:
        with open(path, 'w', encoding='utf-8') as f:
            f.write(before)


try:
    tap.run([test_scores, test_trace, test_export, test_explain, test_persons, test_summary, test_csv, test_awards, test_diff, test_page, test_labour, test_handover, test_mistakes])
finally:
    if MADE:
        MADE[0].remove()
