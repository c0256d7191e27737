"""Organizations as universities really name them, look-alikes beside each other, and the ways in which people write those names.
Standard library only; the same seed gives the same roster. Nothing here looks at the program: what a name stands for is known because
it was made from it."""
import random, re

UNIVERSITIES = ['青山大学', '东海师范大学', '南江医科大学', '云岭理工大学', '北原学院']
FACULTIES = ['护理学院', '医学院', '中医学院', '基础医学院', '第一临床学院', '第二临床学院', '药学院', '口腔医学院', '公共卫生学院', '文学院', '人文学院',
             '理学院', '管理学院', '公共管理学院', '经济管理学院', '工商管理学院', '计算机科学与技术学院', '信息工程学院', '电子信息工程学院', '电气工程学院',
             '机械工程学院', '机电工程学院', '土木工程学院', '材料科学与工程学院', '化学学院', '化工学院', '数学与统计学院', '物理学院', '生命科学学院',
             '外国语学院', '国际教育学院', '马克思主义学院', '法学院', '政法学院', '艺术设计学院', '音乐学院', '美术学院', '体育学院', '环境科学与工程学院',
             '新闻与传播学院', '历史文化学院', '农学院', '动物科技学院', '食品科学与工程学院', '建筑与城市规划学院', '交通运输学院']
BODIES = ['学生会', '团委', '团委学生会', '青年志愿者协会', '研究生会', '社团联合会', '新媒体中心', '大学生心理协会', '科技协会', '学生党支部']
CENTRAL = ['校学生会', '校研究生会', '校青年志愿者协会', '学生社团联合会', '大学生艺术团', '校广播台', '图书馆学生管理委员会', '学生公寓自律委员会', '大学生记者团',
           '国旗护卫队', '勤工助学中心', '大学生创业协会', '学生就业服务中心', '红十字会学生分会']
# how students shorten a faculty: the head of each part, and 院
SHORT = {'计算机科学与技术学院': '计科院', '信息工程学院': '信工院', '电子信息工程学院': '电信院', '材料科学与工程学院': '材料院', '生命科学学院': '生科院',
         '马克思主义学院': '马院', '外国语学院': '外院', '数学与统计学院': '数统院', '环境科学与工程学院': '环科院', '新闻与传播学院': '新传院',
         '建筑与城市规划学院': '建规院', '食品科学与工程学院': '食科院', '经济管理学院': '经管院', '公共管理学院': '公管院', '机械工程学院': '机械院', '土木工程学院': '土木院',
         '护理学院': '护院', '公共卫生学院': '公卫院', '交通运输学院': '交运院', '国际教育学院': '国教院', '历史文化学院': '历史院', '动物科技学院': '动科院'}
BODY_SHORT = {'青年志愿者协会': ['青协', '志愿者协会'], '团委': ['分团委', '团总支'], '社团联合会': ['社联'], '研究生会': ['研会'], '大学生心理协会': ['心理协会'],
              '学生会': ['学生会']}
# what an input method offers instead, or what looks alike
SLIPS = {'理': '里', '护': '户', '学': '雪', '会': '汇', '团': '困', '院': '苑', '青': '清', '年': '念', '志': '致', '愿': '原', '协': '胁', '研': '妍', '究': '就',
         '社': '设', '联': '连', '媒': '煤', '心': '新', '委': '萎', '程': '呈', '息': '习', '械': '戒', '济': '际', '境': '镜', '育': '誉', '语': '与', '物': '务',
         '闻': '文', '播': '波', '城': '成', '市': '是', '画': '划', '临': '林', '床': '庄', '卫': '位', '腔': '强', '党': '挡', '部': '步', '科': '棵', '技': '枝'}
TRADITIONAL = dict(zip('学会团医护药语艺术计机电气济经国际马义环闻传历动设农运体备务联协连门业统与应传书图馆广台园党记创业勤旗卫队红师范岭云东',
                       '學會團醫護藥語藝術計機電氣濟經國際馬義環聞傳歷動設農運體備務聯協連門業統與應傳書圖館廣臺園黨記創業勤旗衛隊紅師範嶺雲東'))
ENGLISH = {'护理学院学生会': 'Student Union of the School of Nursing', '外国语学院学生会': 'Student Union, School of Foreign Languages',
           '校学生会': 'University Student Union', '医学院学生会': 'Medical School Student Union', '国际教育学院学生会': 'International College Student Union',
           '法学院学生会': 'Law School Student Union', '音乐学院学生会': 'Student Union of the School of Music'}
