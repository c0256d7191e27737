#!/usr/bin/env python3
"""Every number of a summary against a query of its own on the database: nothing of the program's code takes part in the second count."""
import datetime, email, email.policy, io, json, os, re, sys, zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'support')]
import material, tap
from programme import CHINA
from reporting import FIRST, LAST, PERIOD, SUMMARY, World, instant

NOW = instant(*SUMMARY).timestamp()
DUE = datetime.datetime(2016, 6, 27, 23, 59, 59, tzinfo=CHINA).timestamp()
BEFORE = '2016-06-13'
LIAISON = ('联络员', 'liaison@example.edu.cn')
MADE = []


class Busy(World):
    """… with what makes counting hard: revisions, an exemption, a suspension, a log, a settled and an open urgent matter, cases and articles."""

    def __init__(self):
        super().__init__(count=14, before=9, punctual=6, late=2)
        run = self.programme.run
        run('orgs', 'exempt', self.organizations[10]['name'], PERIOD, '集训', at=instant(27, 8))
        run('orgs', 'suspend', self.organizations[11]['name'], at=instant(27, 8))
        self.deliver(3, FIRST, LAST, instant(27, 10), questions_received=91, questions_answered=90,
                     cases=[['深夜来电', '线上', '2016-06-20', '转介心理中心'], ['兼职纠纷', '线下', '2016-06-21', '调解成功']],
                     articles=[['写给毕业的你', 'http://example.com/a', '2016-06-22', '320']])
        self.deliver(4, FIRST, LAST, instant(27, 11), cases=[['宿舍矛盾', '线下', '2016-06-23', '和好']])
        log = [['1', '图书馆暑假几点开门', self.organizations[0]['section'], '2016-06-25 10:00', '', '未答复'], ['2', '补考成绩何时公布', self.organizations[0]['section'], '2016-06-24 10:00', '', '处理中'],
               ['3', '校车几点发车', self.organizations[0]['section'], '2016-06-20 10:00', '2016-06-20 12:00', '已答复'], ['4', '体测何时补测', self.organizations[0]['section'], '2016-06-28 02:00', '', '未答复']]
        self.log(log, instant(28, 7), 'log1')
        log[1][4:] = ['2016-06-28 07:20', '已答复']
        self.log(log, instant(28, 7, 30), 'log2')
        org = self.organizations[5]
        self.put('urgent.eml', material.mail((org['liaison_name'], org['liaison_address']), 'youth@example.edu.cn', '紧急：三号楼停水', '三号楼停水，已报后勤。', instant(27, 12),
                                             'urgent@example.edu.cn', []), instant(27, 12))
        alarm = self.letters('urgent/', instant(28, 8, 5))
        mine = next(m for m in alarm if '停水' in m.get_body(('plain',)).get_content() and m['To'].addresses[0].addr_spec.startswith('coordinator'))
        code = re.search(r'已处理 (\d+)', mine.get_body(('plain',)).get_content()).group(1)
        when = instant(28, 8, 20)
        data = material.mail(('协管', 'coordinator@example.edu.cn'), 'youth@example.edu.cn', 'Re: ' + mine['Subject'], f'已处理 {code} 后勤已修好', when, 'settled@example.edu.cn', [])
        self.put('settled.eml', data.replace(b'Message-ID:', b'In-Reply-To: ' + mine['Message-ID'].encode() + b'\r\nMessage-ID:', 1), when)
        self.programme.run('poll', at=instant(28, 8, 25))

    def log(self, rows, when, name):
        table = [['问题台账'], ['序号', '问题', '板块', '提问时间', '答复时间', '处理情况'], *rows]
        self.put(name + '.eml', material.mail(LIAISON, 'youth@example.edu.cn', '问题台账', '见附件', when, name + '@example.edu.cn', [('问题台账.xlsx', material.xlsx(table))]), when)


def busy():
    if not MADE:
        MADE.append(Busy())
    return MADE[0]


def summary():
    return json.loads(busy().programme.run('summary', '--json', PERIOD, at=instant(*SUMMARY))[1])


def sql(statement, *values):
    return busy().programme.sql(statement, *values)


def value(statement, *values):
    return sql(statement, *values)[0][0]


