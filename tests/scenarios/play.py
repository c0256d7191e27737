"""Plays a scenario on the real program: store, archive, readers, decisions, letters; only the clock and the SMTP server belong to
the test (driver.c). What the scenario expects is compared line by line."""
import datetime, email, email.policy, json, os, re, shutil, subprocess, tempfile

import language
from language import Mistake, clauses, names, values
from configured import ROOT, Programme, material

PROGRAM = os.environ.get('FORTNIGHT', os.path.join(ROOT, 'fortnight'))
DRIVER = os.path.join(os.environ.get('FORTNIGHT_BUILD', os.path.join(ROOT, 'build', 'san')), 'tests', 'scenarios', 'driver')
STATES = {'已交': 'submitted', 'submitted': 'submitted', '未交': 'owed', 'owed': 'owed', '逾期未交': 'missing', 'missing': 'missing', '免报': 'exempt', 'exempt': 'exempt',
          '暂停': 'suspended', 'suspended': 'suspended', '未加入': 'not_yet', 'not yet': 'not_yet'}
QUESTIONS = {'待答复': 'open', '已转办': 'passed_on', '已超时': 'overdue', '已询问': 'inquired', '已答复': 'answered', '已说明': 'explained', '已关闭': 'closed'}
UNITS = {'天': 86400, '小时': 3600, '分钟': 60, 'day': 86400, 'hour': 3600, 'minute': 60}


class Letter:
    """A letter that was handed to the SMTP server."""

    def __init__(self, facts, at):
        self.key, self.kind, self.to, self.at = facts['key'], facts['kind'], facts['to'].lower(), at
        self.outcome, self.reason, self.path = facts['outcome'], facts['reason'], facts['path']
        self.parsed = None

    def message(self):
        if self.parsed is None:
            with open(self.path, 'rb') as f:
                self.parsed = email.message_from_binary_file(f, policy=email.policy.default)
        return self.parsed

    def body(self):
        return self.message().get_body(('plain',)).get_content()

    def __str__(self):
        refused = '' if self.outcome == 'sent' else f' ({self.outcome})'
        return f'{self.at:%Y-%m-%d %H:%M:%S} {self.kind} → {self.to}{refused} “{self.message()["Subject"]}” [{self.key}: {self.reason}]'


