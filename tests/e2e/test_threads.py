#!/usr/bin/env python3
"""Threads with people: corrections, withdrawals, what a person decides, what is read again. Each case is a correspondence of mails in
and letters out, on the real program; rows of the database and the letters themselves are looked at."""
import contextlib, datetime, email, email.policy, glob, io, json, os, shutil, subprocess, sys, tempfile, time, zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'support'), os.path.join(HERE, '..', 'servers')]
import material, tap
from programme import CHINA, PROGRAM, Programme, submit
from servers import Dovecot, Exim, Unavailable

GATEWAY = 'youth@example.edu.cn'
LIAISON = ('联络员', 'liaison@example.edu.cn')
FIRST, LAST = datetime.date(2016, 6, 14), datetime.date(2016, 6, 27)


class Thread:
    """A programme whose mailbox and transport are directories; its clock starts in the morning of 24 June 2016."""

    def __init__(self, seed=3, **settings):
        self.folder = tempfile.mkdtemp(prefix='fortnight-threads-')
        draw = material.Draw(seed)
        self.draw, self.organizations = draw, draw.organizations(3)
        self.now = datetime.datetime(2016, 6, 24, 9, 0, tzinfo=CHINA)
        self.first, self.last = FIRST, LAST
        self.programme = Programme(self.folder, self.organizations, 'days_of_month = [13, 27]; first_due = "2016-06-27";', receipt_due='2016-08-20', **settings)
        self.count, self.seen = 0, set()
        self.programme.run('poll', at=self.now)
        self.programme.run('release', at=self.now)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def sender(self, index=0):
        organization = self.organizations[index]
        return organization['liaison_name'], organization['liaison_address']

    def report(self, index=0, **changes):
        return {**self.draw.report(self.organizations[index], self.first, self.last), **changes}

    def send(self, sender, subject, text, answers=None, files=(), quote=True, headers='', minutes=10):
        """A mail arrives minutes later. answers: the letter that it replies to, quoted below as clients do."""
        self.now += datetime.timedelta(minutes=minutes)
        self.count += 1
        message_id = f'thread{self.count}@mail.example.edu.cn'
        if answers is not None:
            headers += f'In-Reply-To: {answers["Message-ID"]}\r\nReferences: {answers["Message-ID"]}\r\n'
            if quote:
                text += f'\n\n------------------ 原始邮件 ------------------\n发件人: "青年之声工作组" <{GATEWAY}>\n发送时间: 2016年6月24日 09:30\n收件人: {sender[1]}\n主题: {answers["Subject"]}\n\n{plain(answers)}'
        data = material.mail(sender, GATEWAY, subject, text, self.now, message_id, files=files, headers=headers)
        self.deliver(sender, data)
        return message_id

    def deliver(self, sender, data):
        path = os.path.join(self.folder, 'mail', f'{self.count:03}.eml')
        with open(path, 'wb') as f:
            f.write(data)
        os.utime(path, (self.now.timestamp(),) * 2)  # what a server would call INTERNALDATE

    def poll(self, minutes=5):
        """One pass; the letters that left, by their keys."""
        self.now += datetime.timedelta(minutes=minutes)
        out = self.programme.run('poll', at=self.now)
        letters = {}
        for path in sorted(glob.glob(os.path.join(self.folder, 'sent', '*'))):
            if path in self.seen:
                continue
            self.seen.add(path)
            with open(path, 'rb') as f:
                letter = email.message_from_binary_file(f, policy=email.policy.default)
            letters[letter['X-Fortnight-Id']] = letter
        self.output = out
        return letters

    def value(self, key, index=0):
        """What is on record for a field of an organization's report."""
        rows = self.programme.sql('SELECT coalesce(f.value_number, f.value_text) FROM current_revision r JOIN field f ON f.revision = r.id JOIN organization o'
                                  ' ON o.id = r.org_id WHERE o.name = ? AND f.key = ? AND r.obligation = ?', self.organizations[index]['name'], key, 'biweekly')
        return rows[0][0] if rows else None

    def revisions(self, index=0):
        return self.programme.sql('SELECT r.number, r.origin FROM revision r JOIN submission s ON s.id = r.submission JOIN organization o ON o.id = s.org_id'
                                  ' WHERE o.name = ? ORDER BY r.number', self.organizations[index]['name'])


class LiveThread(Thread):
    """The same on a real Dovecot and a real Exim, now: mail arrives by SMTP, letters are read in people's mailboxes."""

    def __init__(self, seed=3, **settings):
        self.folder = tempfile.mkdtemp(prefix='fortnight-threads-')
        os.chmod(self.folder, 0o755)
        self.draw = material.Draw(seed)
        self.organizations = self.draw.organizations(3)
        self.people = ['youth', 'leader', 'supervisor', 'coordinator', 'liaison', 'operator', 'secretary'] + ['org%02d' % i for i in (1, 2, 3)]
        users = {p: 'secret' for p in self.people}
        self.stack = contextlib.ExitStack()
        try:
            self.imap = self.stack.enter_context(Dovecot(self.folder, users))
            self.smtp = self.stack.enter_context(Exim(self.folder, lmtp_port=self.imap.lmtp_port, users=users))
        except Unavailable as reason:
            self.__exit__()
            raise tap.Skip(str(reason))
        self.last = datetime.datetime.now(CHINA).date() + datetime.timedelta(days=2)
        self.first = self.last - datetime.timedelta(days=13)
        self.now = datetime.datetime.now(CHINA)
        self.programme = Programme(os.path.join(self.folder, 'programme'), self.organizations, f'days_of_month = [{self.last.day}]; first_due = "{self.last}";',
                                   receipt_due=str(self.last + datetime.timedelta(days=90)), imap=self.imap, smtp=self.smtp, **settings)
        self.count, self.seen = 0, set()
        self.programme.run('poll')
        self.programme.run('release')

    def __exit__(self, *_):
        self.stack.close()
        super().__exit__()

    def stored(self, person):
        folder = self.imap.maildir(person)
        return [p for sub in ('new', 'cur') for p in glob.glob(os.path.join(folder, sub, '*'))] if os.path.isdir(folder) else []

    def deliver(self, sender, data):
        submit(self.smtp, [(sender[1], data)])
        self.wait(lambda: len(self.stored('youth')) == self.count, 'delivery to the gateway')

    @staticmethod
    def wait(condition, what, timeout_s=30):
        end = time.monotonic() + timeout_s
        while not condition():
            if time.monotonic() > end:
                raise AssertionError('never happened: ' + what)
            time.sleep(0.05)

    def poll(self, minutes=0):
        self.output = self.programme.run('poll')
        sent = lambda: self.programme.sql("SELECT count(*) FROM outbox WHERE state = 'sent'")[0][0]
        boxes = lambda: {p for person in self.people if person != 'youth' for p in self.stored(person)}
        self.wait(lambda: len(boxes()) == sent(), 'delivery of the letters')
        letters = {}
        for path in boxes() - self.seen:
            with open(path, 'rb') as f:
                letter = email.message_from_binary_file(f, policy=email.policy.default)
            letters[letter['X-Fortnight-Id']] = letter
        self.seen |= boxes()
        return letters


