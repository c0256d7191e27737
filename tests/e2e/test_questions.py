#!/usr/bin/env python3
"""The 24-hour clock of questions: known from a report or a log, passed on, nudged, escalated once, settled by whoever may; on the real
program, its letters and its database."""
import datetime, glob, json, os, sqlite3, sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'support'), os.path.join(HERE, '..', 'servers'), HERE]
import material, tap
from programme import CHINA
from test_threads import LIAISON, Thread, holds, lacks, only, plain

HEAD = ['序号', '问题', '板块', '提问时间', '答复时间', '处理情况']
COORDINATOR, SUPERVISOR = ('协管', 'coordinator@example.edu.cn'), ('主管', 'supervisor@example.edu.cn')
HEAD_ADDRESS = 'head@example.edu.cn'


def log(thread, rows, minutes=10):
    """The liaison mails an export of the platform. rows: question, section, asked, answered, status."""
    table = [[str(i + 1), *row] for i, row in enumerate(rows)]
    thread.send(LIAISON, '问题台账', '见附件', files=[('问题台账.xlsx', material.xlsx([['问题台账'], HEAD, *table]))], minutes=minutes)


def at(thread, hours):
    """An instant so many hours before the next mail of this thread, as it stands in a table."""
    return (thread.now + datetime.timedelta(minutes=10) - datetime.timedelta(hours=hours)).strftime('%Y-%m-%d %H:%M')


def questions(thread):
    return dict(thread.programme.sql('SELECT text, state FROM question ORDER BY id'))


def of(letters, start, address):
    """The one letter of a kind to an address."""
    found = [letter for key, letter in letters.items() if key.startswith(start) and letter['To'].addresses[0].addr_spec == address]
    tap.equal(len(found), 1, f'letters {start}… to {address} among {sorted(letters)}')
    return found[0]


def keys(letters, *starts):
    return sorted(key for key in letters if key.startswith(starts))


class Asking(Thread):
    """With a section head of the first organization's section, without quiet hours."""

    def __init__(self):
        super().__init__()
        self.section = self.organizations[0]['section']
        with open(self.programme.config, encoding='utf-8') as f:
            text = f.read()
        head = f'roles = (\n  {{ role = "section_head"; name = "板块长"; address = "{HEAD_ADDRESS}"; section = "{self.section}"; }},\n'
        text = text.replace('roles = (\n', head, 1)
        with open(self.programme.config, 'w', encoding='utf-8') as f:
            f.write(text)


def whole_life():
    """a question of a log is passed on, nudged at 18 hours, escalated once with inquiry and copy, explained, answered by reply"""
    with Asking() as thread:
        log(thread, [('图书馆暑假几点开门', thread.section, at(thread, 2), '', '未答复'), ('补考成绩什么时候公布', thread.section, at(thread, 1), '', '处理中')])
        passed = of(thread.poll(), 'passed/', HEAD_ADDRESS)
        holds(plain(passed), '图书馆暑假几点开门', '补考成绩什么时候公布', '已答复 1 3')
        tap.equal(set(questions(thread).values()), {'passed_on'}, 'states')
        tap.equal(keys(thread.poll(60), 'passed/', 'nudge/'), [], 'said once')
        nudge = of(thread.poll(17 * 60), 'nudge/', HEAD_ADDRESS)
        holds(nudge['Subject'], '再次提醒')
        thread.send(('板块长', HEAD_ADDRESS), 'Re: ' + nudge['Subject'], '已答复 2', answers=nudge)
        holds(plain(only(thread.poll(), 'answer/')), '2：补考成绩什么时候公布')
        tap.equal(questions(thread), {'图书馆暑假几点开门': 'passed_on', '补考成绩什么时候公布': 'answered'}, 'one is answered')
        letters = thread.poll(6 * 60)
        overdue, inquiry, copy = of(letters, 'overdue_questions/', COORDINATOR[1]), of(letters, 'inquiry/', HEAD_ADDRESS), of(letters, 'inquiry/', SUPERVISOR[1])
        holds(plain(overdue), '图书馆暑假几点开门', '已安抚')
        lacks(plain(overdue), '补考成绩')
        holds(plain(copy), '已向板块负责人板块长询问', '无需回复')
        tap.equal(questions(thread)['图书馆暑假几点开门'], 'inquired', 'state')
        for _ in range(3):
            tap.equal(keys(thread.poll(60), 'overdue_questions/', 'inquiry/', 'nudge/', 'passed/'), [], 'escalated once')
        thread.send(('板块长', HEAD_ADDRESS), 'Re: ' + inquiry['Subject'], '值班同学请假，24小时内没有人接手，已补排。', answers=inquiry)
        letters = thread.poll()
        holds(plain(of(letters, 'explanation/', SUPERVISOR[1])), '值班同学请假，24小时内没有人接手', '图书馆暑假几点开门', '板块长')
        holds(plain(only(letters, 'answer/')), '转给主管')
        tap.equal(questions(thread)['图书馆暑假几点开门'], 'explained', 'state')
        # only whom the letter went to settles
        thread.send(('路人', 'someone@example.com'), 'Re: ' + overdue['Subject'], '已安抚', answers=overdue)
        thread.poll()
        tap.equal(questions(thread)['图书馆暑假几点开门'], 'explained', 'not by others')
        thread.send(COORDINATOR, 'Re: ' + overdue['Subject'], '已安抚 已电话说明', answers=overdue)
        thread.poll()
        tap.equal(questions(thread)['图书馆暑假几点开门'], 'closed', 'calmed')
        tap.equal(thread.programme.sql("SELECT text FROM question_event WHERE event IN ('calm', 'explain') ORDER BY id"),
                  [('值班同学请假，24小时内没有人接手，已补排。',), ('已电话说明',)], 'record')
        status, out, _ = thread.programme.run('questions', 'list', '--all', '--json', at=thread.now)
        tap.equal((status, out.count('"id"')), (0, 2), 'list')


