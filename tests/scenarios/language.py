"""The language of scenario files, Chinese and English: lines → steps. Strict: a line that is not understood is an error with its
place. README.md beside this file explains it to the people who write scenarios."""
import dataclasses, datetime, re

TIME = r'\d{4}-\d{2}-\d{2} \d{2}:\d{2}(?::\d{2})?'
QUOTED = r'[“"]([^”"]*)[”"]'

# ---- what may happen: name, Chinese, English -----------------------------------------------------------------------------
# {x} is a name up to the next word of the sentence; "q" groups are quoted texts, "v" the values in brackets.
VALUES = r'(?:\s*[（(](?P<v>.*)[）)])?'
DATE = r'(?P<date>\d{4}-\d{2}-\d{2})'
EVENTS = [(name, [re.compile(pattern) for pattern in patterns]) for name, *patterns in [
    ('send', r'(?P<who>.+?) 送来 (?:' + DATE + r' 期的 ?)?(?P<form>[^\s（(]+)' + VALUES, r'(?P<who>.+?) sends the (?P<form>[a-z ]+?)(?: for ' + DATE + ')?' + VALUES),
    ('write', r'(?P<who>.+?) 来信 [“"](?P<q>[^”"]*)[”"](?: [“"](?P<q2>[^”"]*)[”"])?', r'(?P<who>.+?) writes [“"](?P<q>[^”"]*)[”"](?: [“"](?P<q2>[^”"]*)[”"])?'),
    ('answer', r'(?P<who>.+?) 回复 (?P<kind>\S+) [“"](?P<q>[^”"]*)[”"]', r'(?P<who>.+?) answers the (?P<kind>[a-z ]+?) [“"](?P<q>[^”"]*)[”"]'),
    ('again', r'(?P<who>.+?) 原样重发', r'(?P<who>.+?) sends the same again'),
    ('robot', r'(?P<who>.+?) 自动回复 (?P<kind>\S+) [“"](?P<q>[^”"]*)[”"]', r'the machine of (?P<who>.+?) answers the (?P<kind>[a-z ]+?) [“"](?P<q>[^”"]*)[”"]'),
    ('bounce', r'退信：?寄给 (?P<who>.+?) 的(?P<kind>\S+)', r'the (?P<kind>[a-z ]+?) to (?P<who>.+?) bounces'),
    ('dead', r'(?P<who>.+?) 的信箱失效', r'the mailbox of (?P<who>.+?) is dead'),
    ('mailbox_down', r'收件中断', r'the mailbox cannot be reached'), ('mailbox_up', r'收件恢复', r'the mailbox can be reached again'),
    ('server_down', r'发件中断', r'letters cannot leave'), ('server_up', r'发件恢复', r'letters can leave again'),
    ('off', r'网关停机', r'the gateway is switched off'), ('on', r'网关开机', r'the gateway is switched on'), ('restart', r'网关重启', r'the gateway restarts'),
    ('clock', r'时钟拨(?P<way>快|慢) (?P<n>\d+) ?(?P<unit>天|小时|分钟)', r'the clock is set (?P<way>forward|back) by (?P<n>\d+) (?P<unit>day|hour|minute)s?'),
    ('clock_right', r'时钟恢复', r'the clock is right again'),
    ('exempt', r'免报 (?P<who>.+?) ' + DATE + r'(?: [（(](?P<v>.*)[）)])?', r'exempt (?P<who>.+?) from ' + DATE + r'(?: \((?P<v>.*)\))?'),
    ('suspend', r'暂停 (?P<who>.+)', r'suspend (?P<who>.+)'), ('resume', r'恢复 (?P<who>.+)', r'resume (?P<who>.+)'),
    ('rename', r'改名 (?P<who>.+?) → (?P<new>.+)', r'rename (?P<who>.+?) → (?P<new>.+)'), ('merge', r'并入 (?P<who>.+?) → (?P<new>.+)', r'merge (?P<who>.+?) → (?P<new>.+)'),
    ('assign', r'归属 第(?P<n>\d+)条 → (?P<new>.+)', r'assign entry (?P<n>\d+) → (?P<new>.+)'),
    ('accept', r'接受 第(?P<n>\d+)条', r'accept entry (?P<n>\d+)'), ('reject', r'驳回 第(?P<n>\d+)条', r'reject entry (?P<n>\d+)'),
    ('by_hand', r'手工登记 (?P<who>.+?) 的(?P<form>[^\s（(]+)，收到 (?P<at>' + TIME + r')，凭据 [“"](?P<q>[^”"]*)[”"]' + VALUES,
     r'enter by hand the (?P<form>[a-z ]+?) of (?P<who>.+?), received (?P<at>' + TIME + r'), evidence [“"](?P<q>[^”"]*)[”"]' + VALUES),
    ('set', r'设置 (?P<key>.+?) = (?P<value>.+)', r'set (?P<key>.+?) = (?P<value>.+)'),
    ('release', r'放行', r'release'), ('nothing', r'(?:无事)?', r'(?:nothing happens)?'),
]]

