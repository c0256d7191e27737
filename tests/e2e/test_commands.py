#!/usr/bin/env python3
"""Orders by mail: each one in both languages, by people who may and who may not, as an answer to our letter and by one-time code; on the
real program, with directories and with real servers."""
import datetime, io, os, re, sys, zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'support'), os.path.join(HERE, '..', 'servers'), HERE]
import material, tap
import test_threads as threads
from programme import CHINA
from test_threads import LIAISON, holds, lacks, live, only, plain

LEADER, SUPERVISOR, COORDINATOR = ('组长', 'leader@example.edu.cn'), ('主管', 'supervisor@example.edu.cn'), ('协管', 'coordinator@example.edu.cn')

ZH = dict(help='帮助', form='模板', status='狀態', summary='彙總', remind='催报', export='导出', extend='延期', exempt='免报', assign='归属', settled='已处理',
          all='全部', confirm='确认', owed='未收到', wait='请确认', refused='由工作组使用', attached='空白表格见附件', title='双周报汇总', reminded='已催报', workbook='工作簿见附件',
          extended='延期到', again='没有等待确认的指令', organizers='组长 <leader@example.edu.cn>', done='已记录为已处理', unknown='没有这条指令')
EN = dict(help='HELP', form='templete', status='stauts', summary='Summary', remind='remind', export='exprot', extend='Extend', exempt='exempt', assign='assign', settled='settled',
          all='all', confirm='Confirm', owed='not received yet', wait='Please confirm', refused='is for the organizers', attached='blank forms are attached', title='summary', reminded='reminded',
          workbook='the workbook is attached', extended='extended to', again='Nothing waits for this confirmation', organizers='leader@example.edu.cn', done='is settled', unknown='There is no such order')


def code_of(letter):
    found = re.search(r'[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}', plain(letter))
    if not found:
        raise AssertionError('no code in:\n' + plain(letter))
    holds(letter.get_body(('html',)).get_content(), found.group(0))
    return found.group(0)


def answer(thread):
    return only(thread.poll(), 'answer/')


def ask(thread, sender, text, subject='x', answers=None):
    thread.send(sender, subject, text, answers=answers)
    return answer(thread)


def events(thread):
    return [event for event, in thread.programme.sql("SELECT event FROM journal WHERE event LIKE 'command.%' ORDER BY id")]


def by_code(thread, words, sender, order):
    """The order, what asks for its code, and what came of it: by a new mail whose subject is the code."""
    letter = ask(thread, sender, order)
    holds(letter['Subject'], words['wait'])
    code = code_of(letter)
    thread.send(sender, code.lower(), '')
    return letter, thread.poll()


def everybody(words, language):
    """What anybody on the roster may ask, and what not."""
    with threads.Thread(language=language) as thread:
        sender = thread.sender()
        letter = ask(thread, sender, '', subject=words['help'])
        holds(plain(letter), words['form'] if language == 'zh' else 'form:', words['help'] if language == 'zh' else 'help:')
        lacks(plain(letter), words['remind'] + ' [')
        letter = ask(thread, sender, words['form'])
        holds(plain(letter), words['attached'])
        forms = {part.get_filename(): part.get_content() for part in letter.iter_attachments()}
        tap.equal(len(forms), 2, f'forms {sorted(forms)}')
        for name, data in forms.items():
            holds(name, thread.organizations[0]['name'])
            holds(zipfile.ZipFile(io.BytesIO(data)).read('word/document.xml').decode(), thread.organizations[0]['name'])
        letter = ask(thread, sender, words['status'])
        holds(plain(letter), thread.organizations[0]['name'], words['owed'])
        lacks(plain(letter), thread.organizations[1]['name'])
        letter = ask(thread, sender, words['remind'])
        holds(plain(letter), words['refused'], words['organizers'])
        thread.send(('某人', 'stranger@example.com'), words['status'], '')
        tap.equal(thread.poll(), {}, 'letters to a stranger')
        tap.equal(events(thread), ['command.done', 'command.done', 'command.done', 'command.refused'], 'journal')
        letter = ask(thread, thread.sender(1), '', subject='排名' if language == 'zh' else 'ranking')
        holds(plain(letter), words['unknown'])