def live(case):
    """The case with real servers."""
    def run():
        global Thread
        directory, Thread = Thread, LiveThread
        try:
            case()
        finally:
            Thread = directory
    run.__name__ = 'live_' + case.__name__
    run.__doc__ = f'Dovecot and Exim: {case.__doc__}'
    return run


def plain(letter):
    return letter.get_body(('plain',)).get_content()


def only(letters, start):
    """The one letter whose key starts like this."""
    found = [letter for key, letter in letters.items() if key.startswith(start)]
    if len(found) != 1:
        raise AssertionError(f'{len(found)} letters {start}… among {sorted(letters)}')
    return found[0]


def holds(text, *parts):
    for part in parts:
        if part not in text:
            raise AssertionError(f'“{part}” does not stand in:\n{text}')


def lacks(text, *parts):
    for part in parts:
        if part in text:
            raise AssertionError(f'“{part}” stands in:\n{text}')


def number_of(letter, words):
    """The number of the problem whose text holds the words."""
    for line in plain(letter).splitlines():
        number, _, rest = line.strip().partition('. ')
        if number.isdigit() and words in rest:
            return int(number)
    raise AssertionError(f'no numbered problem with {words} in:\n{plain(letter)}')


def submitted(thread, report, files=None, index=0):
    """A report arrives; its acknowledgement."""
    thread.send(thread.sender(index), '双周报', '见附件', files=files or [('双周报.docx', material.report_docx(report))])
    return only(thread.poll(), 'ack/')


# ---- corrections ----------------------------------------------------------------------------------------------------

def by_number():
    """correction by number: 3：36"""
    with Thread() as thread:
        ack = submitted(thread, thread.report(questions_received=30, questions_answered=36, unanswered=0, answered_24h=20))
        number = number_of(ack, '答复数36多于提问数30')
        thread.send(thread.sender(), 'Re: ' + ack['Subject'], f'老师好！\n{number}：２８\n谢谢', answers=ack)
        letter = only(thread.poll(), 'correction/')
        tap.equal(letter['In-Reply-To'], '<thread2@mail.example.edu.cn>', 'In-Reply-To')
        changed = [line for line in plain(letter).splitlines() if '→' in line]
        tap.equal(changed, ['  回答量：36 → 28'], 'one difference')
        holds(letter.get_body(('html',)).get_content(), '回答量', '28')
        tap.equal((thread.value('questions_received'), thread.value('questions_answered')), (30, 28), 'values')
        tap.equal(thread.revisions(), [(1, 'mail'), (2, 'correction')], 'revisions')
        # a second reply, to the letter of correction: its numbers are those of that letter
        number = number_of(letter, '未答复数')
        thread.send(thread.sender(), 'Re: ' + letter['Subject'], f'{number}: 2', answers=letter)
        again = only(thread.poll(), 'correction/')
        holds(plain(again), '未答复数：0 → 2')
        tap.equal(thread.revisions()[-1], (3, 'correction'), 'third revision')


def by_label():
    """correction by label, several lines; a line that means nothing is said so and goes to a person"""
    with Thread() as thread:
        report = thread.report()
        ack = submitted(thread, report)
        received = report['questions_received']
        thread.send(thread.sender(), '回复：' + ack['Subject'], '提问量：%d\n点赞量 777\n评论量：很多很多' % (received + 1), answers=ack)
        letter = only(thread.poll(), 'correction/')
        holds(plain(letter), f'提问量：{received} → {received + 1}', f'点赞量：{report["likes"]} → 777', '“评论量：很多很多”：不是这一项应填的内容')
        tap.equal((thread.value('questions_received'), thread.value('likes'), thread.value('comments')), (received + 1, 777, report['comments']), 'values')
        tap.equal(thread.programme.sql('SELECT code, closed_s FROM review'), [('correction', None)], 'a person looks at the rest')


def not_understood():
    """a reply that means nothing is answered with what to do; a stranger changes nothing"""
    with Thread() as thread:
        report = thread.report()
        ack = submitted(thread, report)
        thread.send(thread.sender(), 'Re: ' + ack['Subject'], '99：12345', answers=ack)
        answer = only(thread.poll(), 'answer/')
        holds(plain(answer), '没有看懂', '3：正确内容')
        thread.send(('某人', 'stranger@example.com'), 'Re: ' + ack['Subject'], '提问量：1', answers=ack)
        tap.equal(thread.poll(), {}, 'letters to a stranger')
        tap.equal(thread.value('questions_received'), report['questions_received'], 'value')
        tap.equal(thread.revisions(), [(1, 'mail')], 'revisions')
        tap.equal(thread.programme.sql('SELECT code FROM review'), [('correction',), ('correction',)], 'both with a person')


def thanks():
    """thanks with the acknowledgement quoted below: no form, no correction"""
    with Thread() as thread:
        report = thread.report()
        ack = submitted(thread, report)
        thread.send(thread.sender(), 'Re: ' + ack['Subject'], '收到，谢谢！', answers=ack)
        thread.poll()
        tap.equal(thread.revisions(), [(1, 'mail')], 'revisions')


