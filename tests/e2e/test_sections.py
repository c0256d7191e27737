#!/usr/bin/env python3
"""Section heads and advisors: digests on the evening of the due day, approval and return by reply, on the real program, its letters and its
database."""
import datetime, json, os, shutil, sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'support'), os.path.join(HERE, '..', 'servers'), HERE]
import tap
from programme import CHINA
from test_threads import Thread, holds, lacks, only, plain, submitted

SECTION_HEAD = ('板块长', 'head@example.edu.cn')
EVENING = datetime.datetime(2016, 6, 27, 20, 0, tzinfo=CHINA)


class Sections(Thread):
    """All three organizations in one section with a head, and one advisor; a digest at 20:00 of the due day."""

    def __init__(self, **settings):
        super().__init__(letters='quiet_from = "22:00"; quiet_to = "07:00"; approve_summary = "never";', **settings)
        head = f'roles = (\n  {{ role = "section_head"; name = "{SECTION_HEAD[0]}"; address = "{SECTION_HEAD[1]}"; section = "生活"; }},\n'
        self.change(('roles = (\n', head), ('    summary = {', '    digest = { days = 0; time = "20:00"; };\n    summary = {'))
        for organization in self.organizations:
            organization.update(section='生活', advisor_name='导师', advisor_address='advisor@example.edu.cn')
        self.programme.write_roster(self.organizations)

    def change(self, *pairs):
        with open(self.programme.config, encoding='utf-8') as f:
            text = f.read()
        for old, new in pairs:
            tap.equal(text.count(old) >= 1, True, f'“{old}” in the configuration')
            text = text.replace(old, new, 1)
        with open(self.programme.config, 'w', encoding='utf-8') as f:
            f.write(text)

    def poll_at(self, instant):
        return self.poll((instant - self.now).total_seconds() / 60)

    def answer(self, letter, text, sender=SECTION_HEAD):
        self.send(sender, 'Re: ' + letter['Subject'], text, answers=letter)
        return self.poll()

    def verdicts(self):
        return dict(self.programme.sql('SELECT o.name, s.verdict FROM submission s JOIN organization o ON o.id = s.org_id'))

    def names(self):
        return [organization['name'] for organization in self.organizations]


def to(letter):
    return letter['To'].addresses[0].addr_spec


def whole_life():
    """digest to head and advisor; one approved, one returned with a reason that its organization gets and corrects; marks in status and summary"""
    with Sections() as thread:
        first, second, third = thread.names()
        report = thread.report(0, questions_received=30, questions_answered=36, unanswered=0, answered_24h=20)
        submitted(thread, report)
        submitted(thread, thread.report(1), index=1)
        letters = thread.poll_at(EVENING)
        digest, advisor = only(letters, 'section_digest/'), only(letters, 'advisor_digest/')
        tap.equal((to(digest), to(advisor)), (SECTION_HEAD[1], 'advisor@example.edu.cn'), 'addressees')
        holds(plain(digest), '生活板块双周报', '应交 3，已交 2，未交 1', f'1. {first}（未审核）', f'2. {second}（未审核）', third, '答复数36多于提问数30', '提问量 30', '退回 2')
        holds(plain(advisor), f'1. {first}（未审核）', '答复数36多于提问数30', third, '尚未收到，请提醒')
        lacks(plain(advisor), '直接回复本邮件审核')
        holds(digest.get_body(('html',)).get_content(), '未审核', first)
        letters = thread.answer(digest, '通过 2\n退回 1：回答量大于提问量，请核对\n并补上附表')
        holds(plain(only(letters, 'answer/')), f'{second}：已审核', f'{first}：已退回')
        returned = only(letters, 'returned/')
        tap.equal(to(returned), thread.sender(0)[1], 'the organization is told')
        holds(plain(returned), '板块长', '回答量大于提问量，请核对', '并补上附表', '仍然有效')
        tap.equal(thread.verdicts(), {first: 'returned', second: 'approved'}, 'verdicts')
        tap.equal(thread.programme.sql('SELECT verdict, by_address, number FROM verdict ORDER BY id'),
                  [('approved', SECTION_HEAD[1], 1), ('returned', SECTION_HEAD[1], 1)], 'who said what of which revision')
        _, output, _ = thread.programme.run('status', '2016-06-27', at=thread.now)
        holds(output, '已审核', '已退回')
        # corrected by reply to the letter: judged anew, and told to the head
        thread.send(thread.sender(0), 'Re: ' + returned['Subject'], '回答量：28', answers=returned)
        holds(plain(only(thread.poll(), 'correction/')), '回答量：36 → 28')
        tap.equal(thread.verdicts(), {first: None, second: 'approved'}, 'judged anew')
        letters = thread.poll_at(EVENING + datetime.timedelta(hours=1))
        later = only(letters, 'section_later/')
        holds(plain(later), '还没有审核', first)
        lacks(plain(later), second)
        rows = json.loads(thread.programme.run('status', '2016-06-27', '--json', at=thread.now)[1])['rows']
        tap.equal([row['approval'] for row in rows], ['pending', 'approved', None], 'marks')
        summary = [letter for key, letter in thread.poll_at(EVENING + datetime.timedelta(hours=12)).items() if key.startswith('summary/')]
        holds(plain(summary[0]), f'已审核 1  未审核 1  已退回 0（未审核：{first}）')
        thread.answer(later, '通过')
        tap.equal(thread.verdicts(), {first: 'approved', second: 'approved'}, 'all reviewed')
        holds(thread.programme.run('verify')[1], 'journal')