CLUB_SPORTS = ['Rowing', 'Fencing', 'Athletics', 'Tennis', 'Table Tennis', 'Hockey', 'Ice Hockey', 'Badminton', 'Basketball', 'Volleyball', 'Swimming', 'Water Polo',
               'Climbing', 'Mountaineering', 'Cycling', 'Judo', 'Karate', 'Archery', 'Sailing', 'Windsurfing', 'Rugby Union', 'Rugby League', 'Football', 'American Football',
               'Cricket', 'Squash', 'Lacrosse', 'Netball', 'Gymnastics', 'Trampoline', 'Canoe', 'Kayak', 'Equestrian', 'Golf', 'Boxing', 'Kickboxing', 'Triathlon',
               'Orienteering', 'Ultimate Frisbee', 'Snowsports', 'Cheerleading', 'Dance', 'Chess and Go', 'Handball', 'Softball', 'Weightlifting', 'Cross Country',
               'Taekwondo', 'Aikido', 'Polo', 'Korfball', 'Surf', 'Skydiving', 'Gliding']
CLUB_KINDS = ['Club', "Men's Club", "Women's Club", 'Alumni Club']


def club_name(sport, kind):
    return f'{kind.split()[0]} {sport} Club' if ' ' in kind else f'{sport} Club'


