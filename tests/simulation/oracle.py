"""Judges a log of three simulated years (years.c) by the rules of SPEC 4, 5 and 8, with a calendar of its own. It knows the programme
of fortnight.conf beside it by heart and shares nothing with the program but the log.

    oracle.py < LOG      prints what is wrong, a line each, and "N letters, M faults"; exit status 1 where there are any

A letter is judged by the gateway's own clock, a report by when the gateway could see it. What must leave must leave at once: within
SOON_S of the first moment at which it is owed and nothing stands in its way (LOOK_S where something stood there before)."""
import bisect, collections, datetime, sys

ZONE_S, DAY_S, HOUR_S = 8 * 3600, 86400, 3600
GRACE_S, HOLD_S, SUMMARY_LIFE_S, LAST_STAGE_S = 1800, 86400, 2 * 86400, 2 * 86400
QUIET_FROM_S, QUIET_TO_S = 22 * 3600, 7 * 3600
SOON_S, LOOK_S = 2, 660  # a letter that was held is looked at again every ten minutes
FIRST_DUE, LAST_DUE = datetime.date(2016, 6, 27), datetime.date(2019, 7, 1)
VACATIONS = [((2016, 7, 15), (2016, 8, 31)), ((2017, 1, 16), (2017, 2, 12)), ((2017, 7, 15), (2017, 8, 31)), ((2018, 2, 1), (2018, 3, 1)),
             ((2018, 7, 15), (2018, 8, 31)), ((2019, 1, 20), (2019, 2, 20))]
FOREVER = 1 << 60


def instant(day, second):
    """Of a local second of a local day (a number of days since 1970)."""
    return day * DAY_S - ZONE_S + second


def is_quiet(clock):
    second = (clock + ZONE_S) % DAY_S
    return second >= QUIET_FROM_S or second < QUIET_TO_S


def after_quiet(clock):
    if not is_quiet(clock):
        return clock
    day, second = divmod(clock + ZONE_S, DAY_S)
    return instant(day + (second >= QUIET_FROM_S), QUIET_TO_S)


class Period:
    def __init__(self, day):
        number = day.toordinal() - datetime.date(1970, 1, 1).toordinal()
        self.key, self.due = day.isoformat(), instant(number, DAY_S - 1)
        self.late = self.due + GRACE_S
        starts = [('T-3d', instant(number - 3, 9 * HOUR_S)), ('T-1d', instant(number - 1, 9 * HOUR_S)), ('T-0d', instant(number, 8 * HOUR_S + 1800)),
                  ('T+1d', max(instant(number + 1, 9 * HOUR_S), self.late + 1)), ('T+3d', instant(number + 3, 9 * HOUR_S))]
        ends = [start for _, start in starts[1:]] + [starts[-1][1] + LAST_STAGE_S]
        ends[2] = self.due
        self.stages = {name: (start, end) for (name, start), end in zip(starts, ends)}
        start = max(instant(number + 1, 8 * HOUR_S), self.late + 1)
        self.summary = (start, start + SUMMARY_LIFE_S)


def periods():
    vacations = [(datetime.date(*a), datetime.date(*b)) for a, b in VACATIONS]
    days = (datetime.date(year, month, day) for year in range(2016, 2020) for month in range(1, 13) for day in (13, 27))
    return {day.isoformat(): Period(day) for day in days if FIRST_DUE <= day <= LAST_DUE and not any(a <= day <= b for a, b in vacations)}


class Weather:
    """What worked when: pieces of time without a change; each (start, end, up, mailbox, server, skew)."""

    def __init__(self, facts):
        state, start, self.pieces = {'up': 1, 'mailbox': 1, 'server': 1, 'clock': 0}, 0, []
        for at, kind, _, _, value, _ in facts:
            if kind in state:
                if at > start:
                    self.pieces.append((start, at, state['up'], state['mailbox'], state['server'], state['clock']))
                    start = at
                state[kind] = value
        self.pieces.append((start, FOREVER, state['up'], state['mailbox'], state['server'], state['clock']))
        self.starts = [piece[0] for piece in self.pieces]

    def index(self, at):
        return bisect.bisect_right(self.starts, at) - 1

    def at(self, at):
        return self.pieces[self.index(at)]

    def between(self, start, end):
        i = max(self.index(start), 0)
        while i < len(self.pieces) and self.pieces[i][0] < end:
            yield self.pieces[i]
            i += 1

    def seen(self, at):
        """When a mail that arrives then is seen."""
        for piece in self.pieces[self.index(at):]:
            if piece[2] and piece[3]:
                return max(at, piece[0])
        return FOREVER


