#!/usr/bin/env python3
"""Measures the whole job beside a Python pipeline on the same mailbox in the same run: fetch from a private Dovecot, archive synced
to disk, read with documents, record, decide. Prints messages a second and their ratio, cold and warm, medians of --runs, and the
largest sum of PSS of all processes of the program. Equal counts are asserted and a sample of fields is compared.

    bench.py [--build build] [--n 5000] [--runs 5] [--shared DIR]

--shared DIR: another workload and yardstick of the same kind (gen.py, pipeline.py); default FORTNIGHT_SHARED or ../shared where
its bench/ exists, else the project's own."""
import argparse, glob, json, os, re, shutil, sqlite3, statistics, subprocess, sys, threading, time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(HERE, '..', 'support'), os.path.join(HERE, '..', 'servers')]
import workload
from servers import Dovecot

PROGRAM = os.path.join(ROOT, 'fortnight')
CONFIG = '''programme = {{ id = "bench"; title = "bench"; language = "zh"; zone = "Asia/Shanghai"; }};
state_dir = "state"; forms_dir = "{forms}"; roster = "organizations.csv";
mailbox = {{ kind = "imap"; host = "localhost"; port = {port}; tls = "none"; user = "bench"; password_file = "secret"; }};
transport = {{ kind = "directory"; path = "sent"; from = {{ address = "youth@example.edu.cn"; }}; }};
obligations = ( {{ id = "report"; form = "report"; title = "report"; schedule = {{ days_of_month = [13, 27]; first_due = "2016-06-13"; }}; }} );
'''


def manifest(corpus):
    return [json.loads(line) for line in open(os.path.join(corpus, 'manifest.jsonl'), encoding='utf-8')]


def python():
    """The system's Python where there is one: others are of all ages and builds."""
    return '/usr/bin/python3' if os.access('/usr/bin/python3', os.X_OK) else sys.executable


def prepare(arguments):
    """Corpus and yardstick: (folder, command)."""
    shared = arguments.shared and os.path.join(arguments.shared, 'bench')
    work = os.path.join(arguments.build, 'bench')
    os.makedirs(work, exist_ok=True)
    if shared and os.path.exists(os.path.join(shared, 'pipeline.py')):
        corpus = os.path.join(work, f'corpus-shared-{arguments.n}')
        if not os.path.exists(os.path.join(corpus, 'manifest.jsonl')):
            subprocess.run([python(), os.path.join(shared, 'gen.py'), corpus, '--n', str(arguments.n)], check=True, stdout=subprocess.DEVNULL)
        return corpus, lambda port, db: [python(), os.path.join(shared, 'pipeline.py'), '127.0.0.1', str(port), 'bench', 'secret', '127.0.0.1', '1', db, '--no-ack', '--no-store']
    corpus = os.path.join(work, f'corpus-{arguments.n}')
    workload.generate(corpus, arguments.n)
    return corpus, lambda port, db: [python(), os.path.join(HERE, 'baseline.py'), '127.0.0.1', str(port), 'bench', 'secret', db]


def make_cold(imap):
    """A mailbox at first contact: no index of Dovecot's, and, as root, nothing in the page cache."""
    for path in glob.glob(os.path.join(imap.maildir('bench'), 'dovecot*')):
        os.unlink(path)
    os.sync()
    if os.geteuid() == 0:
        try:
            open('/proc/sys/vm/drop_caches', 'w').write('3')
        except OSError:
            pass


