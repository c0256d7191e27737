#!/usr/bin/env python3
"""How well forms are read: every mail of the sample is parsed by the real program and compared with what its author wrote.

    tests/score.py [--build PROGRAM] [--worst N] [--check | --write]

--check: exit status 1 where a figure is worse than the one in tests/scores.json; --write: keeps today's figures there. Material of others
(FORTNIGHT_SHARED, else ../shared) has measures of its own, which are run and shown where it is present."""
import argparse, glob, json, os, re, subprocess, sys, unicodedata

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
SHARED = os.environ.get('FORTNIGHT_SHARED', os.path.join(ROOT, '..', 'shared'))
SAMPLE, SCORES = os.path.join(HERE, 'corpus', 'forms'), os.path.join(HERE, 'scores.json')
KEYS = {'members': 'name', 'daily': 'date', 'questions': 'question', 'cases': 'title', 'articles': 'title'}
LOWER_IS_BETTER = {'wrong', 'invented'}
BATCH = 50
PROBLEMS = {'wrong_form': {'wrong_form', 'no_form'}, 'empty': {'empty_form'}}
FILES_OF_OTHERS = {'forms': '*.eml', 'corpora': '*'}


def plain(value):
    """What is compared: white space, width and a final stop of a text make no difference."""
    if not isinstance(value, str):
        return value
    return re.sub(r'[\s\u200b-\u200d\ufeff]+', '', unicodedata.normalize('NFKC', value)).rstrip('。.;')


def same(expected, found):
    if isinstance(expected, dict) and 'any_of' in expected:
        return any(same(e, found) for e in expected['any_of'])
    return plain(expected) == plain(found)


def parse(program, files):
    """Answer by base name."""
    answers = {}
    for start in range(0, len(files), BATCH):
        run = subprocess.run([program, 'parse', '--json', '--forms', os.path.join(ROOT, 'etc', 'youth-voice', 'forms'), *files[start:start + BATCH]],
                             capture_output=True, timeout=300)
        for line in run.stdout.decode().splitlines():
            answer = json.loads(line)
            answers[os.path.basename(answer['file'])] = answer
    return answers


class Tally:
    def __init__(self):
        self.counts = dict.fromkeys(('mails', 'kind', 'form', 'values', 'right', 'wrong', 'absent', 'invented', 'rows', 'given', 'matched', 'cells', 'cells_right', 'perfect'), 0)

    def compare_fields(self, truth, answer, notes):
        fields, counts = {k: v['value'] for k, v in answer.get('fields', {}).items()}, self.counts
        for key, expected in truth['fields'].items():
            found = fields.get(key)
            soft = isinstance(expected, dict) and 'any_of' in expected
            if expected is None or soft:
                counts['absent'] += 1
                if not same(expected, found) if soft else found is not None:
                    counts['invented'] += 1
                    notes.append(f'{key}: invented {found!r}')
                continue
            counts['values'] += 1
            if same(expected, found):
                counts['right'] += 1
            else:
                counts['wrong'] += found is not None
                notes.append(f'{key}: {found!r} instead of {expected!r}')

    def compare_rows(self, truth, answer, notes):
        counts = self.counts
        for table in sorted(set(truth['tables']) | set(answer.get('tables', {}))):
            expected, given = truth['tables'].get(table, []), list(answer.get('tables', {}).get(table, []))
            counts['rows'] += len(expected)
            counts['given'] += len(given)
            before = dict(counts)
            for row in expected:
                key = KEYS[table]
                found = next((g for g in given if same(row.get(key), g.get(key))), None)
                filled = {k: v for k, v in row.items() if v is not None}
                counts['cells'] += len(filled)
                if found is not None:
                    given.remove(found)
                    counts['matched'] += 1
                    counts['cells_right'] += sum(same(v, found.get(k)) for k, v in filled.items())
            if given or any(counts[a] - before[a] != counts[b] - before[b] for a, b in (('cells', 'cells_right'),)):
                notes.append(f'{table}: {counts["matched"] - before["matched"]} of {len(expected)} rows, {len(given)} too many, '
                             f'{counts["cells_right"] - before["cells_right"]} of {counts["cells"] - before["cells"]} cells')

    def add(self, truth, answer):
        """Returns what is wrong with one answer."""
        notes, counts, kind = [], self.counts, truth['kind']
        counts['mails'] += 1
        right_kind = answer.get('kind') in kind['any_of'] if isinstance(kind, dict) else answer.get('kind') == kind
        counts['kind'] += right_kind
        right_form = answer.get('form') == truth['form'] or isinstance(kind, dict)
        counts['form'] += right_form
        if not right_kind or not right_form:
            notes.append(f'kind {answer.get("kind")}, form {answer.get("form")}')
        self.compare_fields(truth, answer, notes)
        self.compare_rows(truth, answer, notes)
        codes = {p['code'] for p in answer.get('problems', [])}
        if truth['problem'] and not codes & PROBLEMS[truth['problem']]:
            notes.append(f'problem {truth["problem"]} not named')
        counts['perfect'] += not notes
        return notes

    def figures(self):
        c = self.counts
        share = lambda part, whole: round(100 * part / whole, 2) if whole else 100.0
        return {'kind': share(c['kind'], c['mails']), 'form': share(c['form'], c['mails']), 'recall': share(c['right'], c['values']),
                'wrong': share(c['wrong'], c['values']) if c['values'] else 0.0, 'invented': share(c['invented'], c['absent']) if c['absent'] else 0.0,
                'rows': share(2 * c['matched'], c['rows'] + c['given']), 'cells': share(c['cells_right'], c['cells']), 'perfect': share(c['perfect'], c['mails'])}


