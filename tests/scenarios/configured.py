"""The programme of a scenario: the shipped configuration with its servers in folders, its people and its forms."""
import csv, datetime, os, re, sys, zoneinfo

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, 'tests', 'support')]
import material

PROGRAMMES = {'青年之声': 'etc/youth-voice', 'club reports': 'etc/club-reports', 'lab safety': 'tests/scenarios/lab-safety'}
ROLES = {'组长': 'leader', '主管': 'supervisor', '协管': 'coordinator', '联络员': 'liaison', '管理员': 'operator'}
CONTACTS = {'指导老师': 'advisor', '负责人': 'leader', '联络员': 'liaison', 'advisor': 'advisor', 'leader': 'leader', 'liaison': 'liaison'}
PLACES = {'板块': 'section', '队伍': 'team', '别名': 'aliases', 'section': 'section', 'team': 'team', 'aliases': 'aliases'}
HEADINGS = {'问题': '问题清单', '成员': '工作人员名单', '答复人': '答复人员', 'asked': 'questions', 'member': 'members', 'answerer': 'answerers'}
PLAIN = re.compile(r'/\*.*?\*/|#[^\n]*', re.S)
# what a scenario may change: words → (pattern of one line of the configuration, what it becomes, words for values)
YES_NO = {'是': 'always', '否': 'never', 'yes': 'always', 'no': 'never'}
OFF_DAYS = {'不变': 'keep', '提前': 'previous', '顺延': 'next', 'keep': 'keep', 'previous': 'previous', 'next': 'next'}
SETTINGS = [
    (('宽限', 'grace'), r'grace = "[^"]*"', 'grace = "{}"', None),
    (('遇休息日', 'off days'), r'off_days = "[^"]*"', 'off_days = "{}"', OFF_DAYS),
    (('截止时间', 'due time'), r'first_due = ("[^"]*"); time = "[^"]*"', r'first_due = \1; time = "{}"', None),
    (('首报', 'first due'), r'first_due = "[^"]*"', 'first_due = "{}"', None),
    (('时区', 'zone'), r'zone = "[^"]*"', 'zone = "{}"', None),
    (('汇总审批', 'summary approval'), r'approve_summary = "[^"]*"', 'approve_summary = "{}"', YES_NO),
    (('每地址每天', 'letters per address and day'), r'per_address_day = \d+', 'per_address_day = {}', None),
    (('回执截止', 'receipt due'), r'once = "[^"]*"', 'once = "{}"', None),
    (('名册开放', 'open roster'), r'open_roster = \w+', 'open_roster = {}', {'是': 'true', '否': 'false', 'yes': 'true', 'no': 'false'}),
    (('催报收件人', 'overdue to'), r'to = "contact\+advisor"; \} \);', 'to = "{}"; }} );', None),
    (('每周五17点起', 'fridays at 17:00 from'), r'schedule = (\{ days_of_month = \[13, 27\][^}]*\});',
     r'schedule = ( \1, {{ weekdays = ["friday"]; from = "{}"; time = "17:00"; }} );', None),
    (('汇报日', 'days of the month'), r'days_of_month = \[[^]]*\]', 'days_of_month = [{}]', None),
]
PACE = {'发信间隔': 'interval', 'pace': 'interval', '每日限额': 'per_day', 'letters a day': 'per_day', '每刻钟限额': 'per_quarter_hour', 'letters a quarter hour': 'per_quarter_hour'}


def block(text, name):
    """(start, end) of "name = { … };" at the top level of a configuration."""
    start = re.search(r'^' + name + r' = \{', text, re.M).start()
    depth = 0
    for i in range(start, len(text)):
        depth += (text[i] == '{') - (text[i] == '}')
        if text[i] == '}' and not depth:
            return start, text.index(';', i) + 1
    raise ValueError(name)


def replace_block(text, name, new):
    start, end = block(text, name)
    return text[:start] + new + text[end:]


