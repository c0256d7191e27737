"""What the sample of filled forms is made of: invented people and figures, the words that stand for a field, and the shapes in which
people write numbers, dates and phones. Standard library only."""
import datetime
import material

# Per field: words that a form's author would use. The first is the usual one; the others a person understands without a list.
BIWEEKLY = {
    'org': ['组织名称', '单位', '填报单位', '上报的组织', '本单位名称', '组织（团体）名称', '所在组织'],
    'section': ['负责板块', '所属板块', '承担的板块', '本组织负责的板块'],
    'period': ['汇报周期', '起止时间', '本期起止时间', '汇报的时间段', '统计的起止日期', '本期汇报时间段'],
    'reporter': ['填报人', '填表人', '填报人姓名', '本表填写人', '填报同学'],
    'reporter_phone': ['联系电话', '手机', '填报人电话', '填报人手机号', '填报人联系方式'],
    'report_date': ['填报日期', '填表日期', '填报的日期', '本表填写日期'],
    'questions_received': ['提问量', '本期提问数', '收集问题数', '本期收到的提问数', '共收到提问', '学生提问总条数'],
    'questions_answered': ['回答量', '答复数', '已答复', '本期已答复数', '已经回答的数量', '回答总条数'],
    'answered_24h': ['24小时内答复数', '24小时内答复', '其中24小时内答复的', '24小时内完成答复数', '24h内回答数'],
    'unanswered': ['未答复数', '未回答', '尚未答复的问题数', '还未答复数'],
    'likes': ['点赞量', '点赞数', '获得点赞数', '收到点赞数量'],
    'cadre_answers': ['专职团干部回答量', '专职团干部答复数', '专职团干部回答条数'],
    'backbone_answers': ['学生骨干回答量', '学生骨干答复数', '学生骨干回答条数'],
    'cadre_likes': ['专职团干部点赞量', '专职团干部点赞数'],
    'backbone_likes': ['学生骨干点赞量', '学生骨干点赞数'],
    'reposts': ['转发量', '转发数', '转发次数'],
    'comments': ['评论量', '评论数', '评论条数'],
    'experts': ['专家总数', '专家人数', '现有专家总数'],
    'members': ['成员总数', '成员人数', '现有成员总数'],
    'urgent': ['紧急情况', '紧急事项', '有无紧急情况'],
    'issues': ['存在问题', '存在的问题', '工作中的主要问题', '遇到的问题和困难'],
    'suggestions': ['意见建议', '意见与建议', '对工作的建议'],
    'plan': ['下期计划', '下一步工作计划', '下一期的打算', '下半月工作安排'],
}
RECEIPT = {
    'org': BIWEEKLY['org'], 'team': ['所属队伍', '队伍类别', '所在的队伍', '队伍归属'], 'section': BIWEEKLY['section'],
    'staff_count': ['工作人员人数', '人数', '工作人员总数', '现有工作人员人数'], 'remarks': ['备注', '其他说明', '备注（可不填）'],
}
GROUPS = {'advisor': ['指导老师', '指导教师'], 'leader': ['负责人', '组织负责人', '学生负责人'], 'liaison': ['联络员', '联系人', '日常联络员']}
PARTICULARS = {'name': ['姓名', '名字'], 'title': ['职务', '职位'], 'phone': ['联系电话', '手机', '手机号码', '联系方式'],
               'email': ['邮箱', '电子邮箱', 'E-mail'], 'account': ['微邦账号', '平台账号'], 'qq': ['QQ', 'QQ号']}
GROUP_FIELDS = {'advisor': ['name', 'phone', 'email'], 'leader': ['name', 'title', 'phone', 'email'],
                'liaison': ['name', 'phone', 'email', 'account', 'qq']}
ENGLISH = {'org': 'Organization', 'section': 'Section', 'period': 'Reporting period', 'reporter': 'Reporter', 'reporter_phone': 'Phone',
           'report_date': 'Date', 'questions_received': 'Questions received', 'questions_answered': 'Questions answered',
           'answered_24h': 'Answered within 24 h', 'unanswered': 'Unanswered', 'likes': 'Likes', 'reposts': 'Reposts', 'comments': 'Comments',
           'experts': 'Experts', 'members': 'Members', 'issues': 'Issues', 'plan': 'Plan', 'urgent': 'Urgent'}
COUNTS = ['questions_received', 'questions_answered', 'answered_24h', 'unanswered', 'likes', 'cadre_answers', 'backbone_answers',
          'cadre_likes', 'backbone_likes', 'reposts', 'comments', 'experts', 'members']