# ---- letters --------------------------------------------------------------------------------------------------------------
KINDS = {'回执': 'ack', '更正回复': 'correction', '无法读取通知': 'defect', '提醒': 'reminder', '催报': 'overdue', '汇总': 'summary', '待处理通知': 'review_notice',
         '告警': 'operator_alert', '办理结果': 'command_answer', '转办': 'question_passed', '超时提问': 'overdue_questions', '询问': 'inquiry', '紧急': 'urgent',
         '公告草稿': 'urgent_notice', '板块小结': 'section_digest', '指导老师小结': 'advisor_digest', '退回': 'returned', 'section digest': 'section_digest',
         'advisor digest': 'advisor_digest', 'returned report': 'returned', 'acknowledgement': 'ack', 'correction': 'correction', 'defect letter': 'defect', 'reminder': 'reminder', 'overdue letter': 'overdue',
         'summary': 'summary', 'review notice': 'review_notice', 'alert': 'operator_alert', 'result': 'command_answer', 'passed question': 'question_passed',
         'overdue questions': 'overdue_questions', 'inquiry': 'inquiry', 'urgent letter': 'urgent', 'notice draft': 'urgent_notice'}
CHECKS = [(name, [re.compile(pattern) for pattern in patterns]) for name, *patterns in [
    ('nothing', r'应发: 无', r'expect: nothing'),
    ('sent', r'应发: (?P<kind>\S+) → (?P<rest>.+)', r'expect: (?P<kind>[a-z ]+?) → (?P<rest>.+)'),
    ('not_sent', r'不发: (?P<kind>[^→]+?)(?: → (?P<rest>.+))?', r'not: (?P<kind>[a-z ]+?)(?: → (?P<rest>.+))?'),
    ('state', r'状态: (?P<who>.+?) ' + DATE + ' (?P<rest>.+)', r'state: (?P<who>.+?) ' + DATE + ' (?P<rest>.+)'),
    ('review', r'待处理: (?P<rest>.+)', r'review: (?P<rest>.+)'),
    ('calls', r'电话名单 ' + DATE + ': (?P<rest>.+)', r'call list ' + DATE + ': (?P<rest>.+)'),
    ('question', r'提问: [“"](?P<q>[^”"]*)[”"] (?P<rest>\S+)', r'question: [“"](?P<q>[^”"]*)[”"] (?P<rest>.+)'),
    ('why', r'原因: (?P<who>.+?) ' + DATE + '[，,] ?(?P<rest>.+)', r'why: (?P<who>.+?) ' + DATE + ', (?P<rest>.+)'),
]]
DETAILS = [(name, [re.compile(pattern) for pattern in patterns]) for name, *patterns in [
    ('row', r'(?P<list>问题|成员|答复人): (?P<rest>.+)', r'(?P<list>asked|member|answerer): (?P<rest>.+)'), ('body', r'正文: (?P<rest>.+)', r'body: (?P<rest>.+)')]]
CLAUSES = [(name, [re.compile(pattern) for pattern in patterns]) for name, *patterns in [
    ('says', r'写明 ' + QUOTED, r'saying ' + QUOTED), ('lacks', r'不写 ' + QUOTED, r'not saying ' + QUOTED), ('subject', r'主题 ' + QUOTED, r'subject ' + QUOTED),
    ('at', r'于 (' + TIME + ')', r'at (' + TIME + ')'), ('refused', r'(被拒)', r'(refused)'), ('times', r'共 (\d+) 封', r'(\d+) times'),
    ('attached', r'附件 ' + QUOTED, r'attached ' + QUOTED)]]
HEADERS = {'标题': 'title', 'title': 'title', '说明': 'note', 'note': 'note', '项目': 'programme', 'programme': 'programme', '组织': 'organization', 'organization': 'organization',
           '开始': 'start', 'start': 'start', '只看': 'watch', 'watch': 'watch', '设置': 'set', 'set': 'set', '板块负责人': 'head', 'section head': 'head',
           '首次接触': 'first_contact', 'first contact': 'first_contact'}


class Mistake(Exception):
    """Something wrong with a line: of the file, or of what happened."""

    def __init__(self, path, line, text):
        super().__init__(f'{path}:{line}: {text}')


