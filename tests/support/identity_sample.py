"""Mails whose sender and period are known because they were made from them: a set about who (identity_mails) and one about when (period_mails),
in Chinese and in English. Each mail carries its truth: the organization, or None where only a person can tell; the period's key."""
import collections, datetime, os, random, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import material
from identity_names import ENGLISH, Roster

CHINA = datetime.timezone(datetime.timedelta(hours=8))
LONDON = datetime.timezone.utc
TO = {'zh': 'youth@example.edu.cn', 'en': 'clubs@example.edu'}
DAY = datetime.timedelta(days=1)

# org: its listed name, or None: nobody may be named. recorded: True, False (review), None (either is right). period: key or None: not asked
Case = collections.namedtuple('Case', 'id style org recorded period received data')


def due_days(language):
    if language == 'en':
        return [datetime.date(2026, 9, 4) + 7 * i * DAY for i in range(16)]
    days = [datetime.date(2016, 6, 27)]
    while len(days) < 16:
        last = days[-1]
        days.append(last.replace(day=27) if last.day == 13 else (last.replace(day=1) + 32 * DAY).replace(day=13))
    return days


class Sample:
    def __init__(self, seed, language='zh'):
        self.language, self.zone = language, CHINA if language == 'zh' else LONDON
        self.roster = Roster(seed, language)
        self.random = random.Random(seed * 104729 + (language == 'en'))
        self.due = due_days(language)
        self.cases = []

    # ---- a form ---------------------------------------------------------------------------------------------------------------------------

    def covered(self, index):
        """First and last day of the period with that index."""
        first = self.due[index - 1] + DAY if index else (self.due[0] - (13 if self.language == 'zh' else 6) * DAY)
        return first, self.due[index]

    def numbers(self):
        r = self.random
        if self.language == 'en':
            attendance = r.randint(20, 90)
            return {'Training sessions': r.randint(2, 8), 'Attendance': attendance, 'New members': r.randint(0, 9), 'Injuries': r.randint(0, 2)}
        received = r.randint(20, 90)
        answered = received - r.randint(0, 4)
        return {'提问量': received, '回答量': answered, '24小时内答复数': answered - r.randint(0, 3), '未答复数': received - answered, '点赞量': r.randint(100, 900),
                '转发量': r.randint(1, 90), '评论量': r.randint(1, 60)}

    def pairs(self, org, period, numbers, who=None):
        if self.language == 'en':
            head = [('Club', org), ('Week', period), ('Reported by', who or self.roster.person())]
        else:
            head = [('组织名称', org), ('汇报周期', period), ('填报人', who or self.roster.person())]
        return [p for p in head if p[1] is not None] + list(numbers.items())

    def put(self, style, org, recorded, period, received, sender, subject, pairs, intro='', signature='', files=None, title=None, headers='', below=''):
        """A mail with the form as Word table, workbook or text."""
        number = len(self.cases) + 1
        title = title or ('青年之声双周报' if self.language == 'zh' else 'Weekly report')
        kind = self.random.choice(['docx', 'docx', 'docx', 'xlsx', 'text']) if files is None else files
        text, attached = intro or ('老师好，见附件。' if self.language == 'zh' else 'Please find our report.'), []
        name = title if isinstance(kind, str) else kind[1]
        kind = kind if isinstance(kind, str) else kind[0]
        if kind == 'docx':
            attached = [(name + '.docx', material.docx(title, pairs))]
        elif kind == 'xlsx':
            attached = [(name + '.xlsx', material.xlsx([[title]] + [list(p) for p in pairs]))]
        else:
            text = (intro or '') + '\n' + title + '\n\n' + ''.join(f'{label}{"：" if self.language == "zh" else ": "}{value}\n' for label, value in pairs)
        if signature:
            text += '\n\n--\n' + signature
        text += below
        moment = datetime.datetime.combine(received, datetime.time(self.random.randint(8, 20), self.random.randint(0, 59)), self.zone)
        data = material.mail(sender, TO[self.language], subject, text, moment, f'case{number}@mail.example.edu.cn', files=attached, headers=headers)
        self.cases.append(Case(number, style, org, recorded, period, moment, data))
        return moment

    def private(self):
        return 'user%05d@example.com' % self.random.randrange(100000)

    def span(self, first, last):
        if self.language == 'en':
            return f'{first:%-d %B %Y} - {last:%-d %B %Y}'
        return f'{first.year}年{first.month}月{first.day}日至{last.year}年{last.month}月{last.day}日'