def by_form():
    """correction by the form again, as an answer to the acknowledgement and without a period"""
    with Thread() as thread:
        report = thread.report()
        ack = submitted(thread, report)
        changed = {**report, 'likes': report['likes'] + 5}
        pairs = [p for p in material.report_pairs(changed) if p[0] != '汇报周期']
        thread.now = datetime.datetime(2016, 7, 2, 9, 0, tzinfo=CHINA)
        thread.send(thread.sender(), 'Re: ' + ack['Subject'], '改好了，见附件', answers=ack, files=[('双周报（改）.docx', material.docx('青年之声双周报', pairs, [('问题清单', [material.QUESTION_HEAD] + material.question_rows(report))]))])
        letters = thread.poll()
        letter = only(letters, 'correction/')
        holds(plain(letter), f'点赞量：{report["likes"]} → {report["likes"] + 5}')
        tap.equal(thread.programme.sql("SELECT DISTINCT period FROM submission WHERE obligation = 'biweekly'"), [('2016-06-27',)], 'period')
        tap.equal(thread.revisions(), [(1, 'mail'), (2, 'mail')], 'revisions')


def resent_identical():
    """resent identical: recognised, nothing added, a short acknowledgement"""
    with Thread() as thread:
        report = thread.report()
        ack = submitted(thread, report)
        thread.send(thread.sender(), '双周报', '不知道收到没有，再发一次', files=[('双周报.docx', material.report_docx(report))])
        again = only(thread.poll(), 'ack/')
        holds(plain(again), '内容与已登记的相同，没有改动')
        lacks(plain(again), '我们读到的内容', f'点赞量：{report["likes"]}')
        if len(plain(again)) >= len(plain(ack)):
            raise AssertionError('not shorter')
        tap.equal(thread.revisions(), [(1, 'mail')], 'revisions')
        tap.equal(thread.programme.sql('SELECT count(*) FROM resent'), [(1,)], 'resent')


def resent_changed():
    """resent changed: a revision, answered with the difference"""
    with Thread() as thread:
        report = thread.report()
        submitted(thread, report)
        changed = {**report, 'comments': report['comments'] + 1}
        thread.send(thread.sender(), '双周报（更新）', '', files=[('双周报.xlsx', material.report_xlsx(changed))])
        letter = only(thread.poll(), 'correction/')
        holds(plain(letter), f'评论量：{report["comments"]} → {report["comments"] + 1}', '第 2 版')
        tap.equal(thread.value('comments'), report['comments'] + 1, 'value')


def withdrawn():
    """withdrawn by 作废: answered, owed again, reminded again, and good once it comes again"""
    with Thread() as thread:
        report = thread.report()
        ack = submitted(thread, report)
        thread.send(thread.sender(), 'Re: ' + ack['Subject'], '作废', answers=ack)
        answer = only(thread.poll(), 'answer/')
        holds(plain(answer), '已作废', '需要重新报送')
        tap.equal(thread.revisions(), [(1, 'mail'), (2, 'withdrawal')], 'revisions')
        tap.equal(thread.value('likes'), None, 'nothing is current')
        thread.now = datetime.datetime(2016, 6, 26, 9, 30, tzinfo=CHINA)
        holds(' '.join(thread.poll()), 'remind/biweekly/2016-06-27/T-1d/org1')
        thread.send(thread.sender(), '双周报', '', files=[('双周报.docx', material.report_docx(report))])
        only(thread.poll(), 'ack/')
        tap.equal(thread.revisions()[-1], (3, 'mail'), 'it came again')


# ---- what a person decides ------------------------------------------------------------------------------------------

def notice(thread):
    """The review notice of the next full hour."""
    thread.now = thread.now.replace(minute=0) + datetime.timedelta(hours=1)
    return only(thread.poll(1), 'review/')


def entry(letter, words):
    """The number under which a notice lists an entry."""
    current = None
    for line in plain(letter).splitlines():
        head = line.split('. ')[0]
        current = int(head) if head.isdigit() else current
        if words in line and current:
            return current
    raise AssertionError(f'{words} does not stand in:\n{plain(letter)}')


def unknown_confirmed():
    """unknown sender: told once what was read, proposed to the liaison, recorded and learnt by `review accept`"""
    with Thread() as thread:
        report, stranger = thread.report(), ('小张', 'zhang@example.com')
        thread.send(stranger, '双周报', '', files=[('双周报.docx', material.report_docx(report))])
        first = only(thread.poll(), 'ack/unknown/')
        holds(plain(first), '尚未登记', f'点赞量：{report["likes"]}')
        tap.equal(thread.revisions(), [], 'nothing counts yet')
        status, out, _ = thread.programme.run('review', 'list', at=thread.now)
        holds(out, 'zhang@example.com', thread.organizations[0]['name'])
        tap.equal(status, 1, 'something waits')
        status, out, _ = thread.programme.run('review', 'accept', '1', at=thread.now)
        holds(out, '已登记', thread.organizations[0]['name'])
        tap.equal((status, thread.value('likes'), thread.revisions()), (0, report['likes'], [(1, 'mail')]), 'recorded')
        letters = thread.poll()
        tap.equal(sorted((key, letter['To'].addresses[0].addr_spec) for key, letter in letters.items()),
                  [('ack/1', 'zhang@example.com'), ('ack/1/contact', thread.sender()[1])], 'answers')
        # learnt: the next one counts at once; a second person does not displace the first
        thread.send(stranger, '双周报', '', files=[('双周报.docx', material.report_docx({**report, 'likes': 4321}))])
        holds(' '.join(thread.poll()) + ' ', 'correction/2 ', 'correction/2/contact')
        thread.send(('小李', 'li@example.com'), '双周报', '', files=[('双周报.docx', material.report_docx({**report, 'likes': 5}))])
        thread.poll()
        thread.programme.run('review', 'assign', '2', thread.organizations[0]['name'], at=thread.now)
        addresses = thread.programme.sql("SELECT address FROM contact WHERE role LIKE 'sender%' AND until_s IS NULL ORDER BY role")
        tap.equal(addresses, [('zhang@example.com',), ('li@example.com',)], 'who may report')
        tap.equal(thread.programme.run('review', 'list', at=thread.now)[0], 0, 'nothing waits')
        events = [e for (e,) in thread.programme.sql("SELECT event FROM journal WHERE event LIKE 'review.%'")]
        tap.equal(events, ['review.assigned', 'review.assigned'], 'journal')


