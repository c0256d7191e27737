#!/usr/bin/env python3
"""How well senders and periods are recognised: 200 organizations, mails whose truth is known by construction, the real program.

    tests/identity.py [--seed N] [--language zh|en] [--worst N]

right: share of mails with the right organization (or period), named or proposed; wrong: number of mails with a wrong one; review: share that
waits for a person, of those that need not. `tests/e2e/test_identity.py` holds them to the bars below and to tests/scores.json."""
import argparse, collections, os, shutil, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, 'support'), HERE]
import score
from identity_sample import Case, IdentitySample, PeriodSample
from programme import Programme, ROOT

# the least that is good enough: share that is right, number that is wrong, share of needless reviews
BARS = {'organization': {'right': 98.0, 'wrong': 0, 'review': 2.0}, 'period': {'right': 99.0, 'wrong': 9, 'review': 1.0}}
KEPT_SEED = 7 # of the figures in tests/scores.json

ENGLISH = '''programme = {{ id = "club-reports"; title = "Sports club reports"; language = "en"; zone = "Etc/UTC"; }};
state_dir = "state"; forms_dir = "{forms}"; roster = "organizations.csv";
mailbox = {{ kind = "directory"; path = "mail"; }};
transport = {{ kind = "directory"; path = "sent"; from = {{ name = "Sports clubs office"; address = "clubs@example.edu"; }}; }};
roles = ( {{ role = "leader"; name = "Head"; address = "head@example.edu"; }}, {{ role = "liaison"; name = "Office"; address = "office@example.edu"; }},
          {{ role = "operator"; name = "IT"; address = "it@example.edu"; }} );
obligations = ( {{ id = "weekly"; form = "weekly"; title = "weekly report"; schedule = {{ weekdays = ["friday"]; first_due = "2026-09-04"; time = "23:59"; }};
    summary = {{ days = 3; time = "08:30"; to = "leader"; }}; }} );
'''


def programme_of(folder, sample):
    programme = Programme(folder, sample.roster.rows, 'days_of_month = [13, 27]; first_due = "2016-06-27";', receipt_due='2016-06-20')
    if sample.language == 'en':
        with open(programme.config, 'w', encoding='utf-8') as f:
            f.write(ENGLISH.format(forms=os.path.join(ROOT, 'etc/club-reports/forms')))
    return programme


def run(sample):
    """What became of each mail: {id: (organization, period, state, review codes)}."""
    folder = tempfile.mkdtemp(prefix='fortnight-identity-')
    try:
        programme = programme_of(folder, sample)
        programme.run('poll', at='2016-06-14T00:00' if sample.language == 'zh' else '2026-08-29T00:00')
        for name, old in sample.roster.renamed.items():
            programme.run('orgs', 'rename', old, name)
        for case in sample.cases:
            path = os.path.join(folder, 'mail', f'{case.id:05}.eml')
            with open(path, 'wb') as f:
                f.write(case.data)
            os.utime(path, (case.received.timestamp(),) * 2)
        files = [os.path.join(folder, 'mail', f'{case.id:05}.eml') for case in sample.cases]
        last = max(case.received for case in sample.cases)
        for start in range(0, len(files), 500):
            programme.run('ingest', *files[start:start + 500], at=last, timeout=600)
        rows = programme.sql("SELECT m.message_id, o.name, m.state, (SELECT group_concat(s.period) FROM submission s WHERE s.id IN (SELECT submission FROM revision WHERE message = m.id"
                             " UNION SELECT submission FROM resent WHERE message = m.id)), (SELECT group_concat(code) FROM review WHERE message = m.id)"
                             " FROM message m LEFT JOIN organization o ON o.id = m.org_id")
        return {int(mid.strip('<>')[4:].split('@')[0]): (org, period, state, codes) for mid, org, state, period, codes in rows if mid}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Figures:
    def __init__(self):
        self.total = self.right = self.wrong = self.needless = self.decidable = 0
        self.styles, self.notes = collections.defaultdict(lambda: [0, 0]), []

    def add(self, case, right, wrong, needless, found):
        self.total += 1
        self.right += right
        self.wrong += wrong
        self.decidable += bool(case.recorded)
        self.needless += needless
        self.styles[case.style][0] += right
        self.styles[case.style][1] += 1
        if not right or needless:
            self.notes.append((wrong, case, found))

    def summary(self):
        share = lambda part, whole: round(100 * part / whole, 2) if whole else 100.0
        return {'right': share(self.right, self.total), 'wrong': self.wrong, 'review': share(self.needless, self.decidable)}


def measure_identity(sample):
    figures, found = Figures(), run(sample)
    for case in sample.cases:
        org, _, state, codes = found.get(case.id, (None, None, 'lost', ''))
        good_state = case.recorded is None or (state == 'recorded') == case.recorded
        wrong = (org is not None and org != case.org) or (state == 'recorded' and case.recorded is False)
        figures.add(case, org == case.org and not (state == 'recorded' and not good_state), wrong, bool(case.recorded) and state != 'recorded', (org, state, codes))
    return figures


def measure_periods(sample):
    figures, found = Figures(), run(sample)
    for case in sample.cases:
        _, period, state, codes = found.get(case.id, (None, None, 'lost', ''))
        figures.add(case, period == case.period, period is not None and period != case.period, state != 'recorded', (period, state, codes))
    return figures


def measure(seed, language):
    return {'organization': measure_identity(IdentitySample(seed, language)), 'period': measure_periods(PeriodSample(seed, language))}


def below_bars(figures):
    """Texts of what is not good enough."""
    return [f'{name} {key}: {figures[name][key]}, the bar is {bar}' for name, bars in BARS.items() for key, bar in bars.items()
            if (figures[name][key] < bar if key == 'right' else figures[name][key] > bar)]


def main():
    options = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    options.add_argument('--seed', type=int, default=1)
    options.add_argument('--language', default='zh', choices=['zh', 'en'])
    options.add_argument('--worst', type=int, default=20)
    options.add_argument('--save', metavar='DIR', help='writes the mails that went wrong there')
    options.add_argument('--write', action='store_true', help='keeps the figures of both languages in tests/scores.json')
    chosen = options.parse_args()
    if chosen.write:
        score.keep('identity', {language: {name: f.summary() for name, f in measure(KEPT_SEED, language).items()} for language in ('zh', 'en')})
        return
    for name, figures in measure(chosen.seed, chosen.language).items():
        print(f'{name} ({figures.total} mails, {chosen.language}, seed {chosen.seed}): ' + '  '.join(f'{k} {v}' for k, v in figures.summary().items()))
        for style, (right, total) in sorted(figures.styles.items(), key=lambda s: s[1][0] / s[1][1]):
            print(f'   {right:4} of {total:4}  {style}')
        for wrong, case, found in sorted(figures.notes, key=lambda n: not n[0])[:chosen.worst]:
            print(f'   {"WRONG" if wrong else "     "} {case.id} {case.style} {case.received:%Y-%m-%d}: {case.org} {case.period}, found {found}')
            if chosen.save:
                with open(os.path.join(chosen.save, f'{name}-{case.id}.eml'), 'wb') as f:
                    f.write(case.data)


if __name__ == '__main__':
    main()