def only_the_head():
    """nobody else approves: another address, a copy of the digest passed on, one who is head no more; no word is answered with how to write it"""
    with Sections() as thread:
        submitted(thread, thread.report(0))
        digest = only(thread.poll_at(EVENING), 'section_digest/')
        thread.answer(digest, '通过', sender=('别人', 'other@example.com'))
        thread.answer(digest, '通过', sender=thread.sender(0))
        tap.equal(set(thread.verdicts().values()), {None}, 'nobody else')
        holds(plain(only(thread.answer(digest, '请问附件在哪里？'), 'answer/')), '没有看懂', '退回 2：理由')
        holds(plain(only(thread.answer(digest, '退回'), 'answer/')), '退回需要写明理由')
        holds(plain(only(thread.answer(digest, '通过 7'), 'answer/')), '这个编号没有报送')
        tap.equal(set(thread.verdicts().values()), {None}, 'nothing was changed')
        thread.change((f'address = "{SECTION_HEAD[1]}"', 'address = "new@example.edu.cn"'))
        holds(plain(only(thread.answer(digest, '通过'), 'answer/')), '不是该板块现任负责人')
        tap.equal(set(thread.verdicts().values()), {None}, 'one who is head no more')


def without_thread():
    """通过 and 退回 whose client dropped In-Reply-To: by the reference of the digest; without it the head is asked, and nothing changes"""
    with Sections() as thread:
        submitted(thread, thread.report(0))
        submitted(thread, thread.report(1), index=1)
        first, second, _ = thread.names()
        digest = only(thread.poll_at(EVENING), 'section_digest/')
        reference = digest['Subject'].rsplit('[', 1)[1].rstrip(']')
        thread.send(SECTION_HEAD, '通过', '通过')
        holds(plain(only(thread.poll(), 'answer/')), '您审核的是哪一份小结', f'双周报 2016-06-27：编号 {reference}')
        tap.equal(set(thread.verdicts().values()), {None}, 'nothing was guessed')
        # the reference alone does not make anybody the head
        thread.send(thread.sender(0), f'[{reference}]', '通过')
        thread.poll()
        tap.equal(set(thread.verdicts().values()), {None}, 'nobody else')
        thread.send(SECTION_HEAD, f'[{reference}]', '通过 2')
        holds(plain(only(thread.poll(), 'answer/')), f'{second}：已审核')
        thread.send(SECTION_HEAD, 'Re: ' + digest['Subject'], '退回 1：数据不符')
        holds(plain(only(thread.poll(), 'answer/')), f'{first}：已退回')
        tap.equal(thread.verdicts(), {first: 'returned', second: 'approved'}, 'verdicts')


def unseen():
    """“通过” approves what the letter showed, not what came after it"""
    with Sections() as thread:
        submitted(thread, thread.report(0))
        digest = only(thread.poll_at(EVENING), 'section_digest/')
        submitted(thread, thread.report(1), index=1)
        holds(plain(only(thread.answer(digest, '通过'), 'answer/')), f'{thread.names()[0]}：已审核')
        tap.equal(thread.verdicts(), {thread.names()[0]: 'approved', thread.names()[1]: None}, 'what it showed')


def outage():
    """an outage over evening and night: one digest and one overdue round when it is over, no burst"""
    with Sections() as thread:
        submitted(thread, thread.report(0))
        letters = thread.poll_at(datetime.datetime(2016, 6, 28, 12, 0, tzinfo=CHINA))
        kinds = sorted(key.split('/')[0] for key in letters)
        tap.equal(kinds, ['advisor_digest'] + ['overdue'] * 4 + ['section_digest', 'section_later', 'summary', 'summary'], 'letters')
        letters = thread.poll_at(datetime.datetime(2016, 7, 9, 12, 0, tzinfo=CHINA))
        tap.equal(sorted(key.split('/')[0] for key in letters), [], 'eleven days later nothing old is sent')