class IdentitySample(Sample):
    """Who: one period, stated in every form; 200 organizations, several ways each."""

    def __init__(self, seed, language='zh'):
        super().__init__(seed, language)
        first, last = self.covered(0)
        self.period, self.when = self.span(first, last), last
        roster, zh = self.roster, language == 'zh'
        self.subject = '双周报' if zh else 'Weekly report'
        listed = {n: n for n in roster.names}
        for name in roster.names:
            for style in self.styles(name):
                getattr(self, style)(name)
        for name in self.random.sample(roster.hidden, min(40, len(roster.hidden))):
            self.form('unlisted', None, False, self.private(), name)
        for group in roster.secretaries + roster.sharing:
            self.form('shared, no name', None, False, roster.address[group[0]], None)
            for name in group:
                self.form('shared, named', name, True, roster.address[name], name)
            slipped = roster.slip(group[0])
            self.form('shared, misspelt', group[0], True, roster.address[group[0]], slipped)
        self.truth_names = listed

    def styles(self, name):
        alone = self.roster.address[name].startswith('org')
        styles = self.random.sample(['dressed', 'prefixed', 'slip', 'traditional', 'part', 'no_name'], 3) if alone else []
        if alone:
            styles.append(self.random.choice(['exact', 'alias', 'short', 'other_form']))
        styles += self.random.sample(['private', 'private_prefixed', 'private_slip', 'private_traditional', 'private_short', 'private_alias', 'forwarded', 'signed',
                                      'in_subject', 'in_file_name', 'display_name', 'in_text'], 3)
        if name in ENGLISH and alone:
            styles.append('english')
        if name in self.roster.renamed:
            styles += ['old_name', 'private_old_name']
        return styles

    def form(self, style, org, recorded, address, written, sender_name=None, **more):
        name = sender_name or self.roster.person()
        subject = more.pop('subject', self.subject)
        self.put(style, org, recorded, None, self.when, (name, address), subject, self.pairs(written, self.period, self.numbers(), who=more.pop('who', None)), **more)

    def known(self, style, name, written, org=0, recorded=True):
        self.form(style, name if org == 0 else org, recorded, self.roster.address[name], written)

    def exact(self, name):
        self.known('registered', name, name)

    def dressed(self, name):
        self.known('registered, dressed', name, self.roster.dressed(name))

    def prefixed(self, name):
        self.known('registered, prefixed', name, self.roster.prefixed(name))

    def slip(self, name):
        self.known('registered, misspelt', name, self.roster.slip(name))

    def traditional(self, name):
        self.known('registered, traditional', name, self.roster.traditional(name))

    def part(self, name):
        self.known('registered, part of it', name, self.roster.part_of(name))

    def no_name(self, name):
        self.known('registered, no name', name, None)

    def english(self, name):
        self.known('registered, English', name, ENGLISH[name] + ', ' + self.roster.university)

    def alias(self, name):
        self.known('registered, alias', name, (self.roster.aliases[name] or [name])[0])

    def short(self, name):
        self.known('registered, shortened', name, self.roster.shortened(name) or name)

    def old_name(self, name):
        self.known('registered, old name', name, self.roster.renamed[name])

    def other_form(self, name):
        others = [n for n in self.roster.names if n != name and self.roster.address[n] != self.roster.address[name]]
        self.known("registered, another's form", name, self.random.choice(others), org=None, recorded=False)

    def private(self, name=None):
        if name is None:
            return super().private()
        self.form('private', name, False, super().private(), name)

    def private_prefixed(self, name):
        self.form('private, prefixed', name, False, super().private(), self.roster.prefixed(name))

    def private_slip(self, name):
        self.form('private, misspelt', name, False, super().private(), self.roster.slip(name))

    def private_traditional(self, name):
        self.form('private, traditional', name, False, super().private(), self.roster.traditional(name))

    def private_short(self, name):
        self.form('private, shortened', name, False, super().private(), self.roster.shortened(name) or name)

    def private_alias(self, name):
        self.form('private, alias', name, False, super().private(), (self.roster.aliases[name] or [name])[0])

    def private_old_name(self, name):
        self.form('private, old name', name, False, super().private(), self.roster.renamed[name])

    def signed(self, name):
        role = self.random.choice(['联络员', '主席', '副主席']) if self.language == 'zh' else 'Secretary'
        full = self.roster.university + name if self.random.random() < 0.5 and self.language == 'zh' else name
        self.form('private, signed', name, False, super().private(), None, signature=f'{self.roster.person()}\n{full} {role}\n13800001234', files='docx')

    def in_subject(self, name):
        joint = self.random.choice(['', '-', ' ', '：'] if self.language == 'zh' else [' ', ' - ', ': '])
        self.form('private, in subject', name, False, super().private(), None, subject=name + joint + self.subject, files='docx')

    def in_file_name(self, name):
        joint = self.random.choice(['', '-', '_'] if self.language == 'zh' else [' ', '-', '_'])
        self.form('private, in file name', name, False, super().private(), None, files=('docx', name + joint + self.subject))

    def in_text(self, name):
        intro = f'老师您好，这是{name}本期的双周报，请查收。' if self.language == 'zh' else f'Hello,\nattached is the weekly report of the {name}.'
        self.form('private, in text', name, False, super().private(), None, intro=intro, files='docx')

    def display_name(self, name):
        self.form('private, display name', name, False, super().private(), None, sender_name=name, files='docx')

    def forwarded(self, name):
        who = self.roster.person()
        if self.language == 'zh':
            below = f'\n\n-------- 转发邮件信息 --------\n发件人："{who}" <{self.roster.address[name]}>\n发送日期：2016-06-26 10:20:00\n收件人：x@example.com\n主题：双周报\n\n请查收。'
        else:
            below = f'\n\n---------- Forwarded message ---------\nFrom: {who} <{self.roster.address[name]}>\nDate: Thu, 3 Sep 2026 10:20\nSubject: Weekly report\nTo: x@example.com\n\nhere it is'
        self.form('private, forwarded', name, False, super().private(), name, subject=('转发：' if self.language == 'zh' else 'Fwd: ') + self.subject, below=below, files='docx')