def told_why():
    """`explain` of a question, letter, message and an organization's period: sentences, and facts as JSON"""
    def explained(thread, *what):
        status, out, _ = thread.programme.run('explain', *what, at=thread.now)
        tap.equal(status, 0, f'explain {what}')
        as_json = thread.programme.run('explain', *what, '--json', at=thread.now)
        tap.equal(as_json[0], 0, f'explain {what} --json')
        return out, json.loads(as_json[1])
    with Asking() as thread:
        log(thread, [('图书馆暑假几点开门', thread.section, at(thread, 2), '', '未答复')])
        thread.poll()
        letters = thread.poll(23 * 60)
        overdue = of(letters, 'overdue_questions/', COORDINATOR[1])
        out, facts = explained(thread, 'question', '1')
        holds(out, '图书馆暑假几点开门', '提问后24小时', '现已超过', '转给答复人', '超时，告知协管', f'给 {HEAD_ADDRESS}', f'给 {COORDINATOR[1]}', '结论：已超时，已询问原因')
        tap.equal(facts['question']['state'], 'inquired', 'state')
        tap.equal([event['event'] for event in facts['events']], ['known', 'pass_on', 'escalate', 'inquire'], 'events')
        tap.equal({letter['to_address'] for letter in facts['letters']} >= {HEAD_ADDRESS, COORDINATOR[1]}, True, 'who was told')
        tap.equal('\n'.join(facts['sentences']).strip(), out.strip(), 'the same sentences')
        thread.send(COORDINATOR, 'Re: ' + overdue['Subject'], '已安抚 已电话说明', answers=overdue)
        thread.poll()
        holds(explained(thread, 'question', '1')[0], '已电话说明', '结论：已结束，不再发信')
        letter = facts['letters'][0]
        out, told = explained(thread, 'letter', letter['key'])
        holds(out, letter['to_address'], '原因：')
        tap.equal((told['letter']['key'], told['letter']['state']), (letter['key'], 'sent'), 'letter')
        out, told = explained(thread, 'message', '1')
        holds(out, '服务器收到时间')
        tap.equal((told['message']['id'], len(told['readings'])), (1, 1), 'message')
        name = thread.organizations[0]['name']
        out, told = explained(thread, name)
        holds(out, name)
        tap.equal(told['organization']['name'], name, 'organization')
        for wrong in (['question', '99'], ['question', '图书馆']):
            tap.equal(thread.programme.run('explain', *wrong, at=thread.now)[0], 1, f'explain {wrong}')