def review_by_mail():
    """the review notice answered by mail: assign, accept, reject, and what is not possible; only by the liaison"""
    with Thread() as thread:
        report, other = thread.report(0), thread.report(1)
        thread.send(('小张', 'zhang@example.com'), '双周报一', '', files=[('双周报.docx', material.report_docx({**report, 'org': '某某协会'}))])
        thread.send(('小王', 'wang@example.com'), '双周报二', '', files=[('双周报.docx', material.report_docx(other))])
        thread.send(('小赵', 'zhao@example.com'), '广告', '便宜的电脑')
        thread.send(('小钱', 'qian@example.com'), '请问', '请问怎么填表？')
        thread.poll()
        letter = notice(thread)
        one, two, three, four = (entry(letter, w) for w in ('双周报一', '双周报二', '广告', '请问'))
        holds(plain(letter), '编号 归属 组织名称')
        answer = f'{one} 归属 没有的组织\n{one} 归属 {thread.organizations[0]["name"]} 2016-06-27\n{two}：通过\n{three}、拒绝 广告'
        # another's answer to the same letter changes nothing
        thread.send(('小张', 'zhang@example.com'), 'Re: ' + letter['Subject'], answer, answers=letter)
        thread.poll()
        tap.equal((thread.revisions(0), thread.revisions(1)), ([], []), 'not by others')
        thread.send(LIAISON, 'Re: ' + letter['Subject'], answer, answers=letter)
        letters = thread.poll()
        result = only(letters, 'answer/')
        holds(plain(result), '已处理 3 件，共 4 件', f'{one}：名册里没有“没有的组织”', f'{one}：归属{thread.organizations[0]["name"]}，已登记：双周报 2016-06-27',
              f'{two}：归属{thread.organizations[1]["name"]}，已登记', f'{three}：已拒绝')
        tap.equal((thread.value('likes', 0), thread.value('likes', 1)), (report['likes'], other['likes']), 'recorded')
        tap.equal(sorted(letter['To'].addresses[0].addr_spec for key, letter in letters.items() if key.startswith('ack/')),
                  [thread.sender(0)[1], thread.sender(1)[1], 'wang@example.com', 'zhang@example.com'], 'acknowledged')
        tap.equal(thread.programme.sql("SELECT id FROM review WHERE closed_s IS NULL AND id <= ?", four), [(four,)], 'what waits')
        tap.equal(thread.programme.sql('SELECT state FROM message WHERE subject = ?', '广告'), [('ignored',)], 'rejected')
        thread.send(LIAISON, 'Re: ' + letter['Subject'], f'{four} accept', answers=letter)
        holds(plain(only(thread.poll(), 'answer/')), f'{four}：已登记为提问，转交答复')
        thread.send(LIAISON, 'Re: ' + letter['Subject'], '好的，我看看', answers=letter)
        holds(plain(only(thread.poll(), 'answer/')), '没有看懂', '3 归属 组织名称')


def labels_by_mail():
    """labels taught in the answer to the review notice, by name and by number; only by the liaison; the next report is read with them"""
    with Thread() as thread:
        strange = {'点赞量': '同学互动热度指数', '存在问题': '甲类杂记'}
        reports = [thread.report(i) for i in range(3)]
        send = lambda i: thread.send(thread.sender(i), '双周报', '', files=[('双周报.docx', material.docx('青年之声双周报', [(strange.get(label, label), value) for label, value in material.report_pairs(reports[i])]))])
        send(0)
        thread.send(('小赵', 'zhao@example.com'), '广告', '便宜的电脑')
        thread.poll()
        tap.equal(thread.value('likes'), None, 'not understood at first')
        letter = notice(thread)
        holds(plain(letter), '同学互动热度指数（', '没有登记', '标签 名称 = 项目')
        number = lambda label: next(line.strip().split('.')[0] for line in plain(letter).splitlines() if f'. {label}（' in line)
        numbers = {label: number(label) for label in strange.values()}
        # neither another's answer nor a letter of one's own teaches anything
        answer = f'标签 同学互动热度指数 ＝ 点赞量\n{numbers["甲类杂记"]} = 存在问题\n'
        thread.send(thread.sender(1), 'Re: ' + letter['Subject'], answer, answers=letter)
        thread.send(LIAISON, '标签', answer)
        thread.poll()
        learnt = lambda: {(l['label'], l['field']) for l in json.loads(thread.programme.run('labels', 'list', '--json', at=thread.now)[1])['learnt']}
        tap.equal(learnt(), set(), 'by nobody else')
        thread.send(LIAISON, 'Re: ' + letter['Subject'], answer + '标签 同学互动热度指数 = 点赞总书\n99 = 点赞量\n标签 微信关注 = 学生骨干点赞量\n标签 回答量 = 学生骨干点赞量\n标签 乙类杂记 = 点赞量', answers=letter)
        result = plain(only(thread.poll(), 'answer/'))
        holds(result, '已处理 3 件，共 7 件', '“同学互动热度指数”今后读作“点赞量”', '“甲类杂记”今后读作', '没有“点赞总书”这一项；相近的有：点赞', '99：提醒里没有这个编号', '“回答量”：按表格的定义，这个名称是另一项', '“乙类杂记”：几种表格都有“点赞量”')
        tap.equal({label for label, _ in learnt()}, {'同学互动热度指数', '甲类杂记', '微信关注'}, 'learnt')
        for i in (1, 2):
            send(i)
        thread.poll()
        tap.equal([thread.value('likes', i) for i in range(3)], [None, reports[1]['likes'], reports[2]['likes']], 'read from now on')
        # taken back: by its label, or by nobody's mistake
        thread.send(LIAISON, 'Re: ' + letter['Subject'], '标签 同学互动热度指数 = 无\n标签 从未教过 = 无', answers=letter)
        holds(plain(only(thread.poll(), 'answer/')), '“同学互动热度指数”今后不再另作解释', '“从未教过”：没有人教过这个名称', '已处理 1 件，共 2 件')
        tap.equal({label for label, _ in learnt()}, {'甲类杂记', '微信关注'}, 'forgotten')
        thread.first, thread.last = datetime.date(2016, 6, 28), datetime.date(2016, 7, 13)
        thread.now = datetime.datetime(2016, 7, 12, 9, 0, tzinfo=CHINA)
        reports[1] = thread.report(1)
        send(1)
        only(thread.poll(), 'ack/')
        found = thread.programme.sql("SELECT count(*) FROM current_revision r JOIN field f ON f.revision = r.id WHERE r.period = '2016-07-13' AND f.key = 'likes'")
        tap.equal(found, [(0,)], 'not read so any more')