UNIT = {'experts': '人', 'members': '人', 'staff_count': '人', 'likes': '次', 'reposts': '次'}
MEMBER_COLUMNS = {'name': ['姓名', '成员姓名'], 'student_id': ['学号', '学生学号'], 'position': ['职务', '担任职务'],
                  'phone': ['联系电话', '手机号'], 'account': ['微邦账号', '平台账号']}
QUESTION_COLUMNS = {'no': ['序号', '编号'], 'question': ['问题内容', '问题', '学生提出的问题'], 'section': ['所属板块', '板块'],
                    'asked_at': ['提问时间', '提出时间'], 'answered_by': ['答复人', '回答人'], 'answered_at': ['答复时间', '回复时间'],
                    'status': ['处理情况', '状态'], 'repeat': ['是否重复', '是否重复提问']}
DAILY_COLUMNS = {'date': ['日期', '统计日期'], 'questions': ['提问量', '提问数'], 'answers': ['回答量', '答复数']}
CASE_COLUMNS = {'title': ['案例名称', '案例标题'], 'kind': ['类别', '线上/线下'], 'date': ['时间', '发生时间'], 'summary': ['简介', '内容简介']}
ARTICLE_COLUMNS = {'title': ['标题', '文章标题'], 'link': ['链接', '网址'], 'published_at': ['发布时间', '发布日期'], 'reads': ['阅读量', '阅读数']}
CAMPUS = ['', '', '', '东校区', '大连校区']
ISSUES = ['重复提问较多，答复口径不统一。', '期末值班人手偏紧。', '1. 部分问题涉及多个部门；\n2. 新成员对平台不熟悉。']
PLANS = ['整理常见问题并置顶。', '安排晚间值班，缩短答复时间。', '1、走访宿舍；\n2、开展一次培训。']
ADVICE = ['希望每月培训一次。', '建议邀请后勤老师入驻平台。']


class Data(material.Draw):
    """A filled form: .values by key (None: left blank), .tables by name."""

    def biweekly(self, first=None, lists=True):
        r = self.random
        if first is None:
            month = r.randint(1, 12)
            first = datetime.date(r.randint(2017, 2025), month, 14 if r.random() < .5 else 28)
        last = first + datetime.timedelta(days=13) if first.day == 14 else datetime.date(first.year + (first.month == 12), first.month % 12 + 1, 13)
        report = self.report(self.organizations(1)[0], first, last)
        self.first, self.last = first, last
        values = {k: report.get(k) for k in BIWEEKLY}
        values.update(org=self.org(report['org']), period=(first, last), report_date=last, cadre_likes=r.randint(1, 90), backbone_likes=r.randint(1, 400),
                      urgent=None, issues=r.choice(ISSUES), plan=r.choice(PLANS), suggestions=r.choice(ADVICE + [None]))
        self.form, self.values, self.tables = 'biweekly', values, {}
        if lists:
            self.tables['questions'] = self.questions(r.randint(2, 5))
            self.tables['daily'] = self.daily()
        return self

    def org(self, name):
        return self.random.choice(CAMPUS) + name

    def moment(self):
        day = self.first + datetime.timedelta(days=self.random.randint(0, (self.last - self.first).days))
        return datetime.datetime(day.year, day.month, day.day, self.random.randint(7, 22), self.random.randint(0, 59))

    def questions(self, n):
        rows = []
        for i, topic in enumerate(self.random.sample(material.TOPICS, n)):
            asked = self.moment()
            answered = self.random.random() < .7
            rows.append({'no': i + 1, 'question': topic if topic.endswith('？') else topic + '？', 'section': self.random.choice(material.SECTIONS), 'asked_at': asked,
                         'answered_by': self.person() if answered else None,
                         'answered_at': asked + datetime.timedelta(minutes=self.random.randint(5, 1400)) if answered else None,
                         'status': '已答复' if answered else self.random.choice(['处理中', '未答复', '已转交']),
                         'repeat': self.random.random() < .3})
        return rows

    def daily(self):
        days, v = (self.last - self.first).days + 1, self.values
        return [{'date': self.first + datetime.timedelta(days=i), 'questions': self.random.randint(0, 6), 'answers': self.random.randint(0, 6)} for i in range(min(days, 7))]

    def cases(self):
        return [{'title': t, 'kind': self.random.choice(['线上', '线下']), 'date': self.moment().date(), 'summary': s}
                for t, s in self.random.sample([('宿舍矛盾调解', '经两次谈话，双方和解。'), ('新生咨询日', '现场解答四十余人次。'), ('网络断线应急', '协调信息中心当晚修复。')], 2)]

    def articles(self):
        return [{'title': t, 'link': 'http://news.example.edu.cn/a/%d.html' % self.random.randint(100, 999), 'published_at': self.moment().date(),
                 'reads': self.random.randint(20, 3000)} for t in self.random.sample(['图书馆里的灯光', '我们的志愿一天', '致毕业季的你'], 2)]

    def receipt(self, members=10):
        r, org = self.random, self.organizations(1)[0]
        self.first, self.last = datetime.date(2016, 6, 14), datetime.date(2016, 6, 27)
        mail = lambda: 'u%04d@example.edu.cn' % r.randint(0, 9999)
        values = {'org': self.org(org['name']), 'team': org['team'], 'section': org['section'], 'staff_count': members, 'remarks': None}
        for group in GROUPS:
            for part in GROUP_FIELDS[group]:
                values[group + '_' + part] = {'name': self.person, 'title': lambda: r.choice(['主席', '部长', '团总支书记', '会长']), 'phone': self.phone,
                                              'email': mail, 'account': lambda: 'wb%05d' % r.randint(0, 99999),
                                              'qq': lambda: str(r.randint(10 ** 8, 10 ** 9))}[part]()
        values['advisor_email'] = r.choice([None, values['advisor_email']])
        self.form, self.values = 'receipt', values
        self.tables = {'members': [{'name': self.person() + '甲乙丙丁戊己庚辛壬癸'[i % 10], 'student_id': '2015%06d' % r.randint(0, 999999),
                                    'position': r.choice(['干事', '副部长', '组长']), 'phone': self.phone(), 'account': 'wb%05d' % (i * 37 + 11)}
                                   for i in range(members)]}
        return self

    def log(self, n=6):
        self.first, self.last = datetime.date(2019, 3, 14), datetime.date(2019, 3, 27)
        self.form, self.values, self.tables = 'question_log', {}, {'questions': self.questions(n)}
        return self

    def keep(self, *keys):
        """Only these fields are on the form."""
        self.values = {k: (v if k in keys else None) for k, v in self.values.items()}
        return self

    def label(self, key, reworded=0.0):
        """A word for a field; reworded: how often one that no list holds."""
        if '_' in key and key.split('_')[0] in GROUPS and self.form == 'receipt':
            group, part = key.split('_')
            return self.random.choice(GROUPS[group][:1]) + self.random.choice(PARTICULARS[part][:2])
        words = (BIWEEKLY if self.form == 'biweekly' else RECEIPT)[key]
        return self.random.choice(words if self.random.random() < reworded else words[:2])