class World:
    """The gateway and everything around it, between two lines of a scenario."""

    def __init__(self, scenario, folder):
        self.scenario, self.folder = scenario, folder
        self.skew = datetime.timedelta()
        self.now, self.is_on, self.mail_count = None, True, 0
        self.outside = {'mailbox': True, 'server': True, 'dead': []}
        self.letters, self.last_mail, self.step_letters = [], {}, []
        self.passes, self.watched = 0, None
        self.programme = self.prepare()
        self.driver = subprocess.Popen([DRIVER, self.programme.path, os.path.join(folder, 'sent')], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def prepare(self):
        scenario = self.scenario
        name = scenario.header('programme', '青年之声')
        for sub in ('mail', 'sent'):
            os.makedirs(os.path.join(self.folder, sub))
        try:
            programme = Programme(self.folder, name)
        except KeyError:
            raise Mistake(scenario.path, 1, f'no programme is called “{name}”')
        for line in scenario.headers:
            try:
                value = line.parts['value']
                if line.name == 'organization':
                    programme.add_organization(value)
                elif line.name == 'set':
                    programme.set(*(part.strip() for part in value.split('=', 1)))
                elif line.name == 'head':
                    section, address = value.split()
                    programme.heads.append((section, address))
            except (ValueError, KeyError) as error:
                raise Mistake(scenario.path, line.number, f'{error}')
        programme.write()
        programme.write_roster()
        return programme

    def close(self):
        self.driver.stdin.close()
        status = self.driver.wait()
        if status:
            raise RuntimeError(f'the driver ended with status {status}')

    # ---- the gateway ---------------------------------------------------------------------------------------------------

    def seconds(self, local):
        return int(local.replace(tzinfo=self.programme.zone).timestamp())

    def gateway_s(self):
        """What the gateway's clock shows."""
        return self.seconds(self.now) + int(self.skew.total_seconds())

    def ask(self, op, **arguments):
        self.driver.stdin.write(json.dumps({'op': op, **arguments}) + '\n')
        self.driver.stdin.flush()
        line = self.driver.stdout.readline()
        if not line:
            raise RuntimeError(f'the driver ended during {op}')
        answer = json.loads(line)
        if 'error' in answer:
            raise RuntimeError(f'{op}: {answer["error"]}')
        self.passes += answer.get('passes', 0)
        for facts in answer['letters']:
            if facts['outcome'] != 'temporary':
                at = datetime.datetime.fromtimestamp(facts['at'], self.programme.zone).replace(tzinfo=None)
                self.letters.append(Letter(facts, at))
                self.step_letters.append(self.letters[-1])

    def open(self):
        self.ask('open', at=self.gateway_s())

    def go_on(self):
        """Time has passed until now."""
        if self.is_on:
            self.ask('run', until=self.gateway_s())

    def command(self, *arguments):
        """A command of the program, while the daemon leaves it the database."""
        if self.is_on:
            self.ask('close')
        done = subprocess.run([PROGRAM, arguments[0], '--config', self.programme.path, '--at', f'@{self.gateway_s()}', *arguments[1:]],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if self.is_on:
            self.open()
        return done

    def ordered(self, *arguments):
        done = self.command(*arguments)
        if done.returncode:
            raise ValueError(f'fortnight {" ".join(arguments)}: exit {done.returncode}: {done.stdout}{done.stderr}')

    def listed(self, *arguments):
        """JSON of a command that only looks."""
        done = subprocess.run([PROGRAM, arguments[0], '--json', '--config', self.programme.path, '--at', f'@{self.gateway_s()}', *arguments[1:]],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode not in (0, 1) or not done.stdout:
            raise ValueError(f'fortnight {" ".join(arguments)}: exit {done.returncode}: {done.stdout}{done.stderr}')
        return json.loads(done.stdout)

    # ---- mail ----------------------------------------------------------------------------------------------------------

    def deliver(self, who, address, subject, text, files=(), headers='', again=False):
        self.mail_count += 1
        when = self.now.replace(tzinfo=self.programme.zone)
        message_id = f'scenario{self.mail_count}@mail.example.edu.cn'
        data = material.mail((who, address), self.programme.from_address, subject, text, when, message_id, files=files, headers=headers)
        self.drop(data, when)
        self.last_mail[address] = (who, subject, text, files)

    def drop(self, data, when):
        path = os.path.join(self.folder, 'mail', f'{self.mail_count:04}.eml')
        with open(path + '.new', 'wb') as f:
            f.write(data)
        os.utime(path + '.new', (when.timestamp(),) * 2)  # what a server calls INTERNALDATE
        os.rename(path + '.new', path)

    def letter_to(self, kind, address):
        """The last letter of a kind that an address got."""
        wanted = language.kind_of(kind)
        found = [letter for letter in self.letters if letter.kind == wanted and letter.to == address.lower()]
        if not found:
            raise ValueError(f'{address} has got no {kind} so far')
        return found[-1].message()

    def reply(self, who, kind, text, headers=''):
        address = self.programme.address(who)
        letter = self.letter_to(kind, address)
        quoted = f'\n\n------------------ 原始邮件 ------------------\n发件人: <{self.programme.from_address}>\n主题: {letter["Subject"]}\n\n' + letter.get_body(('plain',)).get_content()
        self.deliver(who, address, 'Re: ' + letter['Subject'], text + quoted, headers=f'In-Reply-To: {letter["Message-ID"]}\r\nReferences: {letter["Message-ID"]}\r\n' + headers)

    def bounce(self, who, kind):
        address = self.programme.address(who)
        letter = self.letter_to(kind, address)
        self.mail_count += 1
        when = self.now.replace(tzinfo=self.programme.zone)
        date = email.utils.format_datetime(when)
        self.drop((f'From: Mail Delivery System <MAILER-DAEMON@mail.example.edu.cn>\r\nTo: {self.programme.from_address}\r\nSubject: Undelivered Mail Returned to Sender\r\n'
                   f'Date: {date}\r\nMessage-ID: <bounce{self.mail_count}@mail.example.edu.cn>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n'
                   'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n'
                   f'<{address}>: host mx.example.edu.cn said: 550 5.1.1 user unknown\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n'
                   f'Reporting-MTA: dns; mail.example.edu.cn\r\n\r\nFinal-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: 5.1.1\r\n'
                   'Diagnostic-Code: smtp; 550 5.1.1 user unknown\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n'
                   f'From: {self.programme.from_address}\r\nTo: {address}\r\nMessage-ID: {letter["Message-ID"]}\r\nSubject: x\r\n\r\n--b--\r\n').encode(), when)

    # ---- events --------------------------------------------------------------------------------------------------------

    def happen(self, step):
        """Carries out an event; True where the gateway must look again at the same instant."""
        name, parts = step.event.name, step.event.parts
        return getattr(self, 'on_' + name)(parts, step) is not False

    def on_nothing(self, parts, step):
        return False

    def on_send(self, parts, step):
        who, address = parts['who'], self.programme.address(parts['who'])
        rows = [(line.parts['list'], values(line.parts['rest'].replace('|', ','))) for line in step.details if line.name == 'row']
        form, pairs, kind = self.programme.filled(parts['form'], self.organization(who), parts.get('date'), values(parts.get('v')))
        text, files = self.programme.document(form, pairs, kind, rows)
        self.deliver(who, address, form['title'], text or form['title'], files)

    def organization(self, who):
        """Whose form somebody sends: an organization's name, or that before "指导老师" or "'s advisor"."""
        for row in sorted(self.programme.organizations, key=lambda r: -len(r['name'])):
            if who.startswith(row['name']):
                return row['name']
        return who

    def on_write(self, parts, step):
        bodies = [line.parts['rest'] for line in step.details if line.name == 'body']
        self.deliver(parts['who'], self.programme.address(parts['who']), parts['q'], '\n'.join(([parts['q2']] if 'q2' in parts else []) + bodies))

    def on_answer(self, parts, step):
        self.reply(parts['who'], parts['kind'], parts['q'])

    def on_robot(self, parts, step):
        self.reply(parts['who'], parts['kind'], parts['q'], 'Auto-Submitted: auto-replied\r\n')

    def on_again(self, parts, step):
        address = self.programme.address(parts['who'])
        if address not in self.last_mail:
            raise ValueError(f'{address} has sent nothing so far')
        who, subject, text, files = self.last_mail[address]
        self.deliver(who, address, subject, text, files)

    def on_bounce(self, parts, step):
        self.bounce(parts['who'], parts['kind'])

    def change(self, **outside):
        self.outside.update(outside)
        self.ask('world', **self.outside)

    def on_dead(self, parts, step):
        self.change(dead=self.outside['dead'] + [self.programme.address(parts['who'])])

    def on_mailbox_down(self, parts, step):
        self.change(mailbox=False)

    def on_mailbox_up(self, parts, step):
        self.change(mailbox=True)

    def on_server_down(self, parts, step):
        self.change(server=False)

    def on_server_up(self, parts, step):
        self.change(server=True)

    def on_off(self, parts, step):
        self.ask('close')
        self.is_on = False
        return False

    def on_on(self, parts, step):
        self.is_on = True
        self.open()

    def on_restart(self, parts, step):
        self.open()

    def on_clock(self, parts, step):
        shift = datetime.timedelta(seconds=int(parts['n']) * UNITS[parts['unit']])
        self.skew += shift if parts['way'] in ('快', 'forward') else -shift

    def on_clock_right(self, parts, step):
        self.skew = datetime.timedelta()

    def on_exempt(self, parts, step):
        self.ordered('orgs', 'exempt', parts['who'], parts['date'], *([parts['v']] if 'v' in parts else []))

    def on_suspend(self, parts, step):
        self.ordered('orgs', 'suspend', parts['who'])

    def on_resume(self, parts, step):
        self.ordered('orgs', 'resume', parts['who'])

    def on_rename(self, parts, step):
        self.ordered('orgs', 'rename', parts['who'], parts['new'])
        for row in self.programme.organizations:
            if row['name'] == parts['who']:
                row.update(name=parts['new'], aliases=parts['who'])  # the expected list itself is not written again

    def on_merge(self, parts, step):
        self.ordered('orgs', 'merge', parts['who'], parts['new'])

    def entry(self, number):
        entries = sorted(self.listed('review', 'list'), key=lambda e: e['id'])
        if not 1 <= int(number) <= len(entries):
            raise ValueError(f'{len(entries)} entries wait for a person')
        return str(entries[int(number) - 1]['id'])

    def on_assign(self, parts, step):
        self.ordered('review', 'assign', self.entry(parts['n']), parts['new'])

    def on_accept(self, parts, step):
        self.ordered('review', 'accept', self.entry(parts['n']))

    def on_reject(self, parts, step):
        self.ordered('review', 'reject', self.entry(parts['n']))

    def on_by_hand(self, parts, step):
        form, pairs, kind = self.programme.filled(parts['form'], parts['who'], None, values(parts.get('v')))
        _, files = self.programme.document(form, pairs, 'Word', [])
        path = os.path.join(self.folder, f'paper{self.mail_count}.docx')
        with open(path, 'wb') as f:
            f.write(files[0][1])
        self.ordered('ingest', '--org', parts['who'], '--received', parts['at'].replace(' ', 'T'), '--note', parts['q'], path)

    def on_set(self, parts, step):
        self.programme.set(parts['key'], parts['value'])
        self.programme.write()
        self.open()

    def on_release(self, parts, step):
        self.ordered('release')

    # ---- what is expected ----------------------------------------------------------------------------------------------

    def watched_of(self, letters):
        return [letter for letter in letters if self.watched is None or letter.kind in self.watched]

    def check(self, step):
        left = list(self.step_letters)
        for line in step.checks:
            getattr(self, 'check_' + line.name)(line, left)
        extra = self.watched_of(left)
        if extra:
            raise Mistake(self.scenario.path, step.event.number, 'nobody expects\n' + self.shown(extra))

    def shown(self, letters):
        return ''.join(f'      {letter}\n' for letter in letters) or '      no letter\n'

    def fits(self, letter, kind, address, demands):
        """None, or why a letter is not the one that is meant."""
        if letter.kind != kind or address is not None and letter.to != address.lower():
            return 'another letter'
        if (letter.outcome != 'sent') != any(name == 'refused' for name, _ in demands):
            return f'the server’s answer: {letter.outcome}'
        for name, text in demands:
            if name == 'says' and text not in letter.body() and text not in letter.message()['Subject']:
                return f'it does not say “{text}”:\n{letter.body()}'
            if name == 'lacks' and text in letter.body():
                return f'it says “{text}”:\n{letter.body()}'
            if name == 'subject' and text not in letter.message()['Subject']:
                return f'its subject: “{letter.message()["Subject"]}”'
            if name == 'at' and letter.at != language.moment(text):
                return f'it left at {letter.at}'
            if name == 'attached' and not any(text in (part.get_filename() or '') for part in letter.message().iter_attachments()):
                return f'attached: {[part.get_filename() for part in letter.message().iter_attachments()]}'
        return None

    def check_nothing(self, line, left):
        if self.watched_of(self.step_letters):
            raise Mistake(self.scenario.path, line.number, f'“{line.text}”; but there left\n{self.shown(self.watched_of(self.step_letters))}')

    def check_sent(self, line, left):
        kind = self.understood(line, language.kind_of, line.parts['kind'])
        recipients, demands = self.understood(line, clauses, line.parts['rest'])
        times = int(next((value for name, value in demands if name == 'times'), 1))
        for who in recipients:
            address = self.understood(line, self.programme.address, who)
            for _ in range(times):
                reasons = [(letter, self.fits(letter, kind, address, demands)) for letter in left]
                found = [letter for letter, reason in reasons if reason is None]
                if not found:
                    near = ''.join(f'      nearly: {letter.key}: {reason}\n' for letter, reason in reasons if reason != 'another letter')
                    raise Mistake(self.scenario.path, line.number, f'“{line.text}”: no such letter to {who} <{address}>; there left\n{self.shown(self.step_letters)}{near}')
                left.remove(found[0])

    def check_not_sent(self, line, left):
        kind = self.understood(line, language.kind_of, line.parts['kind'])
        addresses = None
        if 'rest' in line.parts:
            addresses = [self.understood(line, self.programme.address, who) for who in names(line.parts['rest'])]
        wrong = [letter for letter in self.step_letters if letter.kind == kind and (addresses is None or letter.to in addresses)]
        if wrong:
            raise Mistake(self.scenario.path, line.number, f'“{line.text}”; but there left\n{self.shown(wrong)}')

    def understood(self, line, function, *arguments):
        try:
            return function(*arguments)
        except (ValueError, KeyError) as error:
            raise Mistake(self.scenario.path, line.number, f'this is not understood: {error}')

    def same(self, line, found, what):
        raise Mistake(self.scenario.path, line.number, f'“{line.text}”: {what}; found {found}')

    def check_state(self, line, left):
        rows = self.understood(line, self.listed, 'status', line.parts['date'])['rows']
        row = next((r for r in rows if r['organization'] == line.parts['who']), None)
        if row is None:
            self.same(line, [r['organization'] for r in rows], 'no such organization')
        for word in language.split(line.parts['rest']):
            version, problems = re.fullmatch(r'第 ?(\d+) ?版|revision (\d+)', word), re.fullmatch(r'(\d+) ?个问题|(\d+) problems?', word)
            if version:
                good = row['revision'] == int(version[1] or version[2])
            elif problems:
                good = row['problems'] == int(problems[1] or problems[2])
            elif word in ('按时', 'on time', '迟交', 'late'):
                good = row['on_time'] is (word in ('按时', 'on time'))
            elif word in STATES:
                good = row['state'] == STATES[word] or STATES[word] == 'owed' and row['state'] == 'missing'
            else:
                raise Mistake(self.scenario.path, line.number, f'this is not understood: “{word}”')
            if not good:
                self.same(line, row, f'“{word}”')

    def check_review(self, line, left):
        found = sorted(entry['code'] for entry in self.listed('review', 'list'))
        expected = [] if line.parts['rest'] in ('无', 'nothing') else sorted(names(line.parts['rest']))
        if found != expected:
            self.same(line, found, 'what waits for a person')

    def check_calls(self, line, left):
        found = sorted(call['organization'] for call in self.listed('status', line.parts['date'])['call_list'])
        expected = [] if line.parts['rest'] in ('无', 'nobody') else sorted(names(line.parts['rest']))
        if found != expected:
            self.same(line, found, 'the call list')

    def check_question(self, line, left):
        found = {q['question']: q['state'] for q in self.listed('questions', 'list', '--all')}
        if found.get(line.parts['q']) != QUESTIONS.get(line.parts['rest'], line.parts['rest']):
            self.same(line, found, 'the question')

    def check_why(self, line, left):
        done = subprocess.run([PROGRAM, 'explain', '--config', self.programme.path, '--at', f'@{self.gateway_s()}', line.parts['who'], line.parts['date']],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        for name, text in self.understood(line, clauses, '-, ' + line.parts['rest'])[1]:
            if (name == 'says') != (text in done.stdout):
                self.same(line, done.stdout + done.stderr, text)


def play(path):
    """Plays one file; raises Mistake. Returns (passes, letters)."""
    scenario = language.Scenario(path)
    folder = tempfile.mkdtemp(prefix='fortnight-scenario-')
    world = None
    try:
        world = World(scenario, folder)
        watched = scenario.header('watch')
        world.watched = {world.understood(scenario.headers[0], language.kind_of, kind) for kind in names(watched)} if watched else None
        world.now = language.moment(scenario.header('start')) if scenario.header('start') else scenario.steps[0].at
        world.change()
        world.open()
        world.go_on()
        if scenario.header('first_contact') not in ('静默', 'silent'):
            world.ordered('release')
        for step in scenario.steps:
            world.now, world.step_letters = step.at, []
            try:
                world.go_on()
                if world.happen(step):
                    world.go_on()
            except (ValueError, KeyError) as error:
                raise Mistake(path, step.event.number, f'“{step.event.text}”: {error}')
            world.check(step)
        passes, letters = world.passes, len(world.letters)
        world.close()
        return passes, letters
    finally:
        if world and world.driver.poll() is None:
            world.driver.stdin.close()
            world.driver.wait()
        shutil.rmtree(folder, ignore_errors=True)