def labels_alone():
    """strange labels are all that is odd: they stand in a notice of the next full hour, once a day, each once; one that is taught before is not told"""
    with Thread() as thread:
        send = lambda i, strange: thread.send(thread.sender(i), '双周报', '', files=[('双周报.docx', material.docx('青年之声双周报', [(strange.get(label, label), value) for label, value in material.report_pairs(thread.report(i))]))])
        send(0, {'点赞量': '同学互动热度指数'})
        only(thread.poll(), 'ack/')
        letter = notice(thread)
        tap.equal((letter['X-Fortnight-Id'], letter['To'].addresses[0].addr_spec), ('review/labels/2016-06-24', LIAISON[1]), 'key and addressee')
        holds(letter['Subject'], '表格里有新的项目名称')
        holds(plain(letter), '同学互动热度指数（', '没有登记', '标签 名称 = 项目')
        lacks(plain(letter), '有 0 件', '归属 组织名称', 'fortnight review list')
        lacks(letter.get_body(('html',)).get_content(), '有 0 件', '0 件', '归属 组织名称')
        # the same again says nothing new; another one the same day waits for the next
        send(1, {'点赞量': '同学互动热度指数', '评论量': '同学互动冷度指数'})
        thread.poll()
        lacks(' '.join(thread.poll(minutes=70)), 'review/')
        thread.now = datetime.datetime(2016, 6, 25, 9, 0, tzinfo=CHINA)
        letter = only(thread.poll(), 'review/')
        tap.equal(letter['X-Fortnight-Id'], 'review/labels/2016-06-25', 'the next day')
        holds(plain(letter), '同学互动冷度指数')
        # taught before the hour is over: nothing is left to tell
        send(2, {'转发量': '同学互动温度指数'})
        thread.poll()
        thread.programme.run('labels', 'teach', 'biweekly', 'reposts', '同学互动温度指数', at=thread.now)
        thread.programme.run('labels', 'teach', 'biweekly', 'likes', '同学互动热度指数', at=thread.now)
        thread.programme.run('labels', 'teach', 'biweekly', 'comments', '同学互动冷度指数', at=thread.now)
        thread.now = datetime.datetime(2016, 6, 26, 12, 0, tzinfo=CHINA)
        lacks(' '.join(thread.poll()), 'review/')
        tap.equal(thread.programme.sql('SELECT count(*) FROM met_label WHERE told_s IS NULL'), [(0,)], 'none left')