class Roster:
    """200 organizations. rows: as the expected list has them; hidden: real names that are not listed."""

    def __init__(self, seed, language='zh', size=200):
        self.random = random.Random(seed * 7919 + (language == 'en'))
        self.language = language
        self.university = self.random.choice(UNIVERSITIES) if language == 'zh' else self.random.choice(['University of Riverton', 'Ashford University', 'Queensbury College'])
        if language == 'zh':
            names = [(f + b, f, b) for f in FACULTIES for b in BODIES]
            self.random.shuffle(names)
            wanted = [n for n in names if n[0] in ENGLISH or n[1] in ('护理学院', '第一临床学院', '第二临床学院', '医学院') and n[2] in BODIES[:4]]
            chosen = [(c, None, c) for c in CENTRAL] + wanted
            chosen += [n for n in names if n not in wanted][:size - len(chosen)]
        else:
            names = [(club_name(s, k), s, k) for s in CLUB_SPORTS for k in CLUB_KINDS]
            self.random.shuffle(names)
            chosen = names[:size]
        self.random.shuffle(chosen)
        self.parts = {name: (faculty, body) for name, faculty, body in chosen}
        self.names = [c[0] for c in chosen]
        self.hidden = [n[0] for n in names if n[0] not in self.parts]
        self.rows, self.aliases, self.address = [], {}, {}
        for i, name in enumerate(self.names):
            faculty, body = self.parts[name]
            aliases = []
            if language == 'zh' and faculty in SHORT and self.random.random() < 0.3:
                aliases.append(SHORT[faculty] + body)
            if name in ENGLISH:
                aliases.append(ENGLISH[name])
            if language == 'en' and self.random.random() < 0.25:
                aliases.append(''.join(w[0] for w in re.findall(r'[A-Z]\w*', self.university + ' ' + name)))
            aliases = [a for a in aliases if a not in self.names and not any(a in others for others in self.aliases.values())]
            self.aliases[name] = aliases
            self.address[name] = f'org{i + 1:03}@example.edu.cn'
        # a secretary who sends for three, and two who share an address
        free = [n for n in self.names if n not in ENGLISH]
        self.secretaries = [free[i:i + 3] for i in range(0, 30, 3)]
        self.sharing = [free[i:i + 2] for i in range(30, 50, 2)]
        for number, group in enumerate(self.secretaries + self.sharing):
            for name in group:
                self.address[name] = f'office{number + 1:02}@example.edu.cn'
        self.renamed = {}
        for name in free[50:62]:
            faculty, body = self.parts[name]
            old = (f'原{faculty[:-2]}系{body}' if faculty else '原' + name) if language == 'zh' else name.replace('Club', 'Society')
            if old not in self.parts:
                self.renamed[name] = old
        for name in self.names:
            self.rows.append({'name': self.renamed.get(name, name), 'section': '学习生活' if language == 'zh' else 'Sport', 'team': '', 'aliases': ';'.join(self.aliases[name]),
                              'liaison_name': self.person(), 'liaison_address': self.address[name], 'advisor_name': self.person(),
                              'advisor_address': 'teacher%03d@example.edu.cn' % (len(self.rows) + 1)})
        self.alone = [n for n in self.names if self.address[n].startswith('org')]

    def person(self):
        if self.language == 'en':
            return self.random.choice(['Alex', 'Sam', 'Robin', 'Kim', 'Jo', 'Chris']) + ' ' + self.random.choice(['Smith', 'Jones', 'Brown', 'Clarke', 'Wood', 'Hall'])
        return self.random.choice('王李张刘陈杨赵黄周吴') + self.random.choice('伟芳娜敏静丽强磊军洋')

    # ---- ways to write a name -----------------------------------------------------------------------------------------------------------

    def near_others(self, text, name):
        """Whether a misspelling comes as close to another known name as to its own."""
        own = distance(squeeze(text), squeeze(name))
        return any(distance(squeeze(text), squeeze(other)) <= own for other in self.names + self.hidden + list(self.renamed.values()) if other != name)

    def slip(self, name):
        """One typing error: another character, one too few, one too many, two turned round."""
        for _ in range(40):
            text = list(name)
            kind = self.random.choice('sssdit')
            place = self.random.randrange(len(text) - 1)
            if self.language == 'zh':
                if kind == 's':
                    places = [i for i, c in enumerate(text) if c in SLIPS]
                    if not places:
                        continue
                    place = self.random.choice(places)
                    text[place] = SLIPS[text[place]]
                elif kind == 'd' and len(text) > 6:
                    place = self.random.randrange(len(text) - 3, len(text) - 1)
                    del text[place]
                elif kind == 'i':
                    text.insert(place, text[place])
                elif kind == 't':
                    place = self.random.randrange(len(text) - 3, len(text) - 1)
                    text[place], text[place + 1] = text[place + 1], text[place]
            else:
                words = name.split()
                long = [i for i, w in enumerate(words) if len(w) >= 6 and w not in ("Women's",)]
                if not long:
                    return name
                which = self.random.choice(long)
                word = list(words[which])
                place = self.random.randrange(2, len(word) - 1)
                if kind == 's':
                    word[place] = self.random.choice('aeiou' if word[place] in 'aeiou' else 'nmrst')
                elif kind == 'd':
                    del word[place]
                elif kind == 'i':
                    word.insert(place, word[place])
                else:
                    word[place], word[place - 1] = word[place - 1], word[place]
                words[which] = ''.join(word)
                text = list(' '.join(words))
            written = ''.join(text)
            if written != name and not self.near_others(written, name):
                return written
        return name

    def prefixed(self, name):
        if self.language == 'en':
            return self.random.choice([f'{self.university} {name}', f'The {self.university} {name}', f'{name} ({self.university})', f'{name}, {self.university}'])
        faculty, body = self.parts[name]
        bare = name[1:] if name.startswith('校') else name
        ways = [f'{self.university}{bare}', f'{self.university} {bare}', f'{self.university}（{bare}）']
        if body == '团委' and faculty:
            ways.append(f'共青团{self.university}{faculty}委员会')
        return self.random.choice(ways)

    def shortened(self, name):
        """An abbreviation that means one organization only, or None."""
        if self.language == 'en':
            sport, kind = self.parts[name]
            short = self.random.choice([name.replace(' Club', ''), name.replace("Women's", 'Womens').replace("Men's", 'Mens').replace(' Club', ' Soc') if "'" in name else name.replace(' Club', ''),
                                        f'{sport} ({kind.split()[0]})' if ' ' in kind else sport])
            return short if not any(squeeze(short) == squeeze(n) for n in self.names if n != name) else None
        faculty, body = self.parts[name]
        if not faculty:
            return None
        short = self.random.choice([f for f in (SHORT.get(faculty), faculty) if f])
        bodies = [b for b in BODY_SHORT.get(body, [body])]
        ending = self.random.choice(bodies)
        if short == faculty and ending == body:
            short = SHORT.get(faculty, faculty)
        written = short + ending
        if written == name:
            return None
        # the same abbreviation must not fit another organization: head and 院, and the same kind of body
        for other, (f, b) in self.parts.items():
            if other != name and f and ending in BODY_SHORT.get(b, [b]) and subsequence(short, f):
                return None
        return written

    def traditional(self, name):
        return ''.join(TRADITIONAL.get(c, c) for c in name)

    def dressed(self, name):
        if self.language == 'en':
            return self.random.choice([name.upper(), name.lower(), name.replace(' ', '  '), f'“{name}”', name + '.', name.replace("'", '’')])
        return self.random.choice([' '.join(name), f'“{name}”', name[:len(name) // 2] + ' ' + name[len(name) // 2:], name + '。', f'【{name}】', f'{name}（盖章）'])

    def part_of(self, name):
        if self.language == 'en':
            return name + self.random.choice([' Committee', ' (first team)', ' - social section'])
        return name + self.random.choice(['宣传部', '办公室', '主席团', '权益部'])


def squeeze(text):
    return re.sub(r'\W+', '', text.casefold())


def subsequence(short, long):
    it = iter(long)
    return all(c in it for c in short)


def distance(a, b):
    """Edits between two texts, a turn of two neighbours being one."""
    if abs(len(a) - len(b)) > 4:
        return 9
    before, last = None, list(range(len(b) + 1))
    for i in range(1, len(a) + 1):
        row = [i] + [0] * len(b)
        for j in range(1, len(b) + 1):
            row[j] = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1]))
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                row[j] = min(row[j], before[j - 2] + 1)
        before, last = last, row
    return last[-1]