@dataclasses.dataclass
class Line:
    """A sentence that was understood: its place, its words, its meaning and its parts."""
    number: int
    text: str
    name: str
    parts: dict


@dataclasses.dataclass
class Step:
    at: datetime.datetime  # local
    event: Line
    details: list  # rows and bodies of what is sent
    checks: list


def understand(table, text):
    """(name, parts) of the first row of a table that the whole text fits, or None."""
    for name, patterns in table:
        for pattern in patterns:
            found = pattern.fullmatch(text)
            if found:
                return name, {key: value for key, value in found.groupdict().items() if value is not None} or {'all': found.groups()}
    return None


def split(text, marks=',，'):
    """Cuts at commas outside quotes and brackets."""
    out, depth, quoted, start = [], 0, False, 0
    for i, c in enumerate(text):
        if c in '“”"':
            quoted = not quoted
        elif not quoted and c in '（(':
            depth += 1
        elif not quoted and c in '）)':
            depth -= 1
        elif not quoted and not depth and c in marks:
            out.append(text[start:i].strip())
            start = i + 1
    return [part for part in out + [text[start:].strip()] if part]


def names(text):
    return [name.strip() for name in re.split(r'、| and ', text) if name.strip()]


def values(text):
    """"提问量 35, 回答量 30" → [(label, value)]; a label of several words is quoted by a colon: "training sessions: 3"."""
    out = []
    for part in split(text or ''):
        label, mark, value = part.partition(':') if re.match(r'[^"“]*?:', part) and not re.match(r'\S+ \d', part) else part.partition(' ')
        out.append((label.strip(), value.strip().strip('“”"')))
    return out


def clauses(text):
    """Recipients and the clauses after them: ([names], [(clause, value)]); raises ValueError with what is not understood."""
    head, *rest = split(text)
    out = []
    for part in rest:
        found = understand(CLAUSES, part)
        if not found:
            raise ValueError(part)
        out.append((found[0], found[1]['all'][0]))
    return names(head), out


def kind_of(words):
    """A kind of letter by its name; ValueError: a misspelt one would never be missed."""
    if words.strip() not in KINDS:
        raise ValueError(f'no letter is called “{words}”')
    return KINDS[words.strip()]


def moment(text):
    return datetime.datetime.strptime(text, '%Y-%m-%d %H:%M:%S' if text.count(':') == 2 else '%Y-%m-%d %H:%M')


class Scenario:
    """headers: [Line] in order (name: one of HEADERS); steps: [Step]."""

    def __init__(self, path):
        self.path = path
        self.headers, self.steps = [], []
        with open(path, encoding='utf-8') as f:
            for number, raw in enumerate(f, 1):
                text = raw.rstrip()
                if text.strip() and not text.lstrip().startswith('#'):
                    self.take(number, text)
        if not self.steps:
            raise Mistake(path, 1, 'no line begins with a time')
        if not any(step.checks for step in self.steps):
            raise Mistake(path, 1, 'nothing is expected: a scenario must be able to fail')

    def take(self, number, text):
        at = re.match('(' + TIME + r')(?:\s+(.*))?$', text)
        if text[0] in ' \t　':
            self.below(number, text.strip())
        elif at:
            found = understand(EVENTS, (at[2] or '').strip())
            if not found:
                raise Mistake(self.path, number, f'this is not understood: “{at[2]}”')
            when = moment(at[1])
            if self.steps and when < self.steps[-1].at:
                raise Mistake(self.path, number, 'a scenario goes forward: this is earlier than the line before')
            self.steps.append(Step(when, Line(number, text, *found), [], []))
        else:
            key, mark, value = text.partition(':') if ':' in text else text.partition('：')
            if self.steps or not mark or key.strip() not in HEADERS:
                raise Mistake(self.path, number, f'this is not understood: “{text}”')
            self.headers.append(Line(number, text, HEADERS[key.strip()], {'value': value.strip()}))

    def below(self, number, text):
        """An indented line: what comes with the event above, or what must follow from it."""
        text = re.sub('^([^:：]{1,16})：', r'\1: ', text)
        if not self.steps:
            raise Mistake(self.path, number, 'an indented line before the first time')
        found = understand(DETAILS, text)
        if found:
            self.steps[-1].details.append(Line(number, text, *found))
            return
        found = understand(CHECKS, text)
        if not found:
            raise Mistake(self.path, number, f'this is not understood: “{text}”')
        self.steps[-1].checks.append(Line(number, text, *found))

    def header(self, name, default=None):
        found = [line for line in self.headers if line.name == name]
        if len(found) > 1:
            raise Mistake(self.path, found[1].number, 'said twice')
        return found[0].parts['value'] if found else default