def looking(words, language):
    """Status, summary and workbook for managers."""
    with threads.Thread(language=language) as thread:
        thread.send(thread.sender(), '双周报', '见附件', files=[('双周报.docx', material.report_docx(thread.report()))])
        thread.poll()
        letter = ask(thread, LEADER, words['status'])
        holds(plain(letter), thread.organizations[1]['name'])
        asked, letters = by_code(thread, words, LEADER, words['summary'])
        letter = only(letters, 'answer/')
        holds(letter['Subject'] + plain(letter), words['title'])
        holds(' '.join(part.get_filename() or '' for part in letter.iter_attachments()), '.xlsx')
        again = ask(thread, LEADER, '', subject=code_of(asked))
        holds(plain(again), words['again'])
        asked, letters = by_code(thread, words, SUPERVISOR, f'{words["export"]} {thread.last}')
        letter = only(letters, 'answer/')
        holds(plain(letter), words['workbook'])
        book = [part for part in letter.iter_attachments() if (part.get_filename() or '').endswith('.xlsx')]
        tap.equal(len(book), 1, 'workbook')
        holds(''.join(zipfile.ZipFile(io.BytesIO(book[0].get_content())).read(name).decode() for name in ['xl/sharedStrings.xml']), thread.organizations[0]['name'])
        # an answer to our own letter is carried out at once
        direct = ask(thread, SUPERVISOR, words['export'], answers=letter)
        holds(plain(direct), words['workbook'])
        letter = ask(thread, SUPERVISOR, f'{words["summary"]} 2016-06-29')
        holds(plain(letter), '没有这一期' if language == 'zh' else 'There is no such period')
        tap.equal(events(thread)[-1], 'command.refused', 'no such period')


def acting(words, language):
    """Reminders, extensions and exemptions: shown first, done once confirmed."""
    with threads.Thread(language=language) as thread:
        names = [organization['name'] for organization in thread.organizations]
        exempted, letters = by_code(thread, words, LIAISON, f'{words["exempt"]} {names[2]} {thread.last}')
        holds(plain(exempted), names[2])
        tap.equal(thread.programme.sql('SELECT o.name, e.period FROM exemption e JOIN organization o ON o.id = e.org_id'), [(names[2], str(thread.last))], 'exemption')
        until = thread.last + datetime.timedelta(days=3)
        letter = ask(thread, LIAISON, f'{words["extend"]} {words["all"]} {until}')
        holds(plain(letter), names[0], names[1])
        lacks(plain(letter), names[2])
        tap.equal(thread.programme.sql('SELECT count(*) FROM extension'), [(0,)], 'nothing yet')
        done = ask(thread, LIAISON, words['confirm'], subject='Re: ' + letter['Subject'], answers=letter)
        holds(plain(done), words['extended'])
        tap.equal(len(thread.programme.sql('SELECT * FROM extension WHERE revoked_s IS NULL')), 2, 'extensions')
        # one organization alone, as an answer to our letter: at once
        further = until + datetime.timedelta(days=1)
        ask(thread, LIAISON, f'{words["extend"]} {names[0]} {further}', answers=done)
        tap.equal(len(thread.programme.sql('SELECT * FROM extension WHERE revoked_s IS NULL')), 2, 'the newer one counts')
        letter = ask(thread, LIAISON, words['remind'], answers=done)
        holds(plain(letter), words['wait'], names[0], names[1])
        lacks(plain(letter), names[2])
        tap.equal(thread.programme.sql("SELECT count(*) FROM outbox WHERE key LIKE '%asked%'"), [(0,)], 'shown first, even as an answer')
        thread.send(LIAISON, 'Re: ' + letter['Subject'], words['confirm'], answers=letter)
        letters = thread.poll()
        holds(plain(only(letters, 'answer/')), words['reminded'])
        told = sorted(str(letter['To'].addresses[0].addr_spec) for key, letter in letters.items() if 'asked-' in key)
        tap.equal(told, sorted(organization['liaison_address'] for organization in thread.organizations[:2]), 'reminded')
        thread.send(LIAISON, 'Re: ' + letter['Subject'], words['confirm'], answers=letter)
        holds(plain(answer(thread)), words['again'])
        # the same by command
        tap.equal(thread.programme.run('orgs', 'extend', names[1], str(thread.last), str(further))[0], 0, 'orgs extend')
        tap.equal(thread.programme.run('orgs', 'extend', names[1], str(thread.last), str(thread.last), check=False)[0], 1, 'no extension')
        tap.equal(len({until for until, in thread.programme.sql('SELECT until_s FROM extension WHERE revoked_s IS NULL')}), 1, 'both until the same day')


