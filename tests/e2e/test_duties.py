#!/usr/bin/env python3
"""What a programme owes its people beside reminders: the leaders' first summary seen by the liaison, schedules that change, announcements,
duty rotas; on the real program, its letters and its database."""
import datetime, os, sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'support'), os.path.join(HERE, '..', 'servers'), HERE]
import tap
from programme import CHINA
from test_sections import to
from test_threads import LIAISON, Thread, holds, lacks, only, plain, submitted


class Duties(Thread):
    """With changes to the configuration."""

    def change(self, *pairs):
        with open(self.programme.config, encoding='utf-8') as f:
            text = f.read()
        for old, new in pairs:
            tap.equal(old in text, True, f'“{old}” in the configuration')
            text = text.replace(old, new, 1)
        with open(self.programme.config, 'w', encoding='utf-8') as f:
            f.write(text)

    def poll_at(self, *when):
        return self.poll((datetime.datetime(*when, tzinfo=CHINA) - self.now).total_seconds() / 60)


def summaries(letters):
    return sorted(to(letter) for key, letter in letters.items() if key.startswith('summary/'))


def first_summary():
    """the first summary waits: the liaison sees it, only the liaison answers 发送, then it leaves; the second one needs no word"""
    with Duties(letters='approve_summary = "first";') as thread:
        submitted(thread, thread.report(0))
        letters = thread.poll_at(2016, 6, 28, 8, 0)
        tap.equal(summaries(letters), [], 'the leaders wait')
        preview = only(letters, 'preview/')
        tap.equal(to(preview), LIAISON[1], 'to the liaison')
        holds(preview['Subject'], '【待发送】', '应交 3，已交 1')
        holds(plain(preview), '组长 <leader@example.edu.cn>', '主管 <supervisor@example.edu.cn>', '回复本邮件“发送”')
        for sender, text in ((('别人', 'other@example.com'), '发送'), (LIAISON, '数字好像不对，再等等')):
            thread.send(sender, 'Re: ' + preview['Subject'], text, answers=preview)
            tap.equal(summaries(thread.poll()), [], f'{sender[0]}: {text}')
        thread.send(LIAISON, 'Re: ' + preview['Subject'], '发送', answers=preview)
        letters = thread.poll()
        tap.equal(summaries(letters), ['leader@example.edu.cn', 'supervisor@example.edu.cn'], 'it leaves')
        holds(plain(only(letters, 'answer/')), '汇总已发出', 'leader@example.edu.cn')
        lacks(plain(letters[next(key for key in letters if key.startswith('summary/'))]), '预览')
        letters = thread.poll_at(2016, 7, 14, 8, 0)
        tap.equal(summaries(letters), ['leader@example.edu.cn', 'supervisor@example.edu.cn'], 'the second one')
        tap.equal([key for key in letters if key.startswith('preview/')], [], 'no preview')


def unanswered():
    """always: a summary that nobody releases expires after two days, and the next one is asked about again"""
    with Duties(letters='approve_summary = "always";') as thread:
        only(thread.poll_at(2016, 6, 28, 8, 0), 'preview/')
        thread.poll_at(2016, 6, 30, 9, 0)
        tap.equal(set(thread.programme.sql("SELECT state FROM outbox WHERE key LIKE 'summary/%'")), {('expired',)}, 'expired')
        only(thread.poll_at(2016, 7, 14, 8, 0), 'preview/')


def schedule_change():
    """a schedule changes from a due date on: earlier periods stay as they were, check finds one that was edited away"""
    with Duties() as thread:
        submitted(thread, thread.report(0))
        schedule = 'schedule = { days_of_month = [13, 27]; first_due = "2016-06-27"; }'
        changed = 'schedule = ( { days_of_month = [13, 27]; first_due = "2016-06-27"; }, { weekdays = ["friday"]; from = "2016-07-08"; time = "17:00"; } )'
        thread.change((schedule, changed))
        keys = sorted(thread.poll_at(2016, 7, 5, 9, 0))
        tap.equal([key.split('/')[2] for key in keys if key.startswith('remind/')], ['2016-07-08'] * 3, 'reminders by the new schedule')
        holds(thread.programme.run('status', '2016-06-27', at=thread.now)[1], '应交 3，已交 1，未交 2')
        holds(thread.programme.run('check', '--offline', at=thread.now)[1], 'next due 7月8日（星期五）17:00')
        thread.change((changed, 'schedule = { weekdays = ["friday"]; first_due = "2016-07-08"; time = "17:00"; }'))
        status, output, _ = thread.programme.run('check', '--offline', at=thread.now)
        tap.equal(status, 1, 'exit status')
        holds(output, 'the schedule has no longer what was reported for 2016-06-27', 'from = "DATE"')
        thread.change(('schedule = { weekdays = ["friday"]; first_due = "2016-07-08"; time = "17:00"; }', 'schedule = ( { weekdays = ["friday"]; first_due = "2016-07-08"; }, { days_of_month = [1]; first_due = "2016-08-01"; } )'))
        status, _, messages = thread.programme.run('check', '--offline', at=thread.now, check=False)
        tap.equal(status, 2, 'exit status of a wrong configuration')
        holds(messages, 'obligations[1].schedule', 'needs from')