# who owes: on the roster, not suspended, not exempt
OWING = '''SELECT o.id FROM organization o WHERE o.merged_into IS NULL AND o.suspended = 0 AND NOT EXISTS (SELECT 1 FROM exemption e WHERE e.org_id = o.id
 AND e.obligation = 'biweekly' AND e.period IN ('', :period) AND e.revoked_s IS NULL)'''.replace(':period', f"'{PERIOD}'")
REPORT = f"SELECT s.org_id FROM submission s WHERE s.obligation = 'biweekly' AND s.period = '{PERIOD}' AND s.current > 0"


def test_counts():
    """expected, received, on time, late, missing, exempt, to check; the names of the missing and the late"""
    model = summary()
    counts = model['counts']
    tap.equal(counts['expected'], value(f'SELECT count(*) FROM organization WHERE id IN ({OWING}) OR id IN ({REPORT})'), 'expected')
    tap.equal(counts['received'], value(f'SELECT count(*) FROM ({REPORT})'), 'received')
    tap.equal(counts['on_time'], value(f'SELECT count(*) FROM ({REPORT} AND s.received_s <= ?)', DUE), 'on time')
    tap.equal(counts['late'], value(f'SELECT count(*) FROM ({REPORT} AND s.received_s > ?)', DUE), 'late')
    tap.equal([r['name'] for r in model['late']], [n for n, in sql(f'SELECT o.name FROM organization o JOIN ({REPORT.replace("s.org_id", "s.org_id, s.received_s")} AND s.received_s > ?) l ON l.org_id = o.id ORDER BY l.received_s', DUE)])
    missing = [n for n, in sql(f'SELECT name FROM organization WHERE id IN ({OWING}) AND id NOT IN ({REPORT}) ORDER BY id')]
    tap.equal((counts['missing'], sorted(r['name'] for r in model['missing'])), (len(missing), sorted(missing)), 'missing')
    tap.equal(counts['exempt'], value("SELECT count(DISTINCT org_id) FROM exemption WHERE obligation = 'biweekly' AND period IN ('', ?) AND revoked_s IS NULL", PERIOD), 'exempt')
    tap.equal(counts['with_problems'], value(f"SELECT count(*) FROM submission s JOIN revision r ON r.submission = s.id AND r.number = s.current JOIN revision_content c ON c.revision = r.id WHERE s.id IN ({REPORT.replace('s.org_id', 's.id')}) AND json_array_length(c.problems) > 0"), 'to check')
    before = value("SELECT count(*) FROM submission WHERE obligation = 'biweekly' AND period = ? AND current > 0", BEFORE)
    change = counts['received'] - before
    tap.equal(counts['received_change_text'], f'+{change}' if change > 0 else f'−{-change}' if change else '0', 'change')
    tap.equal([counts[k] > 0 for k in ('missing', 'late', 'exempt', 'with_problems')], [True] * 4, 'the example has some of each')


def test_totals():
    """every total, that of the last period, the change, how many gave it, and the messages that it is summed from"""
    def sums(period):
        return {key: (total, count) for key, total, count in sql(
            "SELECT f.key, sum(f.value_number), count(*) FROM submission s JOIN revision r ON r.submission = s.id AND r.number = s.current JOIN revision_content c ON c.revision = r.id "
            "JOIN (SELECT c2.revision, j.key, json_extract(j.value, '$.value') AS value_number FROM revision_content c2, json_each(c2.fields) j) f ON f.revision = r.id "
            "WHERE s.obligation = 'biweekly' AND s.period = ? AND typeof(f.value_number) IN ('integer', 'real') GROUP BY f.key", period)}
    now, before, totals = sums(PERIOD), sums(BEFORE), summary()['totals']
    tap.equal(sorted(t['key'] for t in totals), sorted(set(now) | set(before)), 'keys')
    for total in totals:
        key = total['key']
        tap.equal((total['value'], total['reported_by'], total['previous']), (now[key][0], now[key][1], before[key][0]), key)
        tap.equal(total['change'], now[key][0] - before[key][0], key + ': change')
        tap.equal(sum(s['value'] for s in total['sources']), now[key][0], key + ': sources')
        for source in total['sources']:
            tap.equal(value("SELECT json_extract(c.fields, '$.' || ? || '.value') FROM revision r JOIN revision_content c ON c.revision = r.id JOIN submission s ON s.id = r.submission AND s.current = r.number "
                            'JOIN organization o ON o.id = s.org_id WHERE o.name = ? AND r.message = ? AND s.period = ?', key, source['org'], source['message_id'], PERIOD), source['value'], f'{key} of {source["org"]}')