def measure(program, folder=SAMPLE):
    """(number of mails, figures in percent, {mail: what is wrong})"""
    files = sorted(glob.glob(os.path.join(folder, '*.eml')))
    answers, tally, wrong = parse(program, files), Tally(), {}
    for file in files:
        with open(file[:-4] + '.json', encoding='utf-8') as handle:
            notes = tally.add(json.load(handle), answers.get(os.path.basename(file), {}))
        if notes:
            wrong[os.path.basename(file)] = notes
    return len(files), tally.figures(), wrong


def keep(name, figures):
    """Puts a measure's figures into tests/scores.json beside the others."""
    kept = {}
    if os.path.exists(SCORES):
        with open(SCORES, encoding='utf-8') as handle:
            kept = json.load(handle)
    with open(SCORES, 'w', encoding='utf-8') as out:
        json.dump({**kept, name: figures}, out, indent=1)
        out.write('\n')


def fallen(figures, kept):
    """Texts of the figures that are worse than those kept."""
    return [f'{name}: {figures[name]} instead of {kept[name]}' for name in kept
            if (figures[name] > kept[name] if name in LOWER_IS_BETTER else figures[name] < kept[name])]


def show_others(program):
    for name, pattern in FILES_OF_OTHERS.items():
        folder = os.path.join(SHARED, name)
        script = os.path.join(folder, 'score.py')
        if not os.path.exists(script):
            print(f'{name} of others: SKIPPED, 1 folder absent: {os.path.relpath(folder, ROOT)}')
            continue
        print(f'{name} of others ({len(glob.glob(os.path.join(folder, pattern)))} entries):', flush=True)
        run = subprocess.run([sys.executable, script, '--cmd', program, folder] + (['--by', 'format'] if name == 'forms' else []), capture_output=True, text=True)
        print('\n'.join('  ' + line for line in run.stdout.splitlines()[:60]))


def main():
    options = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    options.add_argument('--build', default=os.environ.get('FORTNIGHT', os.path.join(ROOT, 'fortnight')), metavar='PROGRAM')
    options.add_argument('--worst', type=int, default=10)
    options.add_argument('--sample', default=SAMPLE, metavar='DIR', help='other mails with their truth, made by tests/support/forms_sample.py')
    options.add_argument('--check', action='store_true')
    options.add_argument('--write', action='store_true')
    chosen = options.parse_args()
    number, figures, wrong = measure(chosen.build, chosen.sample)
    print(f'sample ({number} mails): ' + '  '.join(f'{k} {v}' for k, v in figures.items()))
    for name, notes in list(wrong.items())[:chosen.worst]:
        print('  ' + name + '\n    ' + '\n    '.join(notes[:8]))
    if chosen.write:
        keep('forms', figures)
    worse = []
    if os.path.exists(SCORES) and chosen.sample == SAMPLE:
        with open(SCORES, encoding='utf-8') as kept:
            worse = fallen(figures, json.load(kept)['forms'])
        for text in worse:
            print('FALLEN ' + text)
    if not chosen.check:
        show_others(chosen.build)
    sys.exit(bool(worse))


if __name__ == '__main__':
    main()