def announced():
    """announce: dry run enters nothing; each hears once of the same term, with blank forms and one calendar; who is not reachable stands on the call list"""
    with Duties() as thread:
        thread.organizations[2].update(liaison_address='', liaison_name='')
        thread.organizations.append(dict(thread.organizations[0], name='没有邮箱的协会', liaison_address='', advisor_address=''))
        thread.programme.write_roster(thread.organizations)
        thread.poll()
        before = thread.programme.sql('SELECT count(*) FROM outbox')
        _, output, _ = thread.programme.run('announce', '--until', '2016-07-31', '--dry-run', at=thread.now)
        holds(output, thread.organizations[0]['name'], '双周报 × 3', 'would be sent')
        lacks(output, '没有邮箱的协会')
        tap.equal(thread.programme.sql('SELECT count(*) FROM outbox'), before, 'a dry run')
        thread.programme.run('announce', '--until', '2016-07-31', at=thread.now)
        letters = {key: letter for key, letter in thread.poll().items() if key.startswith('announce/')}
        letter = next(letter for letter in letters.values() if to(letter) == thread.sender(0)[1])
        holds(plain(letter), '【双周报】3 次', '6月27日（星期一）23:59 前', '7月27日（星期三）23:59 前', '附件是空白表格')
        names = [part.get_filename() for part in letter.iter_attachments()]
        tap.equal([name.rsplit('.', 1)[1] for name in names], ['docx', 'ics'], f'attachments {names}')
        calendar = next(part for part in letter.iter_attachments() if part.get_filename().endswith('.ics')).get_content()
        tap.equal((calendar.count('BEGIN:VCALENDAR'), calendar.count('BEGIN:VEVENT'), calendar.count('END:VCALENDAR')), (1, 3, 1), 'one calendar')
        thread.programme.run('announce', '--until', '2016-07-31', at=thread.now)
        tap.equal([key for key in thread.poll() if key.startswith('announce/')], [], 'once')
        holds(thread.programme.run('status', '2016-06-27', at=thread.now)[1], '需电话联系', '没有邮箱的协会')


ROTA = '''rota = ( { id = "answering"; title = { zh = "领导在线答疑"; en = "answering in person"; };
  schedule = { weekdays = ["wednesday"]; first_due = "2016-06-22"; time = "15:00"; }; roles = "leader+supervisor"; } );
'''


def duty_rota():
    """a rota: in turn, told the day before and on the morning, coordinator by copy; a turn is swapped and the letters follow"""
    with Duties() as thread:
        thread.change(('roster_from = (', ROTA + 'roster_from = ('))
        duties = lambda letters: sorted((to(letter), key.endswith('/copy')) for key, letter in letters.items() if key.startswith('duty/'))
        expected = [('coordinator@example.edu.cn', True), ('supervisor@example.edu.cn', False)]
        letters = thread.poll_at(2016, 6, 28, 16, 0)
        tap.equal(duties(letters), expected, 'the second turn, the day before')
        letter = next(letter for key, letter in letters.items() if key.startswith('duty/') and not key.endswith('/copy'))
        holds(plain(letter), '领导在线答疑', '6月29日（星期三）15:00', '由您值班')
        tap.equal(duties(thread.poll()), [], 'once')
        tap.equal(duties(thread.poll_at(2016, 6, 29, 8, 0)), expected, 'on the morning')
        holds(thread.programme.run('rota', at=thread.now)[1], '2016-07-06', '组长')
        thread.programme.run('rota', 'swap', 'answering', '2016-07-06', '协管', at=thread.now)
        tap.equal(duties(thread.poll_at(2016, 7, 5, 16, 0)), [('coordinator@example.edu.cn', False)], 'swapped: the coordinator needs no copy')
        tap.equal(thread.programme.run('rota', 'swap', 'answering', '2016-07-07', '协管', at=thread.now, check=False)[0], 2, 'no such turn')
        thread.programme.run('rota', 'swap', 'answering', '2016-07-06', '组长', at=thread.now)
        tap.equal(duties(thread.poll_at(2016, 7, 6, 8, 0)), [('coordinator@example.edu.cn', True), ('leader@example.edu.cn', False)], 'and back')


CASES = [announced, duty_rota, first_summary, unanswered, schedule_change]

if __name__ == '__main__':
    tap.run([case for case in CASES if case.__name__ in sys.argv[1:] or len(sys.argv) == 1])