class Memory(threading.Thread):
    """The largest sum of PSS (kB) over a process and all its descendants, and over how many processes."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.peak, self.processes, self.over = pid, 0, 0, False

    def tree(self):
        found, queue = [], [self.pid]
        while queue:
            pid = queue.pop()
            found.append(pid)
            for task in glob.glob(f'/proc/{pid}/task/*/children'):
                try:
                    queue += open(task).read().split()
                except OSError:
                    pass
        return found

    def run(self):
        while not self.over:
            total, pids = 0, self.tree()
            for pid in pids:
                try:
                    total += int(re.search(r'^Pss:\s+(\d+)', open(f'/proc/{pid}/smaps_rollup').read(), re.M).group(1))
                except (OSError, AttributeError):
                    pass
            if total > self.peak:
                self.peak, self.processes = total, len(pids)
            time.sleep(0.1)


def run_baseline(command, work):
    db = os.path.join(work, 'yard.db')
    for path in glob.glob(db + '*'):
        os.unlink(path)
    start = time.monotonic()
    out = subprocess.run(command(db), check=True, capture_output=True, text=True).stdout
    return time.monotonic() - start, int(out)


def run_program(config, with_memory=False):
    state = os.path.join(os.path.dirname(config), 'state')
    shutil.rmtree(state, ignore_errors=True)
    start = time.monotonic()
    child = subprocess.Popen([PROGRAM, 'poll', '--config', config], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    memory = Memory(child.pid)
    if with_memory:
        memory.start()
    out, err = child.communicate()
    seconds = time.monotonic() - start
    memory.over = True
    if child.returncode:
        sys.exit(f'bench: fortnight poll: exit {child.returncode}\n{out}{err[-2000:]}')
    return seconds, out, memory


def check(config, rows, sample=100):
    """Equal work: every message archived, read and recorded; every sample-th message's fields are the manifest's."""
    state = os.path.join(os.path.dirname(config), 'state')
    db = sqlite3.connect(f'file:{os.path.join(state, "fortnight.db")}?mode=ro', uri=True)
    count = lambda sql: db.execute(sql).fetchone()[0]
    files = len(glob.glob(os.path.join(state, 'archive', '*', '*.eml')))
    read, recorded = count('SELECT count(DISTINCT message) FROM reading'), count("SELECT count(*) FROM message WHERE state = 'recorded'")
    assert files == read == len(rows), f'{files} archived, {read} read of {len(rows)}'
    assert recorded == len(rows), f'{recorded} recorded of {len(rows)}: ' + str(db.execute('SELECT state, count(*) FROM message GROUP BY 1').fetchall())
    labels = {label: key for key, label in FIELDS.items()}
    compared = wrong = 0
    for row in rows[::sample]:
        line = db.execute('SELECT r.json FROM reading r JOIN message m ON m.id = r.message WHERE m.message_id = ?', (row['message_id'].strip('<>'),)).fetchone()
        fields = {k: v['value'] for k, v in json.loads(line[0])['fields'].items()}
        for label, value in row['form'].items():
            found = fields.get(labels[label])
            plain = lambda x: re.sub(r'\D', '', str(x)) if labels[label] in ('phone',) else str(x)
            if labels[label] == 'report_date':
                value = '%s-%02d-%02d' % tuple(int(x) for x in re.findall(r'\d+', value))
            compared += 1
            if plain(found) != plain(value):
                wrong += 1
                print(f'  differs: {row["message_id"]} {label}: {found!r}, expected {value!r}')
    return compared, wrong


FIELDS = dict(zip(['org', 'issue', 'reporter', 'position', 'phone', 'email', 'advisor', 'report_date', 'received', 'answered', 'unanswered', 'cases', 'articles', 'work', 'plan'],
                  workload.LABELS))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--build', default='build')
    parser.add_argument('--n', type=int, default=5000)
    parser.add_argument('--runs', type=int, default=5)
    parser.add_argument('--baseline-runs', type=int)
    parser.add_argument('--shared', default=os.environ.get('FORTNIGHT_SHARED', os.path.join(ROOT, '..', 'shared')))
    arguments = parser.parse_args()
    arguments.build = os.path.abspath(arguments.build)
    corpus, baseline = prepare(arguments)
    rows = manifest(corpus)
    work = os.path.join(arguments.build, 'bench', 'work')
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(os.path.join(work, 'sent'))
    files = sorted(glob.glob(os.path.join(corpus, 'mail', '*.eml')))
    size = sum(os.path.getsize(f) for f in files)
    print(f'{len(files)} messages, {size / len(files) / 1024:.0f} KB on average, {os.path.basename(corpus)}', flush=True)
    with Dovecot(os.path.join(work, 'servers'), {'bench': 'secret'}) as imap:
        imap.deliver('bench', [open(f, 'rb').read() for f in files])
        config = os.path.join(work, 'fortnight.conf')
        open(config, 'w').write(CONFIG.format(forms=os.path.join(HERE, 'forms'), port=imap.port))
        with open(os.open(os.path.join(work, 'secret'), os.O_WRONLY | os.O_CREAT, 0o600), 'w') as f:
            f.write('secret\n')
        orgs = {r['form']['报送单位']: r['addr'] for r in rows}
        open(os.path.join(work, 'organizations.csv'), 'w').write('name,liaison_address\n' + ''.join(f'{n},{a}\n' for n, a in orgs.items()))
        result = {}
        for phase in ('cold', 'warm'):
            ours, theirs = [], []
            for i in range(arguments.runs):
                if phase == 'cold':
                    make_cold(imap)
                ours.append(run_program(config)[0])
                if i < (arguments.baseline_runs or arguments.runs):
                    if phase == 'cold':
                        make_cold(imap)
                    seconds, n = run_baseline(lambda db: baseline(imap.port, db), work)
                    assert n == len(rows), f'the yardstick recorded {n} of {len(rows)}'
                    theirs.append(seconds)
            a, b = len(rows) / statistics.median(ours), len(rows) / statistics.median(theirs)
            result[phase] = (a, b)
            print(f'{phase}: fortnight {a:.0f} messages/s ({min(ours):.1f} to {max(ours):.1f} s), yardstick {b:.0f} messages/s ({min(theirs):.1f} to {max(theirs):.1f} s): '
                  f'{a / b:.1f} times', flush=True)
        _, out, memory = run_program(config, with_memory=True)
        compared, wrong = check(config, rows)
        print(f'equal work: {out.strip()}')
        print(f'sample: {compared} fields compared, {wrong} wrong')
        print(f'memory: at most {memory.peak / 1024:.0f} MB PSS in {memory.processes} processes')
        sys.exit(1 if wrong else 0)


if __name__ == '__main__':
    main()