def test_questions():
    """questions open for over 24 hours: whoever told of them, not those that a later log or reply says are answered"""
    model = summary()
    rows = sql("SELECT text, CAST((? - asked_s) / 3600 AS INTEGER), message FROM question WHERE state NOT IN ('answered', 'closed') AND asked_s < ? - 86400 ORDER BY asked_s, text", int(NOW), int(NOW))
    tap.equal([(q['question'], q['age_hours'], q['message_id']) for q in model['open_questions']], rows)
    tap.equal(model['counts']['open_questions'], len(rows), 'count')
    texts = {q['question'] for q in model['open_questions']}
    assert '图书馆暑假几点开门' in texts and not texts & {'补考成绩何时公布', '校车几点发车', '体测何时补测'}, texts
    from_reports = [r['question'] for r in summary()['repeated']]
    stored = [q for q, in sql("SELECT json_extract(q.value, '$.question') FROM submission s JOIN revision r ON r.submission = s.id AND r.number = s.current JOIN revision_content c ON c.revision = r.id, "
                              "json_each(c.tables, '$.questions') q WHERE s.obligation = 'biweekly' AND s.period = ?", PERIOD)]
    known = [text for text, in sql('SELECT text FROM question')]
    for row in model['repeated']:
        assert 2 <= row['count'] <= known.count(row['question']), (row, known.count(row['question']))
    assert all(question in from_reports for question in stored if stored.count(question) > 1 and len(from_reports) < 10)


def test_urgent():
    """urgent matters: those that wait, and those of the period that are settled, with what was done"""
    model = summary()
    tap.equal(model['counts']['urgent_open'], value('SELECT count(*) FROM urgent_matter WHERE settled_s IS NULL'), 'open')
    tap.equal(model['counts']['urgent_settled'], value('SELECT count(*) FROM urgent_matter WHERE settled_s IS NOT NULL'), 'settled')
    tap.equal((model['counts']['urgent_open'], model['counts']['urgent_settled']), (1, 1), 'the example has one of each')
    tap.equal([(u['text'], u['handling'] or None, u['message_id']) for u in model['urgent']], sql('SELECT text, handling, message FROM urgent_matter ORDER BY settled_s IS NOT NULL, id'))


def test_cases_and_articles():
    """cases and articles: how many, which, whose"""
    lists = {entry['key']: entry for entry in summary()['lists']}
    for key in ('cases', 'articles'):
        rows = sql("SELECT json_extract(t.value, '$.title'), o.name FROM submission s JOIN organization o ON o.id = s.org_id JOIN revision r ON r.submission = s.id AND r.number = s.current "
                   "JOIN revision_content c ON c.revision = r.id, json_each(c.tables, '$.' || ?) t WHERE s.obligation = 'biweekly' AND s.period = ?", key, PERIOD)
        tap.equal((lists[key]['count'], sorted((r['text'], r['org']) for r in lists[key]['rows'])), (len(rows), sorted(rows)), key)
    tap.equal((lists['cases']['count'], lists['articles']['count']), (3, 1))


