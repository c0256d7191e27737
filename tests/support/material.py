"""Realistic mails for the demo, the end-to-end tests and the benchmark: filled forms as Word tables, workbooks and bodies, in the
charsets and header shapes that Chinese mail clients send. Standard library only; every name is invented, addresses are example.*,
phones are 138000 numbers. The same seed gives the same mails."""
import base64, io, quopri, random, re, zipfile
from email.utils import format_datetime
from xml.sax.saxutils import escape

FAMILY = list('王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗')
GIVEN = list('伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂')
COLLEGES = ['护理学院', '计算机学院', '外国语学院', '经济管理学院', '土木工程学院', '生命科学学院', '艺术学院', '数学学院', '化学学院', '法学院',
            '新闻学院', '体育学院', '环境学院', '材料学院', '物理学院', '医学院', '公共管理学院', '马克思主义学院', '电气学院', '机械学院']
BODIES = ['学生会', '团委', '青年志愿者协会', '研究生会', '社团联合会', '新媒体中心', '科技协会', '心理协会', '辩论协会', '广播台']
SECTIONS = ['学习生活', '权益服务', '心理健康', '就业创业', '校园文化']
TEAMS = ['团帮青', '专帮青', '青帮青']
TOPICS = ['图书馆周末几点闭馆', '四级报名什么时候开始', '宿舍空调报修找谁', '奖学金材料交到哪里', '校园卡丢失如何补办', '体育馆怎样预约',
          '实习证明在哪里盖章', '选修课可以退选吗', '校医院周末开门吗', '助学贷款怎样续贷', '自习室什么时候开放', '转专业需要哪些条件']
WORD = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main'
SHEET = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'


