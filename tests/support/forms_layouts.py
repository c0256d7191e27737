"""Layout families of filled forms that people make and that no template foresees. Each takes filled Data and a Style and returns the blocks
of a document (forms_render.py); what it leaves out, it blanks in the data, so that the truth stays true."""
import forms_data as words

TITLES = {'biweekly': ['青年之声双周报', '“青年之声”工作双周报表', '双周工作汇报'], 'receipt': ['青年之声联系回执表', '联系回执', '青年之声工作联系回执表'],
          'question_log': ['问题台账', '青年之声平台问题台账']}
HEAD = ['org', 'section', 'period', 'reporter', 'reporter_phone', 'report_date']
FIGURES = ['questions_received', 'questions_answered', 'answered_24h', 'unanswered', 'likes']
MORE = ['reposts', 'comments', 'experts', 'members']
PROSE = ['issues', 'suggestions', 'plan']
REWORDED = .5


def title(data):
    return data.random.choice(TITLES[data.form])


def table(data, style, name, columns, heads=None):
    """Header row and rows of a list."""
    texts = heads or [data.random.choice(columns[c]) for c in columns]
    return [texts] + [style.list_row(row, columns) for row in data.tables[name]]


def questions(data, style, columns=('no', 'question', 'section', 'asked_at', 'answered_by', 'status')):
    for row in data.tables['questions']:
        for key in list(row):
            if key not in columns:
                row.pop(key)
    return table(data, style, 'questions', {c: words.QUESTION_COLUMNS[c] for c in columns})


def members(data, style):
    return table(data, style, 'members', words.MEMBER_COLUMNS)


def daily(data, style):
    return table(data, style, 'daily', words.DAILY_COLUMNS)


def only(data, keys, *tables):
    data.keep(*keys)
    data.tables = {t: data.tables[t] for t in tables}


def pairs(data, style, keys, per_row=2, reworded=0.0):
    rows, row = [], []
    for key in keys:
        row += [data.label(key, reworded), style.write(data, key)]
        if len(row) == per_row * 2:
            rows.append(row)
            row = []
    return rows + ([row + [''] * (per_row * 2 - len(row))] if row else [])


# ---- biweekly ---------------------------------------------------------------------------------------------------------

def below_cells(data, style):
    only(data, HEAD + FIGURES)
    rows = []
    for part in (HEAD[:3], HEAD[3:], FIGURES[:3], FIGURES[3:]):
        part = part + [None] * (3 - len(part))
        rows.append([style.write(data, k) if k else '' for k in part])
        rows.append(['（%s）' % data.label(k) if k else '' for k in part])
    return [title(data), rows]


def below_lines(data, style):
    only(data, HEAD + FIGURES)
    style.number, style.joint = 'plain', '至'
    out = [title(data)]
    for part in (HEAD[:2], HEAD[2:4], HEAD[4:], FIGURES[:3], FIGURES[3:]):
        out += ['　　　　'.join('__%s__' % style.write(data, k) for k in part), '　　　　'.join('（%s）' % data.label(k) for k in part)]
    return ['\n'.join(out)]


def colon_in_value(data, style):
    only(data, HEAD + FIGURES + PROSE, 'daily')
    return [title(data), [[data.label(k), '：' + style.write(data, k)] for k in HEAD + FIGURES + PROSE], '每日数据', daily(data, style)]


def roles_matrix(data, style):
    only(data, HEAD + FIGURES[:2] + ['cadre_answers', 'backbone_answers', 'cadre_likes', 'backbone_likes'])
    w = lambda k: style.write(data, k)
    return [title(data), pairs(data, style, HEAD + FIGURES[:2]), '骨干活跃情况',
            [['类别', '回答量', '点赞量'], ['专职团干部', w('cadre_answers'), w('cadre_likes')], ['学生骨干', w('backbone_answers'), w('backbone_likes')]]]


def roles_turned(data, style):
    only(data, HEAD + FIGURES[:2] + ['cadre_answers', 'backbone_answers', 'cadre_likes', 'backbone_likes'])
    w = lambda k: style.write(data, k)
    return [title(data), pairs(data, style, HEAD + FIGURES[:2]),
            [['', '专职团干部', '学生骨干'], ['回答量', w('cadre_answers'), w('backbone_answers')], ['点赞量', w('cadre_likes'), w('backbone_likes')]]]