def test_sections():
    """sections and teams side by side; a section head reads of the own section alone, also in the workbook"""
    model = summary()
    for key, column in (('sections', 'section'), ('teams', 'team')):
        rows = sql(f'SELECT o.{column}, sum(o.id IN ({OWING}) OR o.id IN ({REPORT})), sum(o.id IN ({REPORT})), sum(o.id IN ({OWING}) AND o.id NOT IN ({REPORT})), '
                   f'sum(o.id IN ({REPORT} AND s.received_s > {DUE})) FROM organization o WHERE o.merged_into IS NULL GROUP BY 1')
        tap.equal(sorted((g['name'], g['expected'], g['received'], g['missing'], g['late']) for g in model[key]), sorted(rows), key)
    section = busy().organizations[0]['section']
    inside = [n for n, in sql('SELECT name FROM organization WHERE section = ? AND merged_into IS NULL', section)]
    outside = [n for n, in sql('SELECT name FROM organization WHERE section <> ? AND merged_into IS NULL', section)]
    run = busy().programme.run
    own = json.loads(run('summary', '--json', '--section', section, PERIOD, at=instant(*SUMMARY))[1])
    tap.equal(sorted(o['name'] for o in own['organizations']), sorted(inside))
    tap.equal(next(t['value'] for t in own['totals'] if t['key'] == 'questions_received'),
              value(f"SELECT sum(f.value_number) FROM submission s JOIN revision r ON r.submission = s.id AND r.number = s.current JOIN field f ON f.revision = r.id JOIN organization o ON o.id = s.org_id "
                    f"WHERE s.obligation = 'biweekly' AND s.period = ? AND f.key = 'questions_received' AND o.section = ?", PERIOD, section))
    raw = run('summary', '--format', 'eml', '--section', section, PERIOD, at=instant(*SUMMARY))[1]
    message = email.message_from_string(raw, policy=email.policy.default)
    book = next(p.get_content() for p in message.walk() if (p.get_filename() or '').endswith('.xlsx'))
    with zipfile.ZipFile(io.BytesIO(book)) as z:
        texts = z.read('xl/sharedStrings.xml').decode()
    for what, text in (('workbook', texts), ('letter', message.get_body(('plain',)).get_content())):
        assert section in text, what
        assert not [n for n in outside if n in text], f'{what} tells of other sections'


def test_own_trend():
    """an organization's ack compares its figures with those of its last report"""
    name, org_id = sql(f"SELECT o.name, o.id FROM organization o WHERE o.id IN ({REPORT}) AND o.id IN (SELECT org_id FROM submission WHERE period = ?) ORDER BY o.id", BEFORE)[3]
    now, before = (value('SELECT f.value_number FROM submission s JOIN revision r ON r.submission = s.id AND r.number = s.current JOIN field f ON f.revision = r.id '
                         "WHERE s.org_id = ? AND s.obligation = 'biweekly' AND s.period = ? AND f.key = 'questions_received'", org_id, p) for p in (PERIOD, BEFORE))
    tap.equal(now, 91, 'the second revision counts')
    text = busy().programme.run('letters', 'preview', 'ack', '--org', name, at=instant(*SUMMARY))[1]
    assert f'提问量：{now:.0f}（上期 {before:.0f}，{"+" if now > before else "−"}{abs(now - before):.0f}）' in text, text


def test_letter_says_so():
    """the words of the letter hold these figures, Chinese and English, text and HTML"""
    counts = summary()['counts']
    questions = next(t for t in summary()['totals'] if t['key'] == 'questions_received')
    for language, wanted in (('zh', [f'已交 {counts["received"]} / {counts["expected"]}', f'未交】{counts["missing"]} 个', f'迟交】{counts["late"]} 个', f'提问量 {questions["value"]}（{questions["change_text"]}）',
                                     f'超过24小时未答】{counts["open_questions"]} 个', '1 件未处理', '后勤已修好']),
                             ('en', [f'{counts["received"]} of {counts["expected"]}', f'MISSING: {counts["missing"]}', f'LATE: {counts["late"]}', f'OPEN FOR MORE THAN 24 HOURS: {counts["open_questions"]}', 'URGENT: 1 open'])):
        text = busy().programme.run('summary', PERIOD, '--language', language, at=instant(*SUMMARY))[1]
        html = busy().programme.run('summary', PERIOD, '--language', language, '--format', 'html', at=instant(*SUMMARY))[1]
        for words in wanted:
            assert words in text, f'{words} is not in {text}'
        visible = re.sub(r'<[^>]+>', ' ', html)
        for number in (counts['missing'], counts['late'], counts['open_questions'], questions['value']):
            assert re.search(rf'\b{number}\b', visible), f'{number} is not in the HTML of {language}'


if __name__ == '__main__':
    try:
        tap.run([case for name, case in list(globals().items()) if name.startswith('test_')])
    finally:
        for made in MADE:
            made.remove()