def known_late():
    """one learnt when it is overdue is escalated in the same pass; one learnt as answered is never written about; all to one person in one letter"""
    with Asking() as thread:
        log(thread, [('宿舍热水几点供应', thread.section, at(thread, 30), '', '未答复'), ('校车几点发车', thread.section, at(thread, 40), '', '未答复'),
                     ('医保怎么报销', thread.section, at(thread, 50), at(thread, 10), '已答复'), ('体测补测时间', thread.section, at(thread, 3), '', '未答复')])
        letters = thread.poll()
        overdue = of(letters, 'overdue_questions/', COORDINATOR[1])
        holds(plain(overdue), '宿舍热水几点供应', '校车几点发车')
        lacks(plain(overdue), '医保怎么报销', '体测补测时间')
        holds(plain(of(letters, 'passed/', HEAD_ADDRESS)), '体测补测时间')
        tap.equal(questions(thread)['医保怎么报销'], 'answered', 'only scored')


def same_across_sources():
    """a log and a report tell of the same question once; a later log that says it is answered settles it, and stops the letters"""
    with Asking() as thread:
        asked = at(thread, 1)
        log(thread, [('学生证丢了怎么补办？', thread.section, asked, '', '未答复')])
        thread.poll()
        report = thread.report(0, questions=[{'no': 1, 'question': '请问学生证丢了，怎么补办', 'section': thread.section, 'asked_at': asked, 'answered_by': '', 'status': '处理中', 'repeat': '否'}])
        thread.send(thread.sender(0), '双周报', '', files=[('双周报.docx', material.report_docx(report))])
        tap.equal(keys(thread.poll(), 'passed/', 'overdue_questions/'), [], 'it is known')
        tap.equal(len(questions(thread)), 1, 'one question')
        log(thread, [('学生证丢了怎么补办？', thread.section, asked, at(thread, 0), '已答复'), ('学生证丢了怎么补办？', thread.section, '2016-06-20 10:00', '2016-06-20 11:00', '已答复')])
        thread.poll()
        tap.equal(thread.programme.sql('SELECT state, count(*) FROM question GROUP BY state'), [('answered', 2)], 'answered; asked on another day it is another')
        tap.equal(keys(thread.poll(30 * 60), 'overdue_questions/', 'nudge/', 'inquiry/'), [], 'no letter')


def boundaries():
    """answered at 23 h 59 min: nothing; at 24 h and not answered: within the same pass; a clock that jumps a day changes nothing said"""
    with Asking() as thread:
        asked = at(thread, 1)
        log(thread, [('食堂几点关门', thread.section, asked, '', '未答复')])
        thread.poll()
        start = datetime.datetime.strptime(asked, '%Y-%m-%d %H:%M').replace(tzinfo=CHINA)
        for instant, expected in ((datetime.timedelta(hours=24, seconds=-1), 0), (datetime.timedelta(hours=24), 1), (datetime.timedelta(hours=48), 0), (datetime.timedelta(hours=24, minutes=1), 0)):
            thread.now = start + instant
            tap.equal(len(keys(thread.poll(0), 'overdue_questions/')), expected, f'after {instant}')


def old_question():
    """a question that is days old when it is first known is escalated at once, and stays on the list until it is settled"""
    with Asking() as thread:
        log(thread, [('毕业典礼几点开始', thread.section, at(thread, 100), '', '未答复')])
        tap.equal(len(keys(thread.poll(), 'overdue_questions/')), 1, 'escalated')
        status, out, _ = thread.programme.run('questions', 'list', at=thread.now)
        tap.equal((status, '毕业典礼几点开始' in out), (1, True), 'needs attention')


