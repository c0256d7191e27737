"""The benchmark's mailbox: reproducible report mails of 200 organizations, about 38 KB on average (60 % with a Word form, 10 % with
a workbook, 30 % in the body), in UTF-8, GBK and GB18030, with a body in text and HTML as webmail sends it and the style sheet
that Word writes into every document. With manifest.jsonl, what a correct reader finds in each message."""
import datetime, html, json, os, random, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import material

LABELS = ['报送单位', '期数', '填报人', '职务', '联系电话', '电子邮箱', '指导老师', '报送日期', '收集问题数', '已答复问题数', '未答复问题数', '典型案例数',
          '原创文章数', '本期工作开展情况', '下期工作计划']
HEAD = ['序号', '问题内容', '提问者类别', '提问时间', '答复内容', '答复时间']
WORK = ['组织线上答疑', '召开工作例会', '走访宿舍收集意见', '发布原创推文', '开展志愿者培训', '整理集中反映的问题', '与后勤部门沟通', '举办专题讲座']
ANSWER = ['已与相关部门核实', '请携带学生证到行政楼办理', '预计两周内完成整改', '以教务处网站公布为准', '正在维修，请耐心等待']


def styles():
    """A style sheet of the size that Word writes, some 30 KB: what a reader has to pass over."""
    main = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main'
    kinds = ['heading', 'toc', 'index', 'Light List', 'Light Grid', 'Medium Shading', 'Medium List', 'Medium Grid', 'Dark List', 'Colorful Grid']
    latent = ''.join(f'<w:lsdException w:name="{kind} {i}" w:semiHidden="0" w:uiPriority="{60 + i}" w:unhideWhenUsed="0"/>' for kind in kinds for i in range(1, 10))
    own = ''.join(f'<w:style w:type="paragraph" w:styleId="s{i}"><w:name w:val="style {i}"/><w:basedOn w:val="s0"/><w:next w:val="s{i + 1}"/><w:uiPriority w:val="99"/>'
                  f'<w:pPr><w:keepNext/><w:keepLines/><w:spacing w:before="{10 * i}" w:after="120" w:line="360" w:lineRule="auto"/><w:jc w:val="both"/></w:pPr>'
                  f'<w:rPr><w:rFonts w:ascii="Calibri" w:eastAsia="宋体" w:hAnsi="Calibri"/><w:kern w:val="2"/><w:sz w:val="{18 + i % 9}"/></w:rPr></w:style>' for i in range(50))
    return f'<?xml version="1.0" encoding="UTF-8"?><w:styles xmlns:w="{main}"><w:latentStyles w:count="376">{latent}</w:latentStyles>{own}</w:styles>'


def as_html(text):
    return '<html><head><style>p { margin: 0; font-size: 14px }</style></head><body>' + ''.join(
        f'<p style="line-height: 1.7; font-family: SimSun">{html.escape(line) or "&nbsp;"}</p>' for line in text.splitlines()) + '</body></html>'


def generate(folder, n=5000, organizations=200, seed=1):
    """Writes FOLDER/mail/NNNNNN.eml and FOLDER/manifest.jsonl, unless they are there already."""
    stamp = os.path.join(folder, 'manifest.jsonl')
    if os.path.exists(stamp) and sum(1 for _ in open(stamp, encoding='utf-8')) == n:
        return
    os.makedirs(os.path.join(folder, 'mail'), exist_ok=True)
    draw = material.Draw(seed)
    rnd = draw.random
    orgs = [{'name': name['name'], 'address': 'org%03d@example.edu.cn' % i, 'person': draw.person(), 'charset': rnd.choice(['utf-8', 'gbk', 'gb18030'])}
            for i, name in enumerate(draw.organizations(organizations))]
    office = 'http://schemas.openxmlformats.org'
    sheet = [('word/styles.xml', styles()), ('word/_rels/document.xml.rels', f'<?xml version="1.0"?><Relationships xmlns="{office}/package/2006/relationships"><Relationship Id="r1" '
                                             f'Type="{office}/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>')]
    rows = []
    for i in range(n):
        org = rnd.choice(orgs)
        questions = [[q, rnd.choice(material.TOPICS) + '？', rnd.choice(['本科生', '研究生', '教师']), '2016年6月%d日' % rnd.randint(1, 26), rnd.choice(ANSWER),
                      '2016年6月%d日' % rnd.randint(1, 27)] for q in range(1, 11)]
        answered = rnd.randint(6, 10)
        values = [org['name'], '第%d期' % rnd.randint(1, 12), org['person'], rnd.choice(['部长', '主席', '干事']), draw.phone(), org['address'],
                  rnd.choice(material.FAMILY) + '老师', '2016年6月%d日' % rnd.randint(1, 27), 10, answered, 10 - answered, rnd.randint(0, 4), rnd.randint(0, 5),
                  '；'.join(rnd.sample(WORK, 4)) + '。', '；'.join(rnd.sample(WORK, 3)) + '。']
        pairs = list(zip(LABELS, values))
        kind = rnd.choices(['docx', 'xlsx', 'body'], [60, 10, 30])[0]
        files = []
        if kind == 'docx':
            files = [('双周报.docx', material.docx('青年之声双周报', pairs, [('问题', [HEAD] + questions)], rnd.randint(20000, 62000), sheet))]
        elif kind == 'xlsx':
            files = [('双周报.xlsx', material.xlsx([['青年之声双周报']] + [list(p) for p in pairs] + [[]] + [HEAD] + questions))]
        text = '老师您好：\n\n现报送双周报，请查收。\n\n' + ('' if files else ''.join('%s：%s\n' % p for p in pairs)) + '\n此致\n敬礼！\n'
        message_id = 'bench%06d.%08x@example.edu.cn' % (i, rnd.getrandbits(32))
        date = datetime.datetime(2016, 6, 27, 8, 0, tzinfo=material_zone()) + datetime.timedelta(seconds=i)
        data = material.mail((org['person'], org['address']), 'youth@example.edu.cn', '双周报 ' + org['name'], text, date, message_id, files, org['charset'], as_html(text))
        with open(os.path.join(folder, 'mail', '%06d.eml' % i), 'wb') as f:
            f.write(data.replace(b'\r\n', b'\n'))
        rows.append({'n': i, 'org': org['name'], 'addr': org['address'], 'message_id': f'<{message_id}>', 'form': {k: str(v) for k, v in pairs},
                     'questions': [[str(c) for c in q] for q in questions] if files else []})
    with open(stamp, 'w', encoding='utf-8') as f:
        f.writelines(json.dumps(r, ensure_ascii=False) + '\n' for r in rows)


def material_zone():
    return datetime.timezone(datetime.timedelta(hours=8))
