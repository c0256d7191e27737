#!/usr/bin/env python3
"""Three simulated years of 200 organizations, decided by the core at every event's instant and the seconds around it and at 5,000 random
minutes; judged by an oracle with a calendar of its own (tests/simulation).

    tests/e2e/test_years.py [--seeds N]     default 10; `make simulate-long` takes 100"""
import argparse, os, resource, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(os.path.dirname(HERE), 'simulation')
sys.path[:0] = [os.path.join(HERE, '..', 'support'), FOLDER]
import oracle, tap

ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.join(os.environ.get('FORTNIGHT_BUILD', os.path.join(ROOT, 'build', 'san')), '..', 'release')
SEEDS = 10


def log_of(seed):
    done = subprocess.run([os.path.join(BUILD, 'tests', 'simulation', 'years'), os.path.join(FOLDER, 'fortnight.conf'), str(seed)],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.splitlines()


def cpu_s(who):
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def seed_case(seed):
    def judged():
        before, own = cpu_s(resource.RUSAGE_CHILDREN), cpu_s(resource.RUSAGE_SELF)
        judge = oracle.Judge(log_of(seed))
        faults = judge.judge()
        print(f'# seed {seed}: {judge.ticks} ticks, {len(judge.letters)} letters, {len(faults)} faults; {cpu_s(resource.RUSAGE_CHILDREN) - before:.1f} s of core,'
              f' {cpu_s(resource.RUSAGE_SELF) - own:.1f} s of oracle', flush=True)
        if faults:
            raise AssertionError(f'{len(faults)} faults:\n' + '\n'.join(faults[:20]))
        if judge.ticks < 30000 or len(judge.letters) < 20000:
            raise AssertionError('too little happened to judge anything')
    return f'seed {seed}: no reminder to one who has submitted, none doubled, none missing, no question forgotten, all in their windows', judged


# what is done to a good log, and a word of the fault that must be found
def twice(lines):
    i = next(i for i, line in enumerate(lines) if ' reminder ' in line)
    return lines[:i] + [lines[i]] + lines[i:]


def lost(kind):
    def doctored(lines):
        found = [i for i, line in enumerate(lines) if line[:2] == 'L ' and f' {kind} ' in line]
        return [line for i, line in enumerate(lines) if i != found[10]]
    return doctored


def moved(kind, seconds):
    def doctored(lines):
        found = [i for i, line in enumerate(lines) if line[:2] == 'L ' and f' {kind} ' in line]
        part = lines[found[5]].split()
        part[1:3] = [str(int(t) + seconds) for t in part[1:3]]
        return lines[:found[5]] + [' '.join(part)] + lines[found[5] + 1:]
    return doctored


def unseen(lines):
    """a report comes before its reminder that nobody knew of"""
    letter = next(line for line in lines if ' reminder ' in line and 'T-1d' in line).split()
    _, _, period, _, org = letter[5].split('/')
    fact = f'F {int(letter[1]) - 5000} report {org[3:]} {period} 10 0'
    i = next(i for i, line in enumerate(lines) if line[:2] == 'F ' and int(line.split()[1]) > int(letter[1]) - 5000)
    return lines[:i] + [fact] + lines[i:]


def forgotten(lines):
    found = [i for i, line in enumerate(lines) if line[:2] == 'D ' and ' overdue_questions ' in line]
    return [line for i, line in enumerate(lines) if i != found[7]]


DOCTORED = [('a letter twice', twice, 'twice'), ('a reminder that never left', lost('reminder'), 'never sent'), ('an overdue letter that never left', lost('overdue'), 'never sent'),
            ('a summary that never left', lost('summary'), 'never sent'), ('a reminder days late', moved('reminder', 5 * 86400), 'outside its window'),
            ('a reminder an hour late', moved('reminder', 3600), 's later'), ('a summary days late', moved('summary', 3 * 86400), 'outside its window'),
            ('a reminder to one who has submitted', unseen, 'does not owe'), ('an overdue question that nobody was told of', forgotten, 'told at []'),
            ('an acknowledgement that never left', lost('ack'), 'answers')]


def sees():
    """the oracle is not blind: each of ten doctored logs is found out"""
    lines = log_of(1)
    for name, doctor, words in DOCTORED:
        faults = oracle.Judge(doctor(lines)).judge()
        if not any(words in fault for fault in faults):
            raise AssertionError(f'{name}: not found; {faults[:3]}')


if __name__ == '__main__':
    parser = argparse.ArgumentParser()
    parser.add_argument('--seeds', type=int, default=SEEDS)
    seeds = parser.parse_args().seeds
    tap.run([seed_case(seed) for seed in range(1, seeds + 1)] + [sees])