def deciding(words, language):
    """Whose a message is, and an urgent matter that is over."""
    with threads.Thread(language=language) as thread:
        report = thread.report(1)
        thread.send(('秘书', 'secretary@example.edu.cn'), '双周报', '', files=[('双周报.docx', material.report_docx(report))])
        thread.poll()
        number, = thread.programme.sql('SELECT id FROM review WHERE closed_s IS NULL')[0]
        _, letters = by_code(thread, words, LIAISON, f'{words["assign"]} {number} {thread.organizations[1]["name"]}')
        tap.equal(thread.value('likes', 1), report['likes'], 'recorded')
        thread.send(thread.sender(), '紧急：东区停水', '三号楼停水，学生无法洗漱')
        letters = thread.poll()
        urgent = [letter for key, letter in letters.items() if key.startswith('urgent/')]
        tap.equal(len(urgent), 3, 'three are told')
        code, = thread.programme.sql('SELECT code FROM urgent_matter')[0]
        wrong = ask(thread, COORDINATOR, f'{words["settled"]} 000001 x')
        tap.equal(thread.programme.sql('SELECT settled_s FROM urgent_matter'), [(None,)], 'not by a wrong code')
        done = ask(thread, COORDINATOR, '', subject=f'{words["settled"]} {code} 已恢复供水')
        holds(plain(done), words['done'])
        tap.equal(thread.programme.sql('SELECT handling FROM urgent_matter'), [('已恢复供水',)], 'what was done')


def forged(words, language):
    """Whoever only writes a manager's address gets nothing done: the code goes to the manager."""
    with threads.Thread(language=language) as thread:
        names = [organization['name'] for organization in thread.organizations]
        orders = [words['summary'], words['export'], words['remind'], f'{words["extend"]} {words["all"]} {thread.last + datetime.timedelta(days=3)}',
                  f'{words["exempt"]} {names[0]} {thread.last}', f'{words["assign"]} 1 {names[0]}']
        thread.poll()  # the reminders of the day
        for order in orders:
            thread.send(SUPERVISOR, 'x', order)
        letters = thread.poll()
        tap.equal((len(letters), {letter['To'].addresses[0].addr_spec for letter in letters.values()}), (len(orders), {SUPERVISOR[1]}), 'asks the manager')
        codes = [code_of(letter) for letter in letters.values()]
        guessed = 'AAAA-AAAA'
        before = thread.programme.sql('SELECT (SELECT count(*) FROM extension), (SELECT count(*) FROM exemption), (SELECT count(*) FROM submission)')
        for _ in range(5):  # guesses; and the Message-ID that a key alone would give
            thread.send(SUPERVISOR, guessed, '')
        known = {'Message-ID': '<0123456789abcdef0123456789abcdef@example.edu.cn>', 'Subject': 'x'}
        thread.send(SUPERVISOR, 'Re: x', words['confirm'], answers=known, quote=False)
        thread.poll()
        tap.equal(thread.programme.sql('SELECT (SELECT count(*) FROM extension), (SELECT count(*) FROM exemption), (SELECT count(*) FROM submission)'), before, 'nothing done')
        # after five wrong ones even the right one is void
        thread.send(SUPERVISOR, codes[4], '')
        thread.poll()
        tap.equal(thread.programme.sql('SELECT count(*) FROM exemption'), [(0,)], 'void')
        tap.equal(events(thread), ['command.asked'] * len(orders) + ['command.wrong_code'] * 6, 'journal')
        # codes stand nowhere in the database once their letters have left
        with open(thread.programme.database, 'rb') as f:
            data = f.read()
        tap.equal([code for code in codes if code.encode() in data], [], 'codes in the database')
        for _ in range(13):
            thread.send(SUPERVISOR, 'x', words['summary'])
        thread.poll()
        tap.equal(events(thread)[-1], 'command.too_many', 'limit')


def automatic():
    """automatic mail, mail from before the release and orders from several senders do nothing"""
    with threads.Thread() as thread:
        thread.poll()  # the reminders of the day
        thread.send(LIAISON, '状态', '', headers='Auto-Submitted: auto-replied\r\n')
        thread.send(LIAISON, '状态', '', headers='Precedence: list\r\nList-Id: <x.example.edu.cn>\r\n')
        tap.equal(thread.poll(), {}, 'letters')
        tap.equal(events(thread), [], 'orders')


def named(case, words, language):
    def run():
        case(words, language)
    run.__name__ = f'{case.__name__}_{language}'
    run.__doc__ = f'{case.__doc__.strip().rstrip(".")} ({language})'
    return run


BOTH = [named(case, words, language) for case in (everybody, looking, acting, deciding, forged) for words, language in ((ZH, 'zh'), (EN, 'en'))]
CASES = BOTH + [automatic] + [live(case) for case in BOTH[:8]]

if __name__ == '__main__':
    tap.run([case for case in CASES if case.__name__ in sys.argv[1:] or len(sys.argv) == 1])