class Draw:
    """Invented people, organizations and numbers."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.phones = 0

    def person(self):
        return self.random.choice(FAMILY) + ''.join(self.random.sample(GIVEN, self.random.choice((1, 2))))

    def phone(self):
        self.phones += 1
        return '138000%05d' % ((self.phones * 7919 + self.random.randrange(1000)) % 100000)

    def organizations(self, n):
        """n organizations, each with section, team, liaison and advisor."""
        names = [c + b for c in COLLEGES for b in BODIES]
        rows = []
        for i, name in enumerate(self.random.sample(names, n)):
            rows.append({'name': name, 'section': self.random.choice(SECTIONS), 'team': self.random.choice(TEAMS),
                         'liaison_name': self.person(), 'liaison_address': 'org%02d@example.edu.cn' % (i + 1), 'liaison_phone': self.phone(),
                         'leader_name': self.person(), 'leader_phone': self.phone(),
                         'advisor_name': self.person(), 'advisor_address': 'teacher%02d@example.edu.cn' % (i + 1)})
        return rows

    def report(self, org, first, last):
        """A filled biweekly report: fields by key of etc/youth-voice/forms/biweekly.conf, and its question table."""
        received = self.random.randint(12, 80)
        answered = received - self.random.randint(0, min(4, received))
        cadre = self.random.randint(0, answered)
        questions = []
        for i in range(self.random.randint(2, 5)):
            day = first.toordinal() + self.random.randint(0, (last - first).days)
            asked = type(first).fromordinal(day)
            questions.append({'no': i + 1, 'question': self.random.choice(TOPICS) + '？', 'section': org['section'],
                              'asked_at': '%d-%02d-%02d %02d:%02d' % (asked.year, asked.month, asked.day, self.random.randint(8, 21), self.random.randint(0, 59)),
                              'answered_by': self.person(), 'status': '已答复', 'repeat': '否'})
        return {'org': org['name'], 'section': org['section'], 'first': first, 'last': last, 'reporter': org['liaison_name'],
                'reporter_phone': org['liaison_phone'], 'questions_received': received, 'questions_answered': answered,
                'answered_24h': answered - self.random.randint(0, min(3, answered)), 'unanswered': received - answered,
                'likes': self.random.randint(50, 900), 'cadre_answers': cadre, 'backbone_answers': answered - cadre,
                'reposts': self.random.randint(0, 90), 'comments': self.random.randint(0, 60), 'experts': self.random.randint(2, 9),
                'members': self.random.randint(12, 30), 'issues': '部分问题涉及多个部门，回复周期较长。', 'plan': '继续做好线上答疑，走访宿舍收集意见。',
                'questions': questions}


def span(report):
    return '%d年%d月%d日至%d月%d日' % (report['first'].year, report['first'].month, report['first'].day, report['last'].month, report['last'].day)


def report_pairs(report):
    """Label and value, as on the official template."""
    return [('组织名称', report['org']), ('负责板块', report['section']), ('汇报周期', span(report)), ('填报人', report['reporter']),
            ('联系电话', report['reporter_phone']), ('填报日期', '%d年%d月%d日' % (report['last'].year, report['last'].month, report['last'].day)),
            ('提问量', report['questions_received']), ('回答量', report['questions_answered']), ('24小时内答复数', report['answered_24h']),
            ('未答复数', report['unanswered']), ('点赞量', report['likes']), ('专职团干部回答量', report['cadre_answers']),
            ('学生骨干回答量', report['backbone_answers']), ('转发量', report['reposts']), ('评论量', report['comments']),
            ('专家总数', report['experts']), ('成员总数', report['members']), ('紧急情况', report.get('urgent', '无')),
            ('存在问题', report['issues']), ('下期计划', report['plan'])]


QUESTION_HEAD = ['序号', '问题内容', '板块', '提问时间', '答复人', '处理情况', '是否重复']


def question_rows(report):
    return [[q['no'], q['question'], q['section'], q['asked_at'], q['answered_by'], q['status'], q['repeat']] for q in report['questions']]


# ---- documents ------------------------------------------------------------------------------------------------------

def zipped(parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts:
            info = zipfile.ZipInfo(name, (2016, 6, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, text if isinstance(text, bytes) else text.encode())
    return out.getvalue()


def cell(text, width=2000, cells=1):
    """A table cell; Word splits its text into runs wherever a person stopped typing."""
    text = str(text)
    runs = [text[i:i + 7] for i in range(0, len(text), 7)] or ['']
    merged = f'<w:gridSpan w:val="{cells}"/>' if cells > 1 else ''
    return (f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{merged}</w:tcPr><w:p>' +
            ''.join(f'<w:r><w:t xml:space="preserve">{escape(r)}</w:t></w:r>' for r in runs) + '</w:p></w:tc>')


def table(rows):
    return '<w:tbl><w:tblPr><w:tblW w:w="0" w:type="auto"/></w:tblPr>' + ''.join('<w:tr>' + ''.join(r) + '</w:tr>' for r in rows) + '</w:tbl>'


def word_package(body, more=()):
    """A Word file around the XML of its body; more: (name, bytes) of further parts."""
    return zipped([
        ('[Content_Types].xml', '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
         'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="jpeg" ContentType="image/jpeg"/><Override '
         'PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'),
        ('_rels/.rels', '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
         'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>'),
        ('word/document.xml', f'<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="{WORD}"><w:body>{body}<w:sectPr/></w:body></w:document>'),
        *more])


def docx(title, pairs, lists=(), padding=0, more=()):
    """A form in the official layout: two label-value pairs a row, long values over the whole width, then list tables (heading,
    rows). padding: bytes of a picture that does not compress, as a logo would; more: further parts (name, content)."""
    rows, line = [], []
    for label, value in pairs:
        if len(str(value)) > 14:
            if line:
                rows.append(line + [cell('', cells=2)])
                line = []
            rows.append([cell(label), cell(value, 6000, 3)])
            continue
        line += [cell(label), cell(value)]
        if len(line) == 4:
            rows.append(line)
            line = []
    if line:
        rows.append(line + [cell('', cells=2)])
    body = f'<w:p><w:pPr><w:jc w:val="center"/></w:pPr><w:r><w:rPr><w:b/></w:rPr><w:t>{escape(title)}</w:t></w:r></w:p>' + table(rows)
    for heading, list_rows in lists:
        body += f'<w:p><w:r><w:t>{escape(heading)}</w:t></w:r></w:p>' + table([[cell(c) for c in r] for r in list_rows])
    picture = [('word/media/image1.jpeg', b'\xff\xd8\xff\xe0' + random.Random(padding).randbytes(padding) + b'\xff\xd9')] if padding else []
    return word_package(body, picture + list(more))


def workbook_package(sheets, strings=()):
    """A workbook of (name, XML of the sheet) with its shared strings."""
    office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
    main = 'application/vnd.openxmlformats-officedocument.spreadsheetml'
    numbers = range(1, len(sheets) + 1)
    return zipped([
        ('[Content_Types].xml', '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
         'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" '
         f'ContentType="{main}.sheet.main+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="{main}.sharedStrings+xml"/>' +
         ''.join(f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{main}.worksheet+xml"/>' for n in numbers) + '</Types>'),
        ('_rels/.rels', '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
         f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>'),
        ('xl/workbook.xml', f'<?xml version="1.0"?><workbook xmlns="{SHEET}" xmlns:r="{office}"><sheets>' +
         ''.join(f'<sheet name="{escape(name)}" sheetId="{n}" r:id="r{n}"/>' for n, (name, _) in zip(numbers, sheets)) + '</sheets></workbook>'),
        ('xl/_rels/workbook.xml.rels', '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">' +
         ''.join(f'<Relationship Id="r{n}" Type="{office}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers) +
         f'<Relationship Id="strings" Type="{office}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'),
        ('xl/sharedStrings.xml', f'<?xml version="1.0"?><sst xmlns="{SHEET}">' + ''.join(f'<si><t>{escape(s)}</t></si>' for s in strings) + '</sst>')] +
        [(f'xl/worksheets/sheet{n}.xml', xml) for n, (_, xml) in zip(numbers, sheets)])


def xlsx(rows):
    """A sheet with shared strings; whole numbers as numbers."""
    strings, lines = [], []
    index = {}
    for r, row in enumerate(rows, 1):
        cells = ''
        for c, value in enumerate(row):
            place = 'ABCDEFGHIJ'[c] + str(r)
            if isinstance(value, int):
                cells += f'<c r="{place}"><v>{value}</v></c>'
            elif value != '':
                number = index.setdefault(str(value), len(strings))
                if number == len(strings):
                    strings.append(str(value))
                cells += f'<c r="{place}" t="s"><v>{number}</v></c>'
        lines.append(f'<row r="{r}">{cells}</row>')
    return workbook_package([('双周报', f'<?xml version="1.0"?><worksheet xmlns="{SHEET}"><sheetData>{"".join(lines)}</sheetData></worksheet>')], strings)


def report_docx(report, padding=0):
    lists = [('问题清单', [QUESTION_HEAD] + question_rows(report))]
    if report.get('cases'):
        lists.append(('案例', [['案例名称', '类别', '时间', '简介']] + report['cases']))
    if report.get('articles'):
        lists.append(('原创网文', [['标题', '链接', '发布时间', '阅读量']] + report['articles']))
    return docx('青年之声双周报', report_pairs(report), lists, padding)


def report_xlsx(report):
    return xlsx([['青年之声双周报']] + [list(p) for p in report_pairs(report)] + [[]] + [QUESTION_HEAD] + question_rows(report))


def report_text(report):
    return '老师好，本期双周报如下：\n\n' + ''.join(f'{label}：{value}\n' for label, value in report_pairs(report)) + '\n谢谢！\n'


def receipt_docx(org, staff, members):
    """The contact receipt (annex 1); members: rows of name, student id, position, phone, account."""
    pairs = [('组织名称', org['name']), ('所属队伍', org['team']), ('负责板块', org['section']), ('指导老师姓名', org['advisor_name']),
             ('指导老师联系电话', '13800009999'), ('指导老师邮箱', org['advisor_address']), ('负责人姓名', org['leader_name']),
             ('负责人职务', '主席'), ('负责人联系电话', org['leader_phone']), ('联络员姓名', org['liaison_name']),
             ('联络员联系电话', org['liaison_phone']), ('联络员邮箱', org['liaison_address']), ('工作人员人数', staff)]
    return docx('青年之声联系回执表', pairs, [('工作人员名单', [['姓名', '学号', '职务', '联系电话', '微邦账号']] + members)])


# ---- mails ----------------------------------------------------------------------------------------------------------

def word(text, charset='utf-8', encoding='b'):
    """An encoded word (RFC 2047) where the text needs one, cut as clients cut it."""
    if all(ord(c) < 128 for c in text):
        return text
    out = []
    for i in range(0, len(text), 12):
        data = text[i:i + 12].encode(charset)
        if encoding == 'q':
            coded = ''.join(chr(b) if chr(b).isascii() and chr(b).isalnum() else '=%02X' % b for b in data)
        else:
            coded = base64.b64encode(data).decode()
        out.append(f'=?{charset}?{encoding}?{coded}?=')
    return '\r\n '.join(out)


def body_part(text, charset, kind='plain'):
    if charset == 'utf-8' and kind == 'html':
        quoted = quopri.encodestring(text.encode()).replace(b'\n', b'\r\n')
        return f'Content-Type: text/{kind}; charset={charset}\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'.encode() + quoted
    data = text.replace('\n', '\r\n').encode(charset)
    return f'Content-Type: text/{kind}; charset={charset}\r\nContent-Transfer-Encoding: base64\r\n\r\n'.encode() + base64.encodebytes(data).replace(b'\n', b'\r\n')


def file_part(name, data, charset, content_type='application/octet-stream'):
    header = (f'Content-Type: {content_type};\r\n name="{word(name, charset)}"\r\nContent-Disposition: attachment;\r\n filename="{word(name, charset)}"\r\n'
              'Content-Transfer-Encoding: base64\r\n\r\n')
    return header.encode() + base64.encodebytes(data).replace(b'\n', b'\r\n')


def mail(sender, to, subject, text, date, message_id, files=(), charset='utf-8', html=None, headers='', encoding='b'):
    """sender: (name, address); date: aware datetime; files: (name, bytes). Returns the message with CRLF line ends."""
    head = (f'From: {word(sender[0], charset)} <{sender[1]}>\r\nTo: {to}\r\nSubject: {word(subject, charset, encoding)}\r\n'
            f'Date: {format_datetime(date)}\r\nMessage-ID: <{message_id}>\r\nMIME-Version: 1.0\r\n{headers}').encode()
    boundary = '----=_Part_%s' % re.sub(r'\W', '', message_id)[:40]
    if html:
        inner = boundary + '_a'
        first = (f'Content-Type: multipart/alternative; boundary="{inner}"\r\n\r\n--{inner}\r\n'.encode() + body_part(text, charset) + f'\r\n--{inner}\r\n'.encode() +
                 body_part(html, charset, 'html') + f'\r\n--{inner}--\r\n'.encode())
    else:
        first = body_part(text, charset)
    if not files:
        return head + first
    out = head + f'Content-Type: multipart/mixed; boundary="{boundary}"\r\n\r\n'.encode()
    for part in [first] + [file_part(name, data, charset) for name, data in files]:
        out += f'--{boundary}\r\n'.encode() + part + b'\r\n'
    return out + f'--{boundary}--\r\n'.encode()