REVIEW = '''  { id = "review"; title = { zh = "板块审核"; en = "section review"; }; owed_by = "sections"; reviews = "biweekly";
    schedule = { days_of_month = [14, 28]; first_due = "2016-06-28"; time = "18:00"; };
    reminders = ( { days = 0; time = "09:00"; } ); overdue = ( { days = 1; time = "09:00"; } ); },
  { id = "expert"; title = { zh = "专家小结"; en = "expert report"; }; owed_by = "persons"; role = "expert"; form = "expert";
    schedule = { days_of_month = [28]; first_due = "2016-06-28"; time = "18:00"; };
    reminders = ( { days = 0; time = "09:00"; } ); overdue = ( { days = 1; time = "09:00"; } ); },
'''
FORM = '''id = "expert"; title_zh = "专家小结"; title_en = "Expert report"; titles = ["专家小结"];
fields = ( { key = "talks"; labels = ["讲座场次"]; title_zh = "讲座场次"; type = "count"; required = true; },
  { key = "audience"; labels = ["听众人数"]; title_zh = "听众人数"; type = "count"; } );
'''


def deadlines_of_their_own():
    """a section head owes the review until the next evening, an expert a report of his own: reminded, overdue with the supervisor, status, settled"""
    with Sections() as thread:
        forms = os.path.join(thread.folder, 'forms')
        shutil.copytree(os.path.join(HERE, '..', '..', 'etc', 'youth-voice', 'forms'), forms)
        with open(os.path.join(forms, 'expert.conf'), 'w', encoding='utf-8') as f:
            f.write(FORM)
        with open(thread.programme.config, encoding='utf-8') as f:
            known = next(line for line in f if line.startswith('forms_dir'))
        thread.change((known, 'forms_dir = "forms";\n'), ('obligations = (\n', 'obligations = (\n' + REVIEW),
                      ('roles = (\n', 'roles = (\n  { role = "expert"; name = "甲专家"; address = "expert@example.com"; },\n'
                                      '  { role = "expert"; name = "乙专家"; phone = "13800000077"; },\n'))
        submitted(thread, thread.report(0))
        submitted(thread, thread.report(1), index=1)
        digest = only(thread.poll_at(EVENING), 'section_digest/')
        thread.answer(digest, '通过 1')
        morning = thread.poll_at(datetime.datetime(2016, 6, 28, 9, 0, tzinfo=CHINA))
        reminder = only(morning, 'remind/review/2016-06-28/')
        tap.equal(to(reminder), SECTION_HEAD[1], 'the head is reminded')
        holds(plain(reminder), '生活板块负责人', '还有 1 份报送没有审核（共 2 份）', '板块小结')
        lacks(plain(reminder), '附件是空白表格', '如已发送')
        expert = only(morning, 'remind/expert/2016-06-28/')
        tap.equal(to(expert), 'expert@example.com', 'the expert is reminded')
        holds(plain(expert), '甲专家', '专家小结尚未收到', '附件是空白表格')
        _, output, _ = thread.programme.run('status', 'expert/2016-06-28', at=thread.now)
        holds(output, '甲专家', '乙专家', '13800000077')
        thread.send(('甲专家', 'expert@example.com'), '专家小结', '专家小结\n讲座场次：3\n听众人数：120')
        holds(plain(only(thread.poll(), 'ack/')), '讲座场次：3')
        late = thread.poll_at(datetime.datetime(2016, 6, 29, 9, 0, tzinfo=CHINA))
        overdue = {to(letter): letter for key, letter in late.items() if key.startswith('overdue/review/')}
        tap.equal(sorted(overdue), [SECTION_HEAD[1], 'supervisor@example.edu.cn'], 'overdue, with the supervisor')
        holds(plain(overdue['supervisor@example.edu.cn']), '生活板块负责人还有 1 份报送没有审核', '协助督促')
        tap.equal([to(letter) for key, letter in late.items() if key.startswith('overdue/expert/')], ['supervisor@example.edu.cn'], 'who has sent it is left alone; of who has no address the supervisor is told')
        holds(plain(next(letter for key, letter in late.items() if key.startswith('overdue/expert/'))), '乙专家')
        thread.answer(digest, '通过')
        rows = json.loads(thread.programme.run('status', 'review/2016-06-28', '--json', at=thread.now)[1])['rows']
        tap.equal([(row['organization'], row['state'], row['on_time']) for row in rows], [('生活板块负责人', 'submitted', False)], 'status')
        # a hand-over: the section is the same, its head another
        thread.change((f'address = "{SECTION_HEAD[1]}"', 'address = "new@example.edu.cn"'))
        thread.poll()
        tap.equal(thread.programme.sql("SELECT c.address, c.until_s IS NULL FROM contact c JOIN organization o ON o.id = c.org_id WHERE o.kind = 'section' ORDER BY c.id"),
                  [(SECTION_HEAD[1], 0), ('new@example.edu.cn', 1)], 'who was head when')


CASES = [whole_life, deadlines_of_their_own, only_the_head, without_thread, unseen, outage]

if __name__ == '__main__':
    tap.run([case for case in CASES if case.__name__ in sys.argv[1:] or len(sys.argv) == 1])