class PeriodSample(Sample):
    """When: registered addresses, each organization's mails in the order of their receipt, one way of telling the period each."""

    ZH_NUMERALS = '〇一二三四五六七八九十'

    def __init__(self, seed, language='zh', periods=6):
        super().__init__(seed, language)
        for name in self.roster.alone:
            base = self.random.choice([0, 1, 2, 9 if language == 'zh' else 8])
            self.organization(name, base, periods)
        self.cases.sort(key=lambda c: c.received)

    def organization(self, name, base, periods):
        """One organization's term: every period reported once, in some way; now and then something on top of it."""
        sender, self.previous = (self.roster.person(), self.roster.address[name]), None
        self.busy_until = None
        for index in range(base, base + periods):
            first, last = self.covered(index)
            usable = [w for w in self.ways() if self.fits(w, index, base)]
            # in the middle of a term nobody can know by arrival alone what an organization owed before
            way = 'stated' if index == base and base else self.random.choice(usable)
            getattr(self, way)(name, sender, index, first, last)

    def fits(self, way, index, base):
        """Whether a way can be understood at all: what leans on the last report needs it to have come before."""
        first, last = self.covered(index)
        if way in ('stale_template', 'stale_template_subject', 'copied_values', 'correction_old', 'resent_old'):
            return self.previous is not None and self.previous[0] == index - 1 and self.previous[2] < last - 5 * DAY
        if way in ('arrival', 'arrival_late', 'subject_against_date'):
            return self.previous is None or self.previous[2] < last - 5 * DAY
        return way != 'range_new_year' or first.year != last.year

    def ways(self):
        return ['form_range', 'form_range', 'form_range', 'form_words', 'form_words', 'subject_range', 'subject_words', 'subject_words', 'title_words', 'arrival', 'arrival',
                'arrival_late', 'stated_late', 'stated_early', 'wrong_year', 'straddle', 'stale_template', 'stale_template_subject', 'copied_values', 'correction_old',
                'resent_old', 'range_new_year', 'range_new_year', 'subject_against_date']

    def send(self, style, name, sender, index, received, form=None, subject=None, title=None, numbers=None, file_name=None, remember=True):
        numbers = numbers or self.numbers()
        base = '双周报' if self.language == 'zh' else 'Weekly report'
        files = ('docx', file_name) if file_name else 'docx' if title else None
        self.put(style, name, True, str(self.due[index]), received, sender, subject or base, self.pairs(name, form, numbers), title=title, files=files)
        if remember:
            self.previous = (index, numbers, received)

    def in_time(self, last):
        return last - self.random.randint(0, 3 if self.language == 'zh' else 1) * DAY

    # ---- how people write a period --------------------------------------------------------------------------------------------------------

    def ranges(self, f, l):
        if self.language == 'en':
            yield from [f'{f:%-d %B} - {l:%-d %B %Y}', f'{f:%-d %b} to {l:%-d %b}', f'{f:%B} {f.day} – {l:%B} {l.day}, {l.year}', f'{f:%Y-%m-%d} to {l:%Y-%m-%d}',
                        f'{f:%A} {f:%-d %B} – {l:%A} {l:%-d %B %Y}', f'from {f:%-d %B} until {l:%-d %B}', f'{f:%d/%m/%Y} - {l:%d/%m/%Y}', f'{f:%d.%m.%Y} – {l:%d.%m.%Y}']
            if f.month == l.month:
                yield from [f'{f.day}-{l.day} {l:%B %Y}', f'{f:%B} {f.day}-{l.day}', f'{f.day} to {l.day} {l:%b}']
            return
        yield from [f'{f.year}年{f.month}月{f.day}日至{l.year}年{l.month}月{l.day}日', f'{f.year}年{f.month}月{f.day}日—{l.month}月{l.day}日', f'{f.month}月{f.day}日-{l.month}月{l.day}日',
                    f'{f.month}.{f.day}-{l.month}.{l.day}', f'{f:%Y-%m-%d}~{l:%Y-%m-%d}', f'{f:%Y.%m.%d}-{l:%Y.%m.%d}', f'{f:%Y/%m/%d}--{l:%Y/%m/%d}', f'{f.month}/{f.day}—{l.month}/{l.day}',
                    f'{f:%Y%m%d}-{l:%Y%m%d}', f'自{f.month}月{f.day}日起至{l.month}月{l.day}日止', f'{f.month}月{f.day}号到{l.month}月{l.day}号', f'{f:%m%d}-{l:%m%d}',
                    f'{self.han(f.month)}月{self.han(f.day)}日至{self.han(l.month)}月{self.han(l.day)}日', f'{f.month}月{f.day}日（周{"一二三四五六日"[f.weekday()]}）至{l.month}月{l.day}日（周{"一二三四五六日"[l.weekday()]}）']
        if f.month == l.month:
            yield from [f'{f.month}月{f.day}日—{l.day}日', f'{f.month}.{f.day}-{l.day}', f'{l.year}年{l.month}月{f.day}-{l.day}日', f'{f.month}月{f.day}至{l.day}日']

    def han(self, number):
        n = self.ZH_NUMERALS
        return n[number] if number <= 10 else ('十' if number < 20 else n[number // 10] + '十') + (n[number % 10] if number % 10 else '')

    def words(self, index, f, l):
        number = index + 1
        if self.language == 'en':
            return [f'Week {number}', f'week no. {number}', f'Week commencing {f + 2 * DAY:%-d %B %Y}', f'w/c {f + 2 * DAY:%-d %B}', f'week ending {l:%-d %B %Y}', f'w/e {l:%-d %b}', f'Report {number}',
                    f'{l:%-d %B %Y}']
        half = '下半月' if l.day == 27 else '上半月'
        return [f'第{number}期', f'第{self.han(number)}期', f'{l.year}年第{number}期' if l.year == 2016 else f'总第{number}期', f'{l.month}月{half}', f'{l.year}年{l.month}月{half}',
                f'{l.month}月{half[:1]}半月', f'{l.month}月份{half}', f'{l.month}月第{"二" if l.day == 27 else "一"}期', f'截至{l.month}月{l.day}日', f'{l.year}年{l.month}月{l.day}日']

    # ---- ways -----------------------------------------------------------------------------------------------------------------------------

    def stated(self, name, sender, index, f, l):
        self.send('range in the form', name, sender, index, self.in_time(l), form=self.span(f, l))

    def form_range(self, name, sender, index, f, l):
        received = self.random.choice([self.in_time(l), self.in_time(l), l + self.random.choice([4, 17, 31]) * DAY])
        self.send('range in the form', name, sender, index, received, form=self.random.choice(list(self.ranges(f, l))))

    def form_words(self, name, sender, index, f, l):
        received = self.random.choice([self.in_time(l), self.in_time(l), l + self.random.choice([4, 17]) * DAY])
        self.send('words in the form', name, sender, index, received, form=self.random.choice(self.words(index, f, l)))

    def subject_range(self, name, sender, index, f, l):
        base = self.random.choice(['双周报{}', '双周报（{}）', '{}双周报', name + '{}双周报']) if self.language == 'zh' else self.random.choice(['Weekly report {}', 'Weekly report ({})', 'Report, {}'])
        received = l + self.random.choice([-2, -1, 0, 5, 20]) * DAY
        self.send('range in the subject', name, sender, index, received, subject=base.format(self.random.choice(list(self.ranges(f, l)))))

    def subject_words(self, name, sender, index, f, l):
        base = self.random.choice(['{}双周报', '双周报（{}）', '双周报 {}', name + '{}双周报']) if self.language == 'zh' else self.random.choice(['Weekly report {}', '{} - weekly report', name + ': {}'])
        received = l + self.random.choice([-2, -1, 0, 4, 18]) * DAY
        self.send('words in the subject', name, sender, index, received, subject=base.format(self.random.choice(self.words(index, f, l))))

    def title_words(self, name, sender, index, f, l):
        words = self.random.choice(self.words(index, f, l)[:6 if self.language == 'zh' else 2])
        title = f'青年之声双周报（{words}）' if self.language == 'zh' else f'Weekly report: {words}'
        received = l + self.random.choice([-2, 0, 3, 17]) * DAY
        if self.random.random() < 0.5:
            self.send('words in the title', name, sender, index, received, title=title)
        else:
            self.send('words in the file name', name, sender, index, received, file_name=title.replace(':', ''))

    def arrival(self, name, sender, index, f, l):
        self.send('arrival', name, sender, index, self.in_time(l), form=self.random.choice([None, '本期']) if self.language == 'zh' else None)

    def arrival_late(self, name, sender, index, f, l):
        self.send('arrival, late', name, sender, index, l + self.random.randint(1, 5 if self.language == 'zh' else 2) * DAY)

    def stated_late(self, name, sender, index, f, l):
        self.send('range, late', name, sender, index, l + self.random.randint(1, 40) * DAY, form=self.span(f, l))

    def stated_early(self, name, sender, index, f, l):
        self.send('range, early', name, sender, index, f + self.random.randint(-2, 2) * DAY, form=self.span(f, l))

    def wrong_year(self, name, sender, index, f, l):
        years = self.random.choice([-1, -1, 1, -2])
        shift = lambda d: d.replace(year=d.year + years) if (d.month, d.day) != (2, 29) else d
        self.send('wrong year', name, sender, index, self.in_time(l), form=self.span(shift(f), shift(l)))

    def straddle(self, name, sender, index, f, l):
        reach = 4 if self.language == 'zh' else 2
        before, after = self.random.randint(-reach, reach), self.random.randint(-1, 1)
        self.send('range that straddles', name, sender, index, self.in_time(l), form=self.span(f + before * DAY, l + after * DAY))

    def stale_template(self, name, sender, index, f, l):
        old = self.covered(index - 1)
        self.send("last period's range, new figures", name, sender, index, l - self.random.randint(0, 2) * DAY, form=self.span(*old))

    def stale_template_subject(self, name, sender, index, f, l):
        old = self.covered(index - 1)
        words = self.random.choice(list(self.ranges(f, l))[:3] + self.words(index, f, l)[:2])
        subject = f'双周报（{words}）' if self.language == 'zh' else f'Weekly report {words}'
        self.send("last period's range, the subject is right", name, sender, index, l - self.random.randint(0, 2) * DAY, form=self.span(*old), subject=subject)

    def copied_values(self, name, sender, index, f, l):
        self.send('the same figures for a new period', name, sender, index, self.in_time(l), form=self.span(f, l), numbers=self.previous[1])

    def correction_old(self, name, sender, index, f, l):
        """On top of an ordinary report, the last period is corrected."""
        old_index, numbers, _ = self.previous
        changed = dict(numbers)
        key = '点赞量' if self.language == 'zh' else 'Attendance'
        changed[key] += 3
        self.send('correction of an old period', name, sender, old_index, l - 4 * DAY, form=self.span(*self.covered(old_index)), numbers=changed, remember=False)
        self.form_range(name, sender, index, f, l)

    def resent_old(self, name, sender, index, f, l):
        old_index, numbers, _ = self.previous
        self.send('an old report again', name, sender, old_index, l - 4 * DAY, form=self.span(*self.covered(old_index)), numbers=numbers, remember=False)
        self.form_range(name, sender, index, f, l)

    def range_new_year(self, name, sender, index, f, l):
        choices = ([f'{f.month}月{f.day}日至{l.month}月{l.day}日', f'{f.year}年{f.month}月{f.day}日-{l.month}月{l.day}日', f'{f.month}.{f.day}-{l.month}.{l.day}', self.span(f, l),
                    f'{f.year}.{f.month}.{f.day}-{l.year}.{l.month}.{l.day}'] if self.language == 'zh' else [f'{f:%-d %B} - {l:%-d %B}', f'{f:%-d %b %Y} - {l:%-d %b %Y}', self.span(f, l)])
        self.send('range over New Year', name, sender, index, self.in_time(l), form=self.random.choice(choices))

    def subject_against_date(self, name, sender, index, f, l):
        """The day of writing in the subject is no period: 双周报20160626."""
        day = self.in_time(l)
        subject = self.random.choice([f'双周报{day:%Y%m%d}', f'双周报 {day.month}月{day.day}日', f'{day.month}.{day.day}双周报']) if self.language == 'zh' else f'Weekly report {day:%-d %B %Y}'
        self.send('day in the subject', name, sender, index, day, subject=subject)