def urgent_night():
    """urgent at night: three people at once, hourly at most five times more, settled by code with what was done, then the draft of the notice"""
    with Asking() as thread:
        with open(thread.programme.config, encoding='utf-8') as f:
            text = f.read()
        with open(thread.programme.config, 'w', encoding='utf-8') as f:
            f.write(text.replace('letters = {', 'letters = { quiet_from = "22:00"; quiet_to = "07:00";', 1))
        thread.now = thread.now.replace(hour=23)
        thread.send(thread.sender(0), '紧急：3号楼水管破裂', '一楼走廊进水，请速派人。')
        letters = thread.poll(1)
        told = keys(letters, 'urgent/')
        tap.equal([key.rsplit('/', 1)[1] for key in told], ['coordinator@example.edu.cn', 'leader@example.edu.cn', 'supervisor@example.edu.cn'], 'at once')
        letter = of(letters, 'urgent/', COORDINATOR[1])
        holds(plain(letter), '3号楼水管破裂', '一楼走廊进水', '已处理', thread.organizations[0]['name'])
        holds(plain(only(letters, 'answer/')), '已转告')
        tap.equal(thread.programme.sql('SELECT count(*) FROM review'), [(0,)], 'no review')
        counts = [len(keys(thread.poll(61), 'urgent/')) for _ in range(8)]
        tap.equal(counts, [3, 3, 3, 3, 3, 0, 0, 0], 'repeated')
        thread.send(('路人', 'someone@example.com'), 'Re: ' + letter['Subject'], '已处理 已经修好', answers=letter)
        thread.poll()
        tap.equal(thread.programme.sql('SELECT settled_s FROM urgent_matter'), [(None,)], 'not by others')
        thread.send(COORDINATOR, 'Re: ' + letter['Subject'], '已处理', answers=letter)
        holds(plain(only(thread.poll(), 'answer/')), '请写明处理情况')
        thread.send(COORDINATOR, 'Re: ' + letter['Subject'], '已处理：后勤已关阀抢修，无人受伤。', answers=letter)
        letters = thread.poll()
        tap.equal([key.rsplit('/', 1)[1] for key in keys(letters, 'urgent_notice/')], ['coordinator@example.edu.cn', 'leader@example.edu.cn'], 'drafts')
        holds(plain(of(letters, 'urgent_notice/', COORDINATOR[1])), '3号楼水管破裂', '后勤已关阀抢修，无人受伤')
        tap.equal(keys(thread.poll(60), 'urgent/', 'urgent_notice/'), [], 'settled')


def urgent_report():
    """a report with something urgent stays a submission and raises the alarm; with 无 it does not; settled by a code in a mail of its own"""
    with Asking() as thread:
        report = thread.report(0)
        pairs = material.report_pairs(report)
        thread.send(thread.sender(1), '双周报', '', files=[('双周报.docx', material.docx('青年之声双周报', [(k, thread.organizations[1]['name'] if k == '组织名称' else v) for k, v in pairs] + [('紧急情况', '本期没有紧急情况')]))])
        letters = thread.poll()
        tap.equal(keys(letters, 'urgent/'), [], 'nothing urgent')
        files = [('双周报.docx', material.docx('青年之声双周报', pairs + [('紧急情况', '有学生在平台扬言自残，已联系辅导员')]))]
        thread.send(thread.sender(0), '双周报', '', files=files)
        letters = thread.poll()
        tap.equal((len(keys(letters, 'urgent/')), len(thread.revisions(0))), (3, 1), 'both')
        holds(plain(only(letters, 'ack/')), '双周报')
        thread.send(thread.sender(0), '双周报', '再发一次', files=files)
        tap.equal(keys(thread.poll(), 'urgent/'), [], 'the same again raises nothing')
        (code,), = thread.programme.sql('SELECT code FROM urgent_matter')
        thread.send(SUPERVISOR, f'已处理 {code} 辅导员已陪同，情绪稳定', '')
        tap.equal(len(keys(thread.poll(), 'urgent_notice/')), 2, 'settled by code')
        thread.send(SUPERVISOR, '已处理 000000 猜的', '')
        tap.equal(keys(thread.poll(), 'urgent_notice/'), [], 'another code settles nothing')