class Judge:
    def __init__(self, lines):
        self.organizations, self.facts, self.letters, self.decided, self.faults, self.ticks = {}, [], [], [], [], 0
        for line in lines:
            part = line.split()
            if part[0] == 'F':
                self.facts.append((int(part[1]), part[2], int(part[3]), part[4], int(part[5]), int(part[6])))
            elif part[0] in 'LD':
                ids = [] if part[6] == '-' else [int(i) for i in part[6].split(',')]
                (self.letters if part[0] == 'L' else self.decided).append((int(part[1]), int(part[2]), part[3], part[4], part[5], ids))
            elif part[0] == 'O':
                self.organizations[int(part[1])] = (part[2] != '-', part[3] != '-', int(part[4]))
            elif part[0] == 'N':
                self.ticks = int(part[1])
        self.periods, self.weather = periods(), Weather(self.facts)
        self.end = self.facts[-1][0]
        self.read_standing()

    def fault(self, at, text):
        when = datetime.datetime.fromtimestamp(at, datetime.timezone(datetime.timedelta(seconds=ZONE_S)))
        self.faults.append(f'{when:%Y-%m-%d %H:%M:%S} {text}')

    # ---- who owes -------------------------------------------------------------------------------------------------------

    def read_standing(self):
        """free: intervals in which an organization does not owe a period; away: in which it owes nothing; held: mail of it waits."""
        self.free, self.away, self.held = collections.defaultdict(list), collections.defaultdict(list), collections.defaultdict(list)
        live = {}
        for at, kind, org, key, value, _ in self.facts:
            if kind == 'report':
                live.setdefault((org, key), self.weather.seen(at))
            elif kind == 'withdraw' and (org, key) in live:
                seen = self.weather.seen(at)
                self.free[org, key].append((live.pop((org, key)), seen))
            elif kind == 'exempt':
                self.free[org, key].append((at, FOREVER))
            elif kind == 'suspend':
                self.open_close(self.away[org], at, value)
            elif kind == 'hold':
                self.open_close(self.held[org], at, value)
        for (org, key), seen in live.items():
            self.free[org, key].append((seen, FOREVER))
        for spans in list(self.free.values()):
            spans.sort()

    @staticmethod
    def open_close(spans, at, value):
        if value:
            spans.append((at, FOREVER))
        elif spans:
            spans[-1] = (spans[-1][0], min(at, spans[-1][1]))

    def owes(self, org, key, at):
        return not any(a <= at < b for spans in (self.free.get((org, key), ()), self.away.get(org, ())) for a, b in spans)

    def is_held(self, org, at):
        for start, end in self.held.get(org, ()):
            if start <= at < end and at + self.weather.at(at)[5] - (start + self.weather.at(start)[5]) < HOLD_S:
                return True
        return False

    # ---- what left ------------------------------------------------------------------------------------------------------

    def recipients(self, org, stage):
        """{role in the key: address} of a stage for an organization."""
        has_address, has_advisor, section = self.organizations[org]
        to = {'': f'org{org}@example.edu.cn'} if has_address else {}
        if stage == 'T+1d' and has_advisor:
            to['advisor'] = f'teacher{org}@example.edu.cn'
        if stage == 'T+3d' and section < 3:
            to['section_head'] = f'head{section}@example.edu.cn'
        return to

    def judge_letters(self):
        self.sent, self.summaries, self.answers, seen_keys = {}, {}, collections.defaultdict(list), set()
        for at, clock, kind, to, key, ids in self.letters:
            _, _, up, mailbox, server, skew = self.weather.at(at)
            if key in seen_keys:
                self.fault(at, f'{key}: twice')
            seen_keys.add(key)
            if not up or not server:
                self.fault(at, f'{key}: left while nothing could leave')
            if clock != at + skew:
                self.fault(at, f'{key}: the clock shows {clock}')
            if kind in ('reminder', 'overdue'):
                self.judge_stage(at, clock, kind, to, key, mailbox)
            elif kind == 'summary':
                self.judge_summary(at, clock, to, key)
            elif kind in ('ack', 'correction'):
                self.answers[to].append(at)
            elif ids and is_quiet(clock):
                self.fault(at, f'{key}: in the quiet hours')

    def judge_stage(self, at, clock, kind, to, key, mailbox):
        word, _, period, stage, who, *role = key.split('/')
        org, role = int(who[3:]), role[0] if role else ''
        known = self.periods.get(period)
        if known is None or stage not in known.stages or (word == 'remind') != (stage[1] == '-') or (kind == 'reminder') != (word == 'remind'):
            self.fault(at, f'{key}: there is no such stage')
            return
        start, end = known.stages[stage]
        if not start <= clock < end:
            self.fault(at, f'{key}: outside its window')
        if is_quiet(clock):
            self.fault(at, f'{key}: in the quiet hours')
        if not self.owes(org, period, at):
            self.fault(at, f'{key}: it does not owe this')
        if self.is_held(org, at) or not mailbox:
            self.fault(at, f'{key}: its mail has not been read')
        if self.recipients(org, stage).get(role) != to:
            self.fault(at, f'{key}: to {to}')
        if (org, period, stage, role) in self.sent:
            self.fault(at, f'{key}: doubled')
        self.sent[org, period, stage, role] = at

    def judge_summary(self, at, clock, to, key):
        period = self.periods.get(key.split('/')[2])
        if period is None or not period.summary[0] <= clock < period.summary[1] or is_quiet(clock):
            self.fault(at, f'{key}: outside its window')
        elif (period.key, to) in self.summaries:
            self.fault(at, f'{key}: doubled')
        else:
            self.summaries[period.key, to] = at

    # ---- what had to leave -----------------------------------------------------------------------------------------------

    def open_times(self, start, end):
        """(intervals in which everything works and the night is over, something was amiss before) for a window on the gateway's clock;
        None where the clock was wrong near it."""
        pieces = list(self.weather.between(start - 2 * DAY_S, end + 2 * DAY_S))
        if any(piece[5] for piece in pieces):
            return None
        spans = []
        for a, b, up, mailbox, server, _ in pieces:
            a, b = max(a, start), min(b, end)
            while up and server and a < b:
                a = after_quiet(a)
                night = instant((a + ZONE_S) // DAY_S, QUIET_FROM_S)
                if a < b:
                    spans.append((a, min(b, night), mailbox))
                a = night
        return spans

    def first_owed(self, org, period, start, spans):
        """The first (moment, end of the open time) at which a letter of a stage is owed. None: there is none, or the organization owed it
        since the stage began and then no longer did: what was decided in between is cancelled for good, its key is used up."""
        changes = sorted({t for s in (self.free.get((org, period), ()), self.away.get(org, ())) for pair in s for t in pair})
        for a, b, mailbox in spans:
            marks = [a] + [t for t in changes if a < t < b] + [b]
            for u, v in zip(marks, marks[1:]):
                if not mailbox or not self.owes(org, period, u):
                    continue
                t = u
                for since, until in self.held.get(org, ()):
                    if since <= t + LOOK_S and t < min(until, since + HOLD_S):
                        t = min(until, since + HOLD_S)
                if t < v:
                    was_cancelled = any(start < c <= t and self.owes(org, period, c - 1) and not self.owes(org, period, c) for c in changes)
                    return None if was_cancelled else (t, v)
        return None

    def judge_missing(self):
        for period in self.periods.values():
            for stage, (start, end) in period.stages.items():
                if end + DAY_S > self.end:
                    continue
                spans = self.open_times(start, end)
                if spans is None:
                    continue
                is_plain = len(self.weather_changes(start, end)) == 0
                for org in self.organizations:
                    roles = self.recipients(org, stage)
                    if not roles:
                        continue
                    first = self.first_owed(org, period.key, start, spans)
                    if first is None:
                        continue
                    within = SOON_S if is_plain and not self.held.get(org) else LOOK_S
                    if first[0] + within >= first[1]:
                        continue  # no time was left
                    for role in roles:
                        sent = self.sent.get((org, period.key, stage, role))
                        if sent is None or sent > first[0] + within:
                            self.fault(first[0], f'{stage} {period.key} org{org}/{role}: owed, {"never sent" if sent is None else f"sent {sent - first[0]} s later"}')
            spans = self.open_times(*period.summary)
            if spans and period.summary[1] + DAY_S < self.end:
                for to in ('leader@example.edu.cn', 'supervisor@example.edu.cn'):
                    sent = self.summaries.get((period.key, to))
                    if sent is None or sent > spans[0][0] + SOON_S:
                        self.fault(spans[0][0], f'summary {period.key} to {to}: {"never sent" if sent is None else "late"}')

    def weather_changes(self, start, end):
        return [piece[0] for piece in self.weather.between(start, end) if piece[0] > start - DAY_S]

    def judge_answers(self):
        """Every report is answered when it is seen, or when the server is there again; none twice."""
        seen = collections.defaultdict(collections.Counter)
        for at, kind, org, *_ in self.facts:
            if kind == 'report' and self.organizations[org][0] and self.weather.seen(at) < FOREVER:
                seen[org][self.weather.seen(at)] += 1
        for org, moments in seen.items():
            answers = self.answers.get(f'org{org}@example.edu.cn', [])
            if len(answers) > sum(moments.values()):
                self.fault(self.end, f'org{org}: {sum(moments.values())} reports, {len(answers)} answers')
            for moment, n in moments.items():
                found = sum(1 for at in answers if moment <= at <= moment + SOON_S)
                if found < n and self.weather.at(moment)[4]:
                    self.fault(moment, f'org{org}: {n} reports seen, {found} answers')

    # ---- questions ------------------------------------------------------------------------------------------------------

    def judge_questions(self):
        known, settled = {}, {}
        for at, kind, org, _, value, asked in self.facts:
            if kind == 'question':
                known[value] = (self.weather.seen(at), asked, org)
            elif kind == 'answer':
                settled[value] = self.weather.seen(at)
        told = collections.defaultdict(lambda: collections.defaultdict(list))
        for at, _, kind, to, key, ids in self.decided:
            for number in ids:
                told[number][key.split('/')[0] + ' ' + to].append(at)
                if kind == 'question_passed' and at >= settled.get(number, FOREVER):
                    self.fault(at, f'{key}: question {number} is settled')
        for at, _, _, _, key, ids in self.letters:
            if ids and all(settled.get(number, FOREVER) <= at for number in ids):
                self.fault(at, f'{key}: all its questions are settled')
        for number, (seen, asked, org) in known.items():
            if seen >= FOREVER:
                continue
            overdue = max(asked + DAY_S, seen + self.weather.at(seen)[5])  # on the gateway's clock
            first = next((t for a, b, up, _, _, skew in self.weather.between(seen, self.end) for t in [max(a, seen, overdue - skew)] if up and t < b), None)
            late = first is not None and first < min(settled.get(number, FOREVER), self.end)
            section = self.organizations[org][2]
            wanted = ['overdue_questions coordinator@example.edu.cn'] + ([f'inquiry head{section}@example.edu.cn', 'inquiry supervisor@example.edu.cn'] if section < 3 else [])
            for what in wanted:
                times = told[number].pop(what, [])
                if late and (len(times) != 1 or not first <= times[0] <= first + SOON_S) or not late and times:
                    self.fault(first or seen, f'question {number}: {what}: told at {[t - (first or seen) for t in times]}, {"overdue" if late else "not overdue"}')
            for what in told[number]:
                if not what.startswith(('passed', 'nudge')):
                    self.fault(seen, f'question {number}: {what}')

    def judge(self):
        self.judge_letters()
        self.judge_missing()
        self.judge_answers()
        self.judge_questions()
        return self.faults


if __name__ == '__main__':
    judge = Judge(sys.stdin)
    faults = judge.judge()
    for text in faults[:40]:
        print(text)
    print(f'{judge.ticks} ticks, {len(judge.letters)} letters, {len(faults)} faults')
    sys.exit(bool(faults))