def truth_of(data, blank=''):
    """blank: what stands where there is nothing to say; "none" in words may be read as a text."""
    iso = lambda v: v.isoformat(timespec='minutes') if isinstance(v, datetime.datetime) else v.isoformat() if isinstance(v, datetime.date) else v
    fields = {k: ({'start': v[0].isoformat(), 'end': v[1].isoformat()} if isinstance(v, tuple) else iso(v)) for k, v in data.values.items()}
    absent = sorted(k for k, v in fields.items() if v is None and not (k in NOTES and '无' in blank))
    for key in NOTES:
        if key in fields and key not in absent and fields[key] is None:
            fields[key] = {'any_of': [None, '无', blank]}
    return {'kind': 'submission', 'form': data.form, 'fields': fields,
            'tables': {t: [{k: iso(v) for k, v in row.items()} for row in rows] for t, rows in data.tables.items() if rows},
            'absent': absent, 'problem': None}


# ---- how people write it ----------------------------------------------------------------------------------------------

HAN = '零一二三四五六七八九'


def han(n):
    """123 → 一百二十三; up to 99,999."""
    if n >= 10000:
        rest = n % 10000
        return han(n // 10000) + '万' + ('' if rest == 0 else ('零' if rest < 1000 else '') + han(rest))
    out, gap = '', False
    for unit, word in ((1000, '千'), (100, '百'), (10, '十'), (1, '')):
        digit = n // unit % 10
        if digit == 0:
            gap = bool(out)
            continue
        out += ('零' if gap else '') + HAN[digit] + word
        gap = False
    return (out[1:] if out.startswith('一十') else out) or '零'


def wide(text):
    return ''.join(chr(ord(c) + 0xFEE0) if '0' <= c <= '9' else c for c in str(text))


NUMBERS = {'plain': str, 'unit': lambda n: '%d条' % n, 'wide': wide, 'about': lambda n: '约%d条' % n, 'han': han, 'total': lambda n: '共计%d条' % n,
           'comma': lambda n: format(n, ','), 'spaced': lambda n: ' %d 条' % n, 'line': lambda n: '__%d__' % n, 'noted': lambda n: '%d（含重复）' % n,
           'more': lambda n: '%d左右' % n, 'decimal': lambda n: '%d.0' % n, 'ge': lambda n: '%d个。' % n}
DATES = {'han': lambda d: '%d年%d月%d日' % (d.year, d.month, d.day), 'iso': str, 'slash': lambda d: '%d/%d/%d' % (d.year, d.month, d.day),
         'dot': lambda d: '%d.%02d.%02d' % (d.year, d.month, d.day), 'short': lambda d: '%d月%d日' % (d.month, d.day), 'md': lambda d: '%d.%d' % (d.month, d.day),
         'compact': lambda d: d.strftime('%Y%m%d'), 'hao': lambda d: '%d年%d月%d号' % (d.year, d.month, d.day), 'two': lambda d: d.strftime('%y.%m.%d'),
         'words': lambda d: ''.join('〇一二三四五六七八九'[int(c)] for c in str(d.year)) + '年' + han(d.month) + '月' + han(d.day) + '日',
         'weekday': lambda d: '%d年%d月%d日（星期%s）' % (d.year, d.month, d.day, '一二三四五六日'[d.weekday()]), 'mslash': lambda d: '%02d/%02d' % (d.month, d.day),
         'spaced': lambda d: '%d 年 %d 月 %d 日' % (d.year, d.month, d.day), 'english': lambda d: d.strftime('%B ') + '%d, %d' % (d.day, d.year)}


def RANGE(first, last, date, joint):
    a, b = DATES[date](first), DATES[date](last)
    if date == 'han' and first.year == last.year:
        b = b.split('年')[1]
        if first.month == last.month and joint in ('-', '—'):
            b = b.split('月')[1]
    return '自%s起至%s止' % (a, b) if joint == '自' else a + joint + b


JOINTS = ['～', '—', '至', '-', '到', ' - ', '~', '——', '–', '自', '至\n']
PHONES = {'plain': str, 'spaced': lambda p: p[:3] + ' ' + p[3:7] + ' ' + p[7:], 'dash': lambda p: p[:3] + '-' + p[3:7] + '-' + p[7:], 'plus': lambda p: '+86 ' + p,
          'zeros': lambda p: '0086-' + p, 'bracket': lambda p: '（86）' + p, 'wide': wide, 'wechat': lambda p: p + '（微信同号）', 'word': lambda p: '手机：' + p,
          'five': lambda p: p[:3] + ' ' + p[3:7] + '\u00a0' + p[7:], 'nodash': lambda p: '(+86)' + p}
BLANKS = ['', '/', '无', '——', 'N/A', '-', '____', '（无）', '暂无']
NOTES = ('urgent', 'suggestions', 'remarks', 'advisor_email')
ZWSP, NBSP = '\u200b', '\u00a0'


class Style:
    """One person's way of writing, drawn once a form."""

    def __init__(self, random, **fixed):
        pick = lambda d: random.choice(sorted(d))
        self.random, self.number, self.date, self.phone = random, pick(NUMBERS), pick(DATES), pick(PHONES)
        self.joint, self.blank = random.choice(JOINTS), random.choice(BLANKS)
        for name, value in fixed.items():
            setattr(self, name, value)

    def write(self, data, key):
        value = data.values.get(key)
        if value is None:
            return self.blank if key in NOTES else ''
        if isinstance(value, bool):
            return '是' if value else '否'
        if isinstance(value, int):
            text = NUMBERS[self.number](value)
            return text.replace('条', UNIT[key]) if key in UNIT else text
        if isinstance(value, tuple):
            date = self.date if self.date not in ('english', 'compact', 'weekday') or self.joint not in ('-', '–', '~') else 'han'
            return RANGE(value[0], value[1], date, self.joint if self.date not in ('iso', 'slash', 'mslash', 'dot', 'md', 'two') or self.joint != '-' else '至')
        if isinstance(value, datetime.date):
            return DATES[self.date](value)
        return PHONES[self.phone](value) if key.endswith('_phone') or key == 'phone' else str(value)

    def cell(self, value, column):
        """A value of a list."""
        if value is None:
            return ''
        if isinstance(value, bool):
            return '是' if value else '否'
        if isinstance(value, datetime.datetime):
            return value.strftime(self.moment())
        if isinstance(value, datetime.date):
            return DATES[self.date if self.date not in ('words', 'weekday') else 'han'](value)
        return PHONES[self.phone](value) if column == 'phone' else str(value)

    def moment(self):
        return {'short': '%m月%d日 %H:%M', 'slash': '%Y/%m/%d %H:%M', 'dot': '%Y.%m.%d %H:%M', 'han': '%Y年%m月%d日%H:%M', 'md': '%m.%d %H:%M',
                'hao': '%Y年%m月%d日 %H时%M分'}.get(self.date, '%Y-%m-%d %H:%M')

    def list_row(self, row, columns):
        return [self.cell(row.get(c), c) for c in columns]