def by_mail():
    """a question by mail has its clock from its arrival, goes to the answerer, and its answer to the asker; a stranger's once the liaison says yes"""
    with Asking() as thread:
        thread.poll()  # the reminders of the day
        thread.send(thread.sender(0), '咨询', '老师好！\n请问暑假图书馆几点开门？谢谢。')
        letters = thread.poll()
        holds(plain(only(letters, 'answer/')), '您的问题已登记', '请问暑假图书馆几点开门？')
        passed = of(letters, 'passed/', HEAD_ADDRESS)
        holds(plain(passed), '请问暑假图书馆几点开门？', thread.organizations[0]['name'])
        thread.send(thread.sender(1), '暑假图书馆几点开门', '')
        thread.poll()
        tap.equal(questions(thread), {'请问暑假图书馆几点开门？': 'passed_on'}, 'the same words are the same question')
        thread.send(('板块长', HEAD_ADDRESS), 'Re: ' + passed['Subject'], '已答复 8 点到 22 点，周日 9 点起。', answers=passed)
        letter = of(thread.poll(), 'reply/', thread.sender(0)[1])
        holds(plain(letter), '您的问题已有答复', '8 点到 22 点，周日 9 点起')
        tap.equal(letter['In-Reply-To'], '<thread1@mail.example.edu.cn>', 'in the thread of the question')
        tap.equal(questions(thread), {'请问暑假图书馆几点开门？': 'answered'}, 'state')
        thread.send(('同学', 'student@example.com'), '问一下', '校车几点发车？')
        tap.equal(thread.poll(), {}, 'nobody writes to a stranger')
        (number,), = thread.programme.sql("SELECT id FROM review WHERE code = 'question'")
        thread.now = thread.now.replace(minute=0) + datetime.timedelta(hours=1)
        notice = only(thread.poll(1), 'review/')
        thread.send(LIAISON, 'Re: ' + notice['Subject'], f'{number} 通过', answers=notice)
        letters = thread.poll()
        holds(plain(only(letters, 'answer/')), '已登记为提问')
        holds(plain(of(letters, 'passed/', LIAISON[1])), '校车几点发车')
        letters = thread.poll(24 * 60)
        holds(plain(of(letters, 'overdue_questions/', COORDINATOR[1])), '校车几点发车')


def repeated():
    """what repeats stands in the summary and, with counts, answer and sources, in the draft after it; what is alike is joined or kept apart by a person"""
    with Asking() as thread:
        rows = [('学生证丢了怎么补办', at(thread, 20), at(thread, 19), '已答复'), ('请问学生证丢了，怎么补办？', at(thread, 10), '', '未答复'),
                ('国家助学金什么时候发放到卡', at(thread, 50), at(thread, 49), '已答复'), ('国家奖学金什么时候发放到卡', at(thread, 40), at(thread, 39), '已答复'),
                ('助学金什么时候发放到银行卡', at(thread, 9), '', '未答复'), ('食堂几点开门', at(thread, 8), at(thread, 7), '已答复')]
        log(thread, [(text, thread.section, asked, answered, status) for text, asked, answered, status in rows])
        passed = of(thread.poll(), 'passed/', HEAD_ADDRESS)
        thread.send(('板块长', HEAD_ADDRESS), 'Re: ' + passed['Subject'], '已答复 1 到教务处 101 室，带照片。', answers=passed)
        thread.poll()
        thread.now = datetime.datetime(2016, 6, 28, 8, 1, tzinfo=CHINA)
        letters = thread.poll(0)
        draft = of(letters, 'pinned_notice/', COORDINATOR[1])
        text = plain(draft)
        holds(text, '学生证丢了怎么补办', '2 次', '教务处 101 室', '可能是同一个问题', '共同的词', '合并 ')
        lacks(text, '食堂几点开门')
        ids = {question: number for number, question in thread.programme.sql('SELECT id, text FROM question')}
        one, two, three = ids['国家助学金什么时候发放到卡'], ids['国家奖学金什么时候发放到卡'], ids['助学金什么时候发放到银行卡']
        tap.equal(thread.programme.sql('SELECT count(*) FROM question WHERE cluster IS NOT NULL'), [(0,)], 'nothing is joined without a person')
        summary = of(letters, 'summary/', 'leader@example.edu.cn')
        holds(plain(summary), '学生证丢了怎么补办')
        status, out, _ = thread.programme.run('questions', 'clusters', '2016-06-27', at=thread.now)
        holds(out, '= 2 x 学生证丢了怎么补办', '? shared:', '助学金')
        thread.send(COORDINATOR, 'Re: ' + draft['Subject'], f'合并 {one} {three}\n拆分 {one} {two}\n辛苦了', answers=draft)
        answer = only(thread.poll(), 'answer/')
        holds(plain(answer), f'合并 {one} {three}：已合并', f'拆分 {one} {two}：已分为')
        tap.equal(thread.programme.sql('SELECT id FROM question WHERE cluster IS NOT NULL ORDER BY id'), sorted([(one,), (three,)]), 'joined')
        tap.equal(questions(thread)['助学金什么时候发放到银行卡'], 'answered', 'told of twice within two days: what one was answered settles the other')
        status, out, _ = thread.programme.run('questions', 'clusters', at=thread.now)
        holds(out, '= 2 x 国家助学金什么时候发放到卡')
        lacks(out, '国家奖学金')
        # by command; a number that is none changes nothing
        tap.equal(thread.programme.run('questions', 'merge', str(one), '999', at=thread.now, check=False)[0], 2, 'no such number')
        tap.equal(thread.programme.run('questions', 'split', str(three), at=thread.now)[0], 0, 'split')
        tap.equal(thread.programme.sql('SELECT count(*) FROM question WHERE cluster IS NOT NULL'), [(0,)], 'a single one is in no group')
        # by mail without a code: asks
        thread.send(LIAISON, f'合并 {one} {three}', '')
        holds(plain(only(thread.poll(), 'answer/')), '请确认', '验证码')
        tap.equal(thread.programme.sql('SELECT count(*) FROM question WHERE cluster IS NOT NULL'), [(0,)], 'only asked')