def two_level_pairs(data, style):
    """A band of figures under a common head."""
    only(data, HEAD + FIGURES + ['cadre_answers', 'backbone_answers', 'cadre_likes', 'backbone_likes'])
    w = lambda k: style.write(data, k)
    return [title(data), pairs(data, style, HEAD) + [
        [('提问与回答', 4, 1)], [data.label(k) for k in FIGURES[:4]], [w(k) for k in FIGURES[:4]],
        [('专职团干部', 2, 1), ('学生骨干', 2, 1)], ['回答量', '点赞量', '回答量', '点赞量'],
        [w('cadre_answers'), w('cadre_likes'), w('backbone_answers'), w('backbone_likes')], [data.label('likes'), (w('likes'), 3, 1)]]]


def question_cards(data, style):
    only(data, HEAD + FIGURES[:2], 'questions')
    out = [title(data), pairs(data, style, HEAD + FIGURES[:2]), '典型问题']
    for row in data.tables['questions']:
        for key in ('no', 'repeat', 'answered_at', 'section'):
            row.pop(key)
        c = lambda k: style.cell(row[k], k)
        out.append([['问题', (c('question'), 3, 1)], ['提问时间', c('asked_at'), '答复人', c('answered_by')], ['处理情况', (c('status'), 3, 1)]])
    return out


def numbered_questions(data, style):
    only(data, HEAD + FIGURES, 'questions')
    out = [title(data)] + ['%s：%s' % (data.label(k), style.write(data, k)) for k in HEAD + FIGURES] + ['典型问题']
    for i, row in enumerate(data.tables['questions'], 1):
        for key in ('no', 'repeat', 'answered_at', 'section'):
            row.pop(key)
        c = lambda k: style.cell(row[k], k)
        out.append('%d. 问题：%s  提问时间：%s  答复人：%s  状态：%s' % (i, c('question'), c('asked_at'), c('answered_by'), c('status')))
    return out


def list_levels(data, style):
    """A list whose header stands in two rows."""
    only(data, HEAD + FIGURES[:2], 'questions')
    rows = questions(data, style, ('no', 'question', 'asked_at', 'answered_by', 'answered_at', 'status'))
    return [title(data), pairs(data, style, HEAD + FIGURES[:2]), '问题清单',
            [[('序号', 1, 2), ('提问', 2, 1), ('答复', 3, 1)], [words.QUESTION_COLUMNS[k][0] for k in ('question', 'asked_at', 'answered_by', 'answered_at', 'status')]] + rows[1:]]


def header_again(data, style):
    """The list goes on over a page, with its header again, and sums under other names."""
    only(data, HEAD + FIGURES[:2], 'questions', 'daily')
    q, d = questions(data, style), daily(data, style)
    return [title(data), pairs(data, style, HEAD + FIGURES[:2]), '问题清单', q[:2], q[:1] + q[2:], '每日数据',
            d + [['累计', str(sum(r['questions'] for r in data.tables['daily'])), str(sum(r['answers'] for r in data.tables['daily']))], ['日均', '2', '3']]]


def units_in_header(data, style):
    keys = FIGURES + MORE
    only(data, HEAD + keys)
    style.number = 'plain'
    marks = [lambda l, u: '%s（%s）' % (l, u), lambda l, u: '%s(单位：%s)' % (l, u), lambda l, u: '%s/%s' % (l, u), lambda l, u: '%s\n（%s）' % (l, u)]
    mark = data.random.choice(marks)
    head = [mark(data.label(k), words.UNIT.get(k, '条')) for k in keys]
    return [title(data), pairs(data, style, HEAD), head_rows(head, [style.write(data, k) for k in keys])]


def head_rows(head, values):
    return [head, values]


def sentences(data, style):
    keys = ['org', 'period', 'reporter', 'reporter_phone'] + FIGURES + ['cadre_answers', 'backbone_answers']
    only(data, keys)
    v, w = data.values, lambda k: style.write(data, k)
    style.joint, style.number = '至', 'plain'
    return ['%s双周报' % v['org'], '单位：%s' % v['org'],
            '汇报周期为%s。本期平台共收到提问%d条，已答复%d条，其中24小时内答复%d条，未答复%d条，获得点赞量%d次。' % (
                w('period'), *(v[k] for k in FIGURES)), '其中专职团干部回答量为%d条，学生骨干回答量达到%d条。' % (v['cadre_answers'], v['backbone_answers']),
            '填报人：%s，联系电话：%s。' % (w('reporter'), w('reporter_phone'))]


def marked_lines(data, style):
    keys = HEAD + FIGURES + MORE + PROSE
    only(data, keys)
    form = data.random.choice(['【%s】%s', '- %s: %s', '* %s：%s', '%s → %s', '%s | %s', '◆%s：%s', '[%s] %s', '（%s）：%s', '%s\t%s', '%s= %s', '■ %s：%s'])
    return [title(data)] + [form % (data.label(k), style.write(data, k)) for k in keys]