class Programme:
    """folder: where configuration, mailbox, letters and state are."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        self.home = os.path.join(ROOT, PROGRAMMES[name])
        self.path = os.path.join(folder, 'fortnight.conf')
        with open(os.path.join(self.home, 'fortnight.conf'), encoding='utf-8') as f:
            self.text = PLAIN.sub('', f.read())
        self.text = re.sub(r' *\{ role = "section_head";[^}]*\},?\n', '', self.text)  # a scenario names its own
        self.text = re.sub(r'\nrota = \(\n.*?\n\);\n', '\n', self.text, flags=re.S)
        self.text = re.sub('approve_summary = "[^"]*"', 'approve_summary = "never"', self.text)  # unless a scenario says so
        self.pace = {'interval': '"0s"', 'per_quarter_hour': '0', 'per_day': '0'}
        self.organizations, self.heads = [], []
        self.english = 'language = "en"' in self.text
        self.zone = zoneinfo.ZoneInfo(re.search(r'zone = "([^"]*)"', self.text)[1])
        self.from_address = re.search(r'from = \{[^}]*address = "([^"]*)"', self.text)[1]
        people = re.findall(r'role = "(\w+)";\s+name = "([^"]*)";\s+address = "([^"]*)"', re.search(r'^roles = \((.*?)^\);', self.text, re.M | re.S)[1])
        self.roles = {word: address for role, name, address in people for word in (role, name)}
        self.roles.update({word: self.roles[role] for word, role in ROLES.items() if role in self.roles})
        self.forms = self.read_forms()
        if 'once = ' in self.text:  # most scenarios are about reports: the receipt is due in their far future
            self.set('receipt due', '2035-12-31')

    def set(self, key, value):
        """Changes a setting by its words; ValueError where there is none such."""
        if key in PACE:
            self.pace[PACE[key]] = f'"{value}"' if PACE[key] == 'interval' else value
            return
        if key in ('安静时间', 'quiet hours'):
            first, last = ('00:00', '00:00') if value in ('无', 'none') else value.split('-')
            for name, time in (('quiet_from', first), ('quiet_to', last)):
                self.text = re.sub(name + ' = "[^"]*"', f'{name} = "{time}"', self.text)
            return
        if key in ('假期', 'vacation'):
            first, last = re.split(r' 至 | to ', value)
            self.text += f'\nvacations = ( {{ first = "{first}"; last = "{last}"; }} );\n'
            return
        for words, pattern, new, meanings in SETTINGS:
            if key in words:
                self.text, n = re.subn(pattern, new.format(meanings[value] if meanings else value), self.text)
                if not n:
                    raise ValueError(f'the configuration has no {pattern}')
                return
        raise ValueError(f'no setting is called “{key}”')

    def write(self):
        text = replace_block(self.text, 'mailbox', 'mailbox = { kind = "directory"; path = "mail"; };')
        pace = ' '.join(f'{key} = {value};' for key, value in self.pace.items())
        sender = re.search(r'from = \{[^}]*\};', self.text)[0]
        text = replace_block(text, 'transport', f'transport = {{ kind = "directory"; path = "sent"; {sender} pace = {{ {pace} }}; }};')
        text = re.sub(r'^forms_dir = .*$', f'forms_dir = "{self.home}/forms";', text, flags=re.M)
        text = re.sub(r'^roster = .*$', 'roster = "roster.csv";', text, flags=re.M)
        text = text.replace('letters = {', f'letters = {{ templates = "{ROOT}/templates";', 1)
        heads = ''.join(f'  {{ role = "section_head"; name = "{section}板块负责人"; address = "{address}"; section = "{section}"; }},\n' for section, address in self.heads)
        text = text.replace('roles = (\n', 'roles = (\n' + heads, 1)
        with open(self.path, 'w', encoding='utf-8') as f:
            f.write(text + f'\nholidays = "{ROOT}/etc/holidays";\n')

    def write_roster(self):
        columns = ['name', 'section', 'team', 'aliases'] + [f'{role}_{what}' for role in ('liaison', 'leader', 'advisor') for what in ('address', 'phone')]
        with open(os.path.join(self.folder, 'roster.csv'), 'w', encoding='utf-8', newline='') as f:
            writer = csv.DictWriter(f, columns)
            writer.writeheader()
            writer.writerows(self.organizations)

    def add_organization(self, text):
        """"NAME (联络员 a@…, 指导老师 b@…, 板块 …)"."""
        name, _, rest = text.replace('（', '(').rstrip(')）').partition('(')
        row = {'name': name.strip()}
        for part in filter(None, (p.strip() for p in re.split('[,，]', rest))):
            word, _, value = part.partition(' ')
            if word in PLACES:
                row[PLACES[word]] = value
            elif word in CONTACTS:
                row[CONTACTS[word] + '_address'] = value
            elif word in ('电话', 'phone'):
                row['liaison_phone'] = value
            else:
                raise ValueError(f'“{part}” says nothing of an organization')
        self.organizations.append(row)

    def address(self, who):
        """Of an organization's contact, of "NAME 指导老师", of a role, or who itself; ValueError."""
        if '@' in who:
            return who
        if who in self.roles:
            return self.roles[who]
        for section, address in self.heads:
            if who in (section + '板块负责人', section + ' section head'):
                return address
        for row in self.organizations:
            if who == row['name'] or who in row.get('aliases', '').split('；'):
                return row.get('liaison_address') or row.get('leader_address') or ''
            for word, role in CONTACTS.items():
                if who in (f'{row["name"]}{word}', f'{row["name"]} {word}', f'{row["name"]}的{word}', f'{row["name"]}\'s {word}'):
                    return row[role + '_address']
        raise ValueError(f'nobody is called “{who}”')

    # ---- forms ---------------------------------------------------------------------------------------------------------

    def read_forms(self):
        """{form name: {id, title, org label, period label}}, by every title and the id."""
        forms = {}
        for name in sorted(os.listdir(os.path.join(self.home, 'forms'))):
            with open(os.path.join(self.home, 'forms', name), encoding='utf-8') as f:
                text = f.read()
            first = lambda pattern: (re.search(pattern, text, re.S) or [None, None])[1]
            titles = re.findall('"([^"]*)"', first(r'^titles = \[([^]]*)\]' if text.startswith('titles') else r'\ntitles = \[([^]]*)\]'))
            form = {'id': first(r'id = "(\w+)"'), 'title': titles[0], 'org': first(r'type = "org";[^}]*?labels = \["([^"]*)"'),
                    'period': first(r'type = "daterange";[^}]*?labels = \["([^"]*)"')}
            for title in titles + [form['id'], first(r'title_zh = "([^"]*)"'), (first(r'title_en = "([^"]*)"') or '').lower()]:
                forms.setdefault(title, form)
        return forms

    def span(self, due):
        """The days that the period due on a day covers, as a sender would write them."""
        days = re.search(r'days_of_month = \[([^]]*)\]', self.text)
        if days:
            days = sorted(int(d) for d in days[1].split(','))
            before = max((datetime.date(y, m, d) for y, m in {(due.year, due.month), ((due.year * 12 + due.month - 2) // 12, (due.month - 2) % 12 + 1)} for d in days
                          if datetime.date(y, m, d) < due))
        else:
            before = due - datetime.timedelta(days=7)
        first = before + datetime.timedelta(days=1)
        return f'{first} to {due}' if self.english else f'{first.year}年{first.month}月{first.day}日至{due.year}年{due.month}月{due.day}日'

    def filled(self, name, who, date, given):
        """(form, pairs of label and value, "Word" or "Excel" or None) of a filled form."""
        if name not in self.forms:
            raise ValueError(f'no form is called “{name}”')
        form = self.forms[name]
        kind, pairs = None, []
        for label, value in given:
            if label in ('附件', 'as'):
                kind = value
            else:
                pairs.append((label, value))
        if form['org'] and form['org'] not in dict(pairs):
            pairs.insert(0, (form['org'], who))
        if date:
            pairs.insert(1, (form['period'], self.span(datetime.date.fromisoformat(date))))
        return form, pairs, kind

    def document(self, form, pairs, kind, rows):
        """rows: [(heading, [(label, value)])]. Returns (text of the body, files)."""
        lists = []
        for heading in dict.fromkeys(h for h, _ in rows):
            columns = list(dict.fromkeys(label for h, row in rows if h == heading for label, _ in row))
            lists.append((HEADINGS[heading], [columns] + [[dict(row).get(c, '') for c in columns] for h, row in rows if h == heading]))
        if kind == 'Word' or lists and kind != 'Excel' and form['org']:
            return '', [(form['title'] + '.docx', material.docx(form['title'], pairs, lists))]
        if kind == 'Excel' or lists:
            sheet = [[form['title']]] + [list(p) for p in pairs] + [row for _, table in lists for row in [[]] + table]
            return '', [(form['title'] + '.xlsx', material.xlsx(sheet))]
        return form['title'] + '\n\n' + ''.join(f'{label}：{value}\n' for label, value in pairs), []