def taught_to_daemon():
    """Dovecot, Exim and a running gateway: labels taught by mail count from the next mail on, without a restart"""
    with LiveThread() as thread:
        strange = {'点赞量': '同学互动热度指数', '评论量': '同学互动冷度指数'}
        reports = [thread.report(i) for i in range(3)]
        pairs = lambda i: [(strange.get(label, label), value) for label, value in material.report_pairs(reports[i])]
        send = lambda i: thread.send(thread.sender(i), '双周报', '', files=[('双周报.docx', material.docx('青年之声双周报', pairs(i)))])
        figures = lambda i: (thread.value('likes', i), thread.value('comments', i))
        send(0)
        thread.send(('小赵', 'zhao@example.com'), '广告', '便宜的电脑')
        thread.poll()
        tap.equal(figures(0), (None, None), 'not understood at first')
        at = thread.now.replace(minute=1) + datetime.timedelta(hours=2)
        daemon = subprocess.Popen([PROGRAM, 'run', '--config', thread.programme.config, '--at', at.strftime('%Y-%m-%dT%H:%M')],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            def arrived(start):
                def found():
                    for path in thread.stored('liaison'):
                        with open(path, 'rb') as f:
                            letter = email.message_from_binary_file(f, policy=email.policy.default)
                        if letter['X-Fortnight-Id'].startswith(start):
                            return letter
                thread.wait(found, start)
                return found()
            letter = arrived('review/')
            readers = lambda: open(f'/proc/{daemon.pid}/task/{daemon.pid}/children').read().split()
            before = readers()
            thread.send(LIAISON, 'Re: ' + letter['Subject'], '标签 同学互动热度指数 = 点赞量', answers=letter)
            holds(plain(arrived('answer/')), '“同学互动热度指数”今后读作“点赞量”')
            answers = len(thread.stored('liaison'))
            send(1)
            thread.wait(lambda: thread.value('reposts', 1) is not None, 'the second report')
            tap.equal(figures(1), (reports[1]['likes'], None), 'taught by mail')
            tap.equal(thread.programme.run('labels', 'teach', 'biweekly', 'comments', '同学互动冷度指数', check=False)[0], 75, 'a command waits for the gateway to stand still')
            thread.send(LIAISON, 'Re: ' + letter['Subject'], '标签 同学互动冷度指数 = 评论量', answers=letter)
            thread.wait(lambda: len(thread.stored('liaison')) > answers, 'the second answer')
            send(2)
            thread.wait(lambda: thread.value('reposts', 2) is not None, 'the third report')
            tap.equal(figures(2), (reports[2]['likes'], reports[2]['comments']), 'taught once more')
            tap.equal(readers(), before, 'the same processes')
            daemon.terminate()
            tap.equal(daemon.wait(timeout=30), 0, 'exit status')
        finally:
            if daemon.poll() is None:
                daemon.kill()
                daemon.wait()


def roster_commands():
    """roster: import csv and xlsx, rename, alias, merge, suspend, exempt, export, roles"""
    with Thread() as thread:
        run = lambda *arguments: thread.programme.run('orgs', *arguments, at=thread.now)
        first, second, third = (o['name'] for o in thread.organizations)
        with open(os.path.join(thread.folder, 'more.csv'), 'wb') as f:
            f.write('name,section,aliases,liaison_name,liaison_address\n天文社,校园文化,天文协会；星空社,丁一,star@example.edu.cn\n'.encode('gb18030'))
        with open(os.path.join(thread.folder, 'more.xlsx'), 'wb') as f:
            f.write(material.xlsx([['name', 'section'], ['围棋社', '校园文化'], ['天文协会分社', '']]))
        holds(run('import', os.path.join(thread.folder, 'more.csv'))[1], '1 organizations')
        holds(run('import', os.path.join(thread.folder, 'more.xlsx'))[1], '2 organizations')
        for arguments in (('rename', first, '新名学生会'), ('add-alias', second, '二号'), ('merge', '天文协会分社', '星空社'), ('suspend', '围棋社'), ('exempt', '二号', '2016-06-27', '外出实习')):
            tap.equal(run(*arguments)[0], 0, ' '.join(arguments))
        tap.equal(run('rename', first, '新名学生会')[0], 0, 'the old name is still known')
        tap.equal(thread.programme.run('orgs', 'suspend', '没有的', check=False)[0], 2, 'unknown')
        listed = {o['name']: o for o in json.loads(run('list', '--json')[1])}
        tap.equal(sorted(listed), sorted(['新名学生会', second, third, '天文社', '围棋社']), 'names')
        tap.equal((listed['围棋社']['suspended'], first in listed['新名学生会']['aliases'], '天文协会分社' in listed['天文社']['aliases']), (True, True, True), 'states')
        status = thread.programme.run('status', '2016-06-27', at=thread.now)[1]
        holds(status, '免报', '暂停')
        exported = run('export')[1]
        holds(exported, '新名学生会', 'star@example.edu.cn')
        with open(os.path.join(thread.folder, 'again.csv'), 'w', encoding='utf-8', newline='') as f:
            f.write(exported)
        holds(run('import', os.path.join(thread.folder, 'again.csv'))[1], '5 organizations')
        tap.equal(len(json.loads(run('list', '--json')[1])), 5, 'nothing doubled')
        holds(thread.programme.run('roles')[1], 'coordinator', 'star@example.edu.cn')


# ---- read again -----------------------------------------------------------------------------------------------------

def replayed():
    """replay after a label is taught: the difference, the revision, and no letter"""
    with Thread() as thread:
        report = thread.report()
        pairs = [('同学互动热度指数', value) if label == '点赞量' else (label, value) for label, value in material.report_pairs(report)]
        submitted(thread, report, files=[('双周报.docx', material.docx('青年之声双周报', pairs))])
        other = thread.report(1)
        submitted(thread, other, index=1)
        tap.equal(thread.value('likes'), None, 'not understood at first')
        strange = json.loads(thread.programme.run('labels', 'list', '--json', at=thread.now)[1])['strange']
        tap.equal([(s['form'], s['label'], s['count']) for s in strange if s['label'] == '同学互动热度指数'], [('biweekly', '同学互动热度指数', 1)], 'labels list')
        holds(thread.programme.run('replay', '--diff', at=thread.now)[1], '2 the same, 0 differ')
        for wrong in (('biweekly', 'nothing', '甲'), ('biweekly', 'likes', '回答量'), ('nothing', 'likes', '甲')):
            tap.equal(thread.programme.run('labels', 'teach', *wrong, at=thread.now, check=False)[0], 2, str(wrong))
        thread.programme.run('labels', 'teach', 'biweekly', 'likes', '同学互动热度指数', at=thread.now)
        out = thread.programme.run('replay', '--diff', at=thread.now)[1]
        holds(out, '1 the same, 1 differ', thread.organizations[0]['name'], '点赞量', str(report['likes']))
        lacks(out, thread.organizations[1]['name'])
        tap.equal((thread.value('likes'), thread.revisions()), (None, [(1, 'mail')]), 'a look changes nothing')
        holds(thread.programme.run('replay', '--apply', at=thread.now)[1], '1 recorded as revisions')
        tap.equal((thread.value('likes'), thread.revisions()), (report['likes'], [(1, 'mail'), (2, 'replay')]), 'applied')
        tap.equal(thread.revisions(1), [(1, 'mail')], 'the other is left alone')
        holds(thread.programme.run('replay', '--apply', at=thread.now)[1], '2 the same, 0 differ', '0 recorded')
        tap.equal(sorted(k for k in thread.poll() if not k.startswith('review')), [], 'letters')
        # the daemon reads with it too
        thread.send(thread.sender(2), '双周报', '', files=[('双周报.docx', material.docx('青年之声双周报', [('同学互动热度指数', 12) if label == '点赞量' else (label, value) for label, value in material.report_pairs(thread.report(2))]))])
        thread.poll()
        tap.equal(thread.value('likes', 2), 12, 'learnt')
        thread.programme.run('labels', 'forget', 'biweekly', '同学互动热度指数', at=thread.now)
        holds(thread.programme.run('replay', '--diff', at=thread.now)[1], '2 differ')


def split():
    """a form split over two mails: together they are one report"""
    with Thread() as thread:
        report = thread.report()
        pairs = material.report_pairs(report)
        first = [p for p in pairs if p[0] not in ('回答量', '未答复数', '存在问题')]
        second = [p for p in pairs if p[0] in ('组织名称', '汇报周期', '回答量', '未答复数', '存在问题')]
        ack = submitted(thread, report, files=[('双周报（一）.docx', material.docx('青年之声双周报', first))])
        number_of(ack, '回答量')
        thread.send(thread.sender(), '双周报（续）', '昨天漏了一部分', files=[('双周报（二）.docx', material.docx('青年之声双周报', second, [('问题清单', [material.QUESTION_HEAD] + material.question_rows(report))]))])
        letter = only(thread.poll(), 'correction/')
        holds(plain(letter), f'回答量：（空） → {report["questions_answered"]}')
        lacks(plain(letter), '→ （空）', '没有找到')
        for key in ('questions_received', 'questions_answered', 'likes', 'unanswered', 'issues'):
            tap.equal(thread.value(key), report[key], key)
        tap.equal(thread.programme.sql("SELECT count(*) FROM table_row t JOIN current_revision r ON r.id = t.revision WHERE t.name = 'questions'"), [(len(report['questions']),)], 'rows')


def forwarded():
    """forwarded by the organization's secretary: counts for it, copy to the contact; the secretary may correct it too"""
    with Thread() as thread:
        organization = thread.organizations[0]
        organization['secretary_address'] = 'secretary@example.edu.cn'
        thread.programme.write_roster([{**{'secretary_address': ''}, **o} for o in thread.organizations])
        report = thread.report()
        text = f'请查收。\n\n---------- 转发邮件信息 ----------\n发件人：{organization["liaison_name"]} <{organization["liaison_address"]}>\n发送日期：2016-06-24 08:00:00\n收件人：秘书\n主题：双周报\n\n见附件'
        thread.send(('秘书', 'secretary@example.edu.cn'), '转发：双周报', text, files=[('双周报.docx', material.report_docx(report))])
        letters = thread.poll()
        ack, copy = letters['ack/1'], letters['ack/1/contact']
        tap.equal((ack['To'].addresses[0].addr_spec, copy['To'].addresses[0].addr_spec), ('secretary@example.edu.cn', organization['liaison_address']), 'to')
        holds(plain(copy), '抄送给您')
        tap.equal(thread.value('likes'), report['likes'], 'value')
        thread.send(('秘书', 'secretary@example.edu.cn'), 'Re: ' + ack['Subject'], '点赞量：1', answers=ack)
        holds(' '.join(thread.poll()), 'correction/2')
        tap.equal(thread.value('likes'), 1, 'corrected')


def drift():
    """drift: forms that suddenly say less raise one alert a period"""
    with Thread() as thread:
        for index in range(3):
            submitted(thread, thread.report(index), index=index)
        thread.now = datetime.datetime(2016, 7, 10, 9, 0, tzinfo=CHINA)
        alerts = []
        for index in range(3):
            report = {**thread.report(index), 'first': datetime.date(2016, 6, 28), 'last': datetime.date(2016, 7, 13)}
            pairs = [(label if i < 8 else f'第{"甲乙丙丁戊己庚辛壬癸子丑"[i - 8]}类', value) for i, (label, value) in enumerate(material.report_pairs(report))]
            thread.send(thread.sender(index), '双周报', '', files=[('双周报.docx', material.docx('青年之声双周报', pairs))])
            alerts += [letter for key, letter in thread.poll().items() if key.startswith('alert/')]
        tap.equal([(a['X-Fortnight-Id'], a['To'].addresses[0].addr_spec) for a in alerts], [('alert/drift/biweekly/2016-07-13', 'operator@example.edu.cn')], 'alert')
        holds(plain(alerts[0]), 'fortnight labels', '上一期为')


def several_organizations():
    """a secretary's mail with three reports: a submission and an acknowledgement each; a correction reaches the right one"""
    with Thread() as thread:
        for organization in thread.organizations:
            organization['liaison_address'] = 'office@example.edu.cn'
        thread.programme.write_roster(thread.organizations)
        thread.poll()
        reports = [thread.report(i) for i in range(3)]
        thread.send(('团委办公室', 'office@example.edu.cn'), '本期双周报汇总', '三个组织的双周报见附件。',
                    files=[(r['org'] + '.docx', material.report_docx(r)) for r in reports])
        letters = thread.poll()
        acks = [letter for key, letter in letters.items() if key.startswith('ack/') and '/contact' not in key]
        tap.equal(len(acks), 3, 'acknowledgements')
        for i, report in enumerate(reports):
            tap.equal(thread.value('likes', i), report['likes'], report['org'])
            tap.equal(sum(report['org'] in plain(letter) for letter in acks), 1, 'an acknowledgement of ' + report['org'])
        tap.equal(thread.programme.sql('SELECT count(*) FROM review'), [(0,)], 'nothing waits')
        second = next(letter for letter in acks if reports[1]['org'] in plain(letter))
        thread.send(('团委办公室', 'office@example.edu.cn'), 'Re: ' + second['Subject'], '点赞量：4321', answers=second, minutes=90)
        only(thread.poll(), 'correction/')
        tap.equal([thread.value('likes', i) for i in range(3)], [reports[0]['likes'], 4321, reports[2]['likes']], 'likes')


def several_periods():
    """two reports of one organization for two periods in one mail, and a receipt with a report"""
    with Thread() as thread:
        thread.now = datetime.datetime(2016, 7, 12, 9, 0, tzinfo=CHINA)
        first = thread.report()
        second = {**thread.draw.report(thread.organizations[0], datetime.date(2016, 6, 28), datetime.date(2016, 7, 13))}
        receipt = material.receipt_docx({**thread.organizations[0], 'advisor_address': 'advisor@example.edu.cn'}, 12, [])
        thread.send(thread.sender(), '补报与本期双周报', '见附件', files=[('双周报6.27.docx', material.report_docx(first)), ('双周报7.13.docx', material.report_docx(second)),
                                                              ('联系回执表.docx', receipt)])
        letters = thread.poll()
        tap.equal(len([k for k in letters if k.startswith('ack/') and '/contact' not in k]), 3, 'acknowledgements')
        found = thread.programme.sql("SELECT s.obligation, s.period, f.value_number FROM current_revision r JOIN submission s ON s.id = r.submission LEFT JOIN field f ON f.revision = r.id"
                                     " AND f.key = 'likes' ORDER BY 1, 2")
        tap.equal(found, [('biweekly', '2016-06-27', first['likes']), ('biweekly', '2016-07-13', second['likes']), ('receipt', '2016-08-20', None)], 'submissions')


def versions():
    """two versions of one report in a mail: the newer counts, and the sender is told of the other"""
    with Thread() as thread:
        report = thread.report()
        new = {**report, 'likes': report['likes'] + 7}
        ack = submitted(thread, report, files=[('双周报(2).docx', material.report_docx(new)), ('双周报.docx', material.report_docx(report))])
        tap.equal(thread.value('likes'), new['likes'], 'likes')
        holds(plain(ack), '“双周报.docx”是同一期的另一份，内容不同：以“双周报(2).docx”为准')
        tap.equal(thread.revisions(), [(1, 'mail')], 'revisions')
        # the same twice says nothing
        thread.send(thread.sender(1), '双周报', '', files=[('a.docx', material.report_docx(thread.report(1)))])
        again = only(thread.poll(), 'ack/')
        lacks(plain(again), '另一份')


def without_thread():
    """corrections whose client dropped In-Reply-To: taken where only one report can be meant, else a person decides"""
    with Thread() as thread:
        report = thread.report(questions_received=30, questions_answered=36, unanswered=0, answered_24h=20)
        ack = submitted(thread, report)
        number = number_of(ack, '答复数36多于提问数30')
        thread.send(thread.sender(), 'Re: ' + ack['Subject'], f'老师好\n{number}：28')
        holds(plain(only(thread.poll(), 'correction/')), '回答量：36 → 28')
        thread.send(thread.sender(), '双周报更正', '点赞量：4321\n谢谢')
        holds(plain(only(thread.poll(), 'correction/')), '→ 4321')
        # a stranger has no acknowledgement, a number that none has means nothing
        thread.send(('某人', 'stranger@example.com'), '更正', '点赞量：1')
        thread.send(thread.sender(), '更正', '77：5')
        thread.poll()
        tap.equal((thread.value('likes'), thread.value('questions_answered')), (4321, 28), 'values')
        tap.equal(thread.programme.sql("SELECT count(*) FROM review WHERE code = 'correction'"), [(2,)], 'a person decides')
        # two reports without problems: nobody can tell which is meant
        thread.now = datetime.datetime(2016, 7, 1, 9, 0, tzinfo=CHINA)
        first = thread.report(1)
        acks = [submitted(thread, r, index=1) for r in (first, {**first, 'first': datetime.date(2016, 6, 28), 'last': datetime.date(2016, 7, 13), 'likes': first['likes'] + 1})]
        for ack in acks:
            lacks(plain(ack), '1. ')
        thread.send(thread.sender(1), '更正', '点赞量：999')
        thread.poll()
        found = thread.programme.sql("SELECT count(*) FROM current_revision r JOIN field f ON f.revision = r.id WHERE f.key = 'likes' AND f.value_number = 999")
        tap.equal(found, [(0,)], 'nothing was guessed')


def withdrawn_without_thread():
    """作废 in a mail of its own: by the reference in the subject or in the text, or where only one report can be meant; else the sender is asked which"""
    with Thread() as thread:
        report = thread.report()
        submitted(thread, report)
        # a stranger has nothing to withdraw
        thread.send(('某人', 'stranger@example.com'), '作废', '作废')
        tap.equal(thread.poll(), {}, 'letters to a stranger')
        thread.send(thread.sender(), '作废', '')
        holds(plain(only(thread.poll(), 'answer/')), '已作废')
        tap.equal(thread.revisions(), [(1, 'mail'), (2, 'withdrawal')], 'the only report')
        thread.send(thread.sender(), '作废', '作废')
        holds(plain(only(thread.poll(), 'answer/')), '没有可以作废的报送', '回执')
        # two reports: asked which, nothing changed; then by the reference that the answer names
        thread.now = datetime.datetime(2016, 7, 1, 9, 0, tzinfo=CHINA)
        first = thread.report(1)
        acks = [submitted(thread, r, index=1) for r in (first, {**first, 'first': datetime.date(2016, 6, 28), 'last': datetime.date(2016, 7, 13), 'likes': first['likes'] + 1})]
        references = [ack['Subject'].rsplit('[', 1)[1].rstrip(']') for ack in acks]
        thread.send(thread.sender(1), '撤回', '作废')
        answer = plain(only(thread.poll(), 'answer/'))
        holds(answer, '您要改的是哪一份', *(f'编号 {r}' for r in references), '2016-06-27', '2016-07-13')
        tap.equal(thread.revisions(1), [(1, 'mail'), (1, 'mail')], 'nothing was guessed')
        thread.send(thread.sender(1), '作废', f'作废 {references[0]} {references[1]}')
        holds(plain(only(thread.poll(), 'answer/')), '您要改的是哪一份')
        # somebody else knows the reference and gets nothing done
        thread.send(thread.sender(2), '作废', f'作废 {references[0]}')
        holds(plain(only(thread.poll(), 'answer/')), '没有可以作废的报送')
        thread.send(thread.sender(1), '作废', f'作废 {references[0]}')
        holds(plain(only(thread.poll(), 'answer/')), '已作废', '2016-06-27')
        thread.send(thread.sender(1), 'Re: ' + acks[1]['Subject'], '点赞量：999')
        holds(plain(only(thread.poll(), 'correction/')), '→ 999')
        thread.send(thread.sender(1), 'Re: ' + acks[1]['Subject'], '作废')
        holds(plain(only(thread.poll(), 'answer/')), '已作废', '2016-07-13')
        tap.equal(sorted(thread.revisions(1)), [(1, 'mail'), (1, 'mail'), (2, 'correction'), (2, 'withdrawal'), (3, 'withdrawal')], 'revisions')


def replayed_legacy():
    """replay reads .doc, .rtf and .xls through LibreOffice as the first reading did; a label taught since then is found in all three"""
    if not shutil.which('soffice'):
        raise tap.Skip('LibreOffice is not installed')
    with Thread() as thread:
        reports = [thread.report(i) for i in range(3)]
        for report, old, new, make in zip(reports, ('doc', 'rtf', 'xls'), ('docx', 'docx', 'xlsx'), (material.report_docx, material.report_docx, material.report_xlsx)):
            data = renamed(make(report), '点赞量', '同学互动热度指数')
            with open(os.path.join(thread.folder, f'{old}.{new}'), 'wb') as f:
                f.write(data)
            subprocess.run(['soffice', '--headless', f'-env:UserInstallation=file://{thread.folder}/writer', '--convert-to', old, '--outdir', thread.folder,
                            os.path.join(thread.folder, f'{old}.{new}')], check=True, capture_output=True, timeout=120)
            with open(os.path.join(thread.folder, f'{old}.{old}'), 'rb') as f:
                thread.send(thread.sender(reports.index(report)), '双周报', '见附件', files=[(f'双周报.{old}', f.read())])
        thread.poll()
        tap.equal([thread.value('questions_received', i) for i in range(3)], [r['questions_received'] for r in reports], 'read at first')
        tap.equal([thread.value('likes', i) for i in range(3)], [None] * 3, 'not understood at first')
        holds(thread.programme.run('replay', '--diff', at=thread.now)[1], '3 the same, 0 differ')
        thread.programme.run('labels', 'teach', 'biweekly', 'likes', '同学互动热度指数', at=thread.now)
        holds(thread.programme.run('replay', '--apply', at=thread.now)[1], '0 the same, 3 differ', '3 recorded as revisions')
        tap.equal([thread.value('likes', i) for i in range(3)], [r['likes'] for r in reports], 'read again')
        tap.equal([thread.revisions(i) for i in range(3)], [[(1, 'mail'), (2, 'replay')]] * 3, 'revisions')


def renamed(data, old, new):
    """An office document in which one text stands for another."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as target:
        for item in source.infolist():
            content = source.read(item)
            target.writestr(item, content.replace(f'>{old}<'.encode(), f'>{new}<'.encode()) if item.filename.endswith('.xml') else content)
    return out.getvalue()


CASES = [by_number, without_thread, withdrawn_without_thread, replayed_legacy, several_organizations, several_periods, versions, by_label, not_understood, thanks, by_form, resent_identical, resent_changed, withdrawn, unknown_confirmed, review_by_mail, labels_by_mail, labels_alone, roster_commands, replayed, split, forwarded, drift,
         live(by_number), live(by_label), live(resent_changed), taught_to_daemon]

if __name__ == '__main__':
    tap.run([case for case in CASES if case.__name__ in sys.argv[1:] or len(sys.argv) == 1])