def markdown(data, style):
    keys = HEAD + FIGURES + MORE
    only(data, keys)
    return [title(data), '| 项目 | 内容 |\n| --- | --- |\n' + '\n'.join('| %s | %s |' % (data.label(k), style.write(data, k).strip()) for k in keys)]


def item_column(data, style):
    """Number, item, value, note."""
    keys = HEAD + FIGURES + MORE + PROSE
    only(data, keys)
    return [title(data), [['序号', '项目', '填写内容', '说明']] + [[str(i), data.label(k), style.write(data, k), '必填' if i < 3 else ''] for i, k in enumerate(keys, 1)]]


def item_units(data, style):
    """Item, unit, figure of this period, and none of the last."""
    keys = FIGURES + MORE
    only(data, HEAD + keys)
    style.number = 'plain'
    return [title(data), pairs(data, style, HEAD, 3), [['指标', '单位', '本期数值']] + [[data.label(k), words.UNIT.get(k, '条'), style.write(data, k)] for k in keys]]


def split_labels(data, style):
    keys = HEAD + FIGURES + MORE
    only(data, keys)
    cut = lambda s: data.random.choice([s[:len(s) // 2] + '\n' + s[len(s) // 2:], '\n'.join(s), '　'.join(s), words.ZWSP.join(s), words.NBSP.join(s), s[0] + '    ' + s[1:], s + words.ZWSP + '：'])
    return [title(data), [[cut(c) if i % 2 == 0 and c else c for i, c in enumerate(row)] for row in pairs(data, style, keys)]]


def explained_labels(data, style):
    keys = HEAD + FIGURES + MORE
    only(data, keys)
    notes = ['（必填）', '（本期新增，含重复）', '（截至填报之日）', '*', '（请填写数字）', '【必填】', '：（单位盖章）', ' (required)', '（系统导出）', '＊']
    return [title(data), [[c + data.random.choice(notes) if i % 2 == 0 and c else c for i, c in enumerate(row)] for row in pairs(data, style, keys)]]


def reworded(data, style):
    keys = HEAD + FIGURES + MORE + PROSE
    only(data, keys)
    return [title(data), pairs(data, style, keys, reworded=1)]


def reworded_lines(data, style):
    keys = HEAD + FIGURES + MORE + PROSE
    only(data, keys)
    return [title(data)] + ['%s：%s' % (data.label(k, 1), style.write(data, k)) for k in keys]


def english(data, style):
    keys = [k for k in HEAD + FIGURES + MORE + ['issues', 'plan'] if k in words.ENGLISH]
    only(data, keys)
    both = data.random.random() < .5
    name = lambda k: words.BIWEEKLY[k][0] + '\n' + words.ENGLISH[k] if both else words.ENGLISH[k]
    return ['Biweekly report 双周报', [[name(k), style.write(data, k)] for k in keys]]


TRADITIONAL = dict(zip('组织单负责块汇报时间周期填人联系电话机号问题数总条收集回复个内获得点赞转发评论专家成员紧急况计划与议见简体学习实现项类别队伍员办签处态内标链阅读网师导职务备邮类备录统',
                       '組織單負責塊匯報時間週期填人聯繫電話機號問題數總條收集回復個內獲得點贊轉發評論專家成員緊急況計劃與議見簡體學習實現項類別隊伍員辦簽處態內標鏈閱讀網師導職務備郵類備錄統'))


def to_traditional(text):
    return ''.join(TRADITIONAL.get(c, c) for c in text)


def traditional(data, style):
    keys = HEAD + FIGURES + MORE
    only(data, keys)
    return [to_traditional(title(data)), [[to_traditional(c) if i % 2 == 0 else c for i, c in enumerate(row)] for row in pairs(data, style, keys)]]


def next_line(data, style):
    keys = HEAD + FIGURES + PROSE
    only(data, keys)
    gap = data.random.choice(['\n', '\n\n', '\n    '])
    return [title(data), '\n'.join('%d、%s%s%s' % (i, data.label(k), gap, style.write(data, k)) for i, k in enumerate(keys, 1))]


def comma_lines(data, style):
    only(data, HEAD + FIGURES + MORE)
    style.number = data.random.choice(['plain', 'unit'])
    say = lambda keys: '，'.join('%s%s' % (words.BIWEEKLY[k][0], style.write(data, k)) for k in keys) + '。'
    return [title(data), '\n'.join('%s：%s' % (data.label(k), style.write(data, k)) for k in HEAD), say(FIGURES), say(MORE)]


def combined(data, style):
    """Two figures under one label, as people do to save a row."""
    only(data, HEAD + FIGURES[:2] + ['likes'])
    style.number = 'plain'
    w = lambda k: style.write(data, k)
    return [title(data), pairs(data, style, HEAD) + [['提问量/回答量', '%s/%s' % (w('questions_received'), w('questions_answered')), '点赞量', w('likes')]]]


def sections(data, style):
    """Headings as paragraphs, one small table below each."""
    only(data, HEAD + FIGURES + MORE + PROSE, 'questions', 'daily')
    return [title(data), '一、基本信息', pairs(data, style, HEAD, 3), '二、工作数据', pairs(data, style, FIGURES + MORE, 3), '三、每日数据', daily(data, style),
            '四、典型问题', questions(data, style), '五、工作小结', [[data.label(k), style.write(data, k)] for k in PROSE]]


def cases_articles(data, style):
    data.tables = {'cases': data.cases(), 'articles': data.articles()}
    only(data, HEAD + FIGURES[:2], 'cases', 'articles')
    return [title(data), pairs(data, style, HEAD + FIGURES[:2], 1), '典型案例', table(data, style, 'cases', words.CASE_COLUMNS),
            '原创文章', table(data, style, 'articles', words.ARTICLE_COLUMNS)]


def paired_lists(data, style):
    """Cases as pairs in the form's own grid, each with a number."""
    data.tables = {'cases': data.cases()}
    only(data, HEAD + FIGURES[:2], 'cases')
    rows = pairs(data, style, HEAD + FIGURES[:2])
    for i, row in enumerate(data.tables['cases'], 1):
        c = lambda k: style.cell(row[k], k)
        rows += [[('案例%s' % '一二三'[i - 1], 1, 2), '案例名称', (c('title'), 2, 1)], ['类别', c('kind'), '时间：' + c('date')], ['简介', (c('summary'), 3, 1)]]
    return [title(data), rows]


def record_row(data, style):
    """One record as one line of a list, as a collector's sheet has it."""
    keys = HEAD + FIGURES + MORE
    only(data, keys)
    style.number = 'plain'
    return [[(title(data), len(keys), 1)], [data.label(k) for k in keys], [style.write(data, k) for k in keys]]


def record_sheet(data, style):
    rows = record_row(data, style)
    return [rows]


# ---- receipt ----------------------------------------------------------------------------------------------------------

def receipt_keys():
    return [g + '_' + p for g in words.GROUPS for p in words.GROUP_FIELDS[g]]


FRONT = ['org', 'team', 'section', 'staff_count']


def group_words(data):
    return {g: data.random.choice(words.GROUPS[g]) for g in words.GROUPS}, {p: data.random.choice(words.PARTICULARS[p]) for p in words.PARTICULARS}


def groups_right(data, style):
    names, parts = group_words(data)
    rows = pairs(data, style, FRONT)
    rows = [r[:4] + [''] for r in rows]
    for g in names:
        fields = words.GROUP_FIELDS[g]
        cut = [fields[i:i + 2] for i in range(0, len(fields), 2)]
        for i, two in enumerate(cut):
            row = [x for p in two for x in (parts[p], style.write(data, g + '_' + p))]
            rows.append(row + [''] * (4 - len(row)) + ([(names[g], 1, len(cut))] if i == 0 else []))
    return [title(data), rows, '工作人员名单', members(data, style)]


def group_rows(data, style):
    names, parts = group_words(data)
    rows = pairs(data, style, FRONT)
    for i, g in enumerate(names):
        rows.append([('%s、%s%s' % ('一二三'[i], names[g], data.random.choice(['', '信息', '基本情况'])), 4, 1)])
        row = [x for p in words.GROUP_FIELDS[g] for x in (parts[p], style.write(data, g + '_' + p))]
        rows += [(row[j:j + 4] + [''] * 4)[:4] for j in range(0, len(row), 4)]
    return [title(data), rows, '工作人员名单', members(data, style)]


def group_tables(data, style):
    names, parts = group_words(data)
    out = [title(data), pairs(data, style, FRONT)]
    for i, g in enumerate(names):
        out += ['（%s）%s' % ('一二三'[i], names[g]), [[parts[p], style.write(data, g + '_' + p)] for p in words.GROUP_FIELDS[g]]]
    return out + ['工作人员名单', members(data, style)]


def group_lines(data, style):
    names, parts = group_words(data)
    style.phone = data.random.choice(['plain', 'dash', 'spaced'])
    joint = data.random.choice(['，', '；', '  ', ' / ', '、'])
    out = [title(data)] + ['%s：%s' % (data.label(k), style.write(data, k)) for k in FRONT]
    for g in names:
        out.append(names[g] + '：' + style.write(data, g + '_name') + joint + joint.join('%s：%s' % (parts[p], style.write(data, g + '_' + p)) for p in words.GROUP_FIELDS[g][1:] if data.values[g + '_' + p]))
    data.tables = {}
    return out


def people_table(data, style):
    """Everybody in one list whose first column says who is what."""
    names, parts = group_words(data)
    columns = ['name', 'phone', 'email']
    only(data, FRONT + [g + '_' + p for g in names for p in columns])
    return [title(data), pairs(data, style, FRONT), [['身份'] + [parts[c] for c in columns]] + [[names[g]] + [style.write(data, g + '_' + c) for c in columns] for g in names]]


def members_levels(data, style):
    names, parts = group_words(data)
    only(data, FRONT + ['leader_name', 'leader_phone', 'liaison_name', 'liaison_phone', 'liaison_email'], 'members')
    keys = ['leader_name', 'leader_phone', 'liaison_name', 'liaison_phone', 'liaison_email']
    rows = members(data, style)
    return [title(data), pairs(data, style, FRONT + keys), [[('序号', 1, 2), ('基本信息', 3, 1), ('联系方式', 2, 1)], rows[0]] + [[str(i)] + r for i, r in enumerate(rows[1:], 1)]]


def names_only(data, style):
    """Members in one cell, as a list of names with a phone each."""
    keys = [k for k in receipt_keys() if k != 'advisor_email']
    only(data, FRONT + keys)
    return [title(data), pairs(data, style, FRONT + keys, 1)]


def choice_team(data, style):
    """The team as boxes, in every way that boxes are ticked."""
    keys = receipt_keys()
    only(data, FRONT + keys)
    yes, no = data.random.choice([('☑', '☐'), ('√', '□'), ('■', '□'), ('●', '○'), ('[x]', '[ ]'), ('（√）', '（ ）'), ('☒', '☐'), ('✔', '□'), ('[√]', '[]'), ('R', '□'), ('(✓)', '(  )')])
    behind = data.random.random() < .4
    options = [(o + (yes if o == data.values['team'] else no)) if behind else ((yes if o == data.values['team'] else no) + o) for o in ('团帮青', '专帮青', '青帮青')]
    rows = pairs(data, style, ['org'] + FRONT[2:] + keys)
    return [title(data), [['所属队伍', (data.random.choice(['  ', '\n', ' / ']).join(options), 3, 1)]] + rows]


def choice_struck(data, style):
    """A choice as a list in brackets behind the label, the value behind it."""
    keys = receipt_keys()
    only(data, FRONT + keys)
    rows = pairs(data, style, ['org'] + FRONT[2:] + keys, 1)
    return [title(data), [['所属队伍（团帮青/专帮青/青帮青）', data.values['team']]] + rows]


# ---- question log -----------------------------------------------------------------------------------------------------

def log_plain(data, style):
    return [[(title(data), 8, 1)], *[[(x, 8, 1)] for x in data.random.sample(['统计时间：2019年3月', '导出人：管理员'], 1)]], questions(data, style, tuple(words.QUESTION_COLUMNS))


def log_sheet(data, style):
    head, rows = log_plain(data, style)
    return [head + rows]


def log_levels(data, style):
    rows = questions(data, style, ('no', 'question', 'section', 'asked_at', 'answered_by', 'answered_at', 'status'))
    return [title(data), [[('序号', 1, 2), ('提问情况', 3, 1), ('答复情况', 3, 1)], rows[0][1:]] + rows[1:]]


def log_turned(data, style):
    """One column a question."""
    rows = questions(data, style, ('no', 'question', 'asked_at', 'answered_by', 'status'))
    return [title(data), [list(c) for c in zip(*rows)]]


BIWEEKLY = [below_cells, below_lines, colon_in_value, roles_matrix, roles_turned, two_level_pairs, question_cards, numbered_questions, list_levels, header_again,
            units_in_header, sentences, marked_lines, markdown, item_column, item_units, split_labels, explained_labels, reworded, reworded_lines, english,
            traditional, next_line, comma_lines, combined, sections, cases_articles, paired_lists, record_sheet]
RECEIPT = [groups_right, group_rows, group_tables, group_lines, people_table, members_levels, names_only, choice_team, choice_struck]
LOG = [log_sheet, log_levels, log_turned]
LINES = {below_lines, marked_lines, markdown, next_line, comma_lines, sentences, reworded_lines, numbered_questions, group_lines}