def nothing_repeats():
    """where nothing repeats there is no draft"""
    with Asking() as thread:
        log(thread, [('图书馆暑假几点开门', thread.section, at(thread, 3), at(thread, 2), '已答复'), ('校医院的电话', thread.section, at(thread, 3), at(thread, 2), '已答复')])
        thread.poll()
        thread.now = datetime.datetime(2016, 6, 28, 8, 1, tzinfo=CHINA)
        tap.equal(keys(thread.poll(0), 'pinned_notice/'), [], 'no letter')
        tap.equal(thread.programme.sql("SELECT state FROM outbox WHERE kind = 'pinned_notice'"), [('cancelled',)], 'cancelled')


def read_late():
    """an older report that is read after a newer one does not take back how a row of it reads; a newer one does"""
    with Asking() as thread:
        report = thread.report()

        def send(topic, minutes):
            report['questions'] = [{**report['questions'][0], 'question': topic}]
            thread.send(thread.sender(), '双周报', '见附件', files=[('双周报.docx', material.report_docx(report))], minutes=minutes)
        send('图书馆暑假几点开门', 30)
        thread.poll()
        send('图书馆暑假几点关门', -20)
        thread.poll(30)
        tap.equal(len(thread.revisions()), 2, 'both are kept')
        tap.equal(list(questions(thread)), ['图书馆暑假几点开门'], 'the newer one')
        send('校医院暑假几点开门', 10)
        thread.poll()
        tap.equal(list(questions(thread)), ['校医院暑假几点开门'], 'the newest one')


def verified():
    """verify finds nothing in a sound state, a changed archived message, a changed journal; backup is a copy that verifies"""
    with Asking() as thread:
        log(thread, [('图书馆暑假几点开门', thread.section, at(thread, 2), '', '未答复')])
        thread.poll()
        status, out, _ = thread.programme.run('verify', at=thread.now)
        tap.equal((status, out.startswith('sound')), (0, True), out)
        copy = os.path.join(thread.folder, 'copy.db')
        tap.equal(thread.programme.run('backup', copy, at=thread.now)[0], 0, 'backup')
        tap.equal(thread.programme.run('backup', copy, at=thread.now, check=False)[0] != 0, True, 'never over a file')
        with sqlite3.connect(copy) as db:
            tap.equal(db.execute('SELECT count(*) FROM question').fetchall(), [(1,)], 'copied')
        path, = glob.glob(os.path.join(thread.folder, 'state', 'archive', '**', '*.eml'), recursive=True)
        os.chmod(path, 0o600)
        with open(path, 'r+b') as f:
            f.write(b'X')
        status, out, _ = thread.programme.run('verify', at=thread.now)
        tap.equal((status, 'archived message 1' in out), (1, True), out)
        with sqlite3.connect(thread.programme.database) as db:
            db.execute('DROP TRIGGER journal_is_kept')
            db.execute("UPDATE journal SET event = 'x.y' WHERE id = 2")
        db.close()
        status, out, _ = thread.programme.run('verify', at=thread.now)
        tap.equal((status, 'journal' in out), (1, True), out)


CASES = [by_mail, repeated, nothing_repeats, read_late, verified, urgent_night, urgent_report, whole_life, told_why, known_late, same_across_sources, boundaries, old_question]

if __name__ == '__main__':
    tap.run([case for case in CASES if case.__name__ in sys.argv[1:] or len(sys.argv) == 1])
