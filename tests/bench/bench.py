#!/usr/bin/env python3
"""Measures the whole job beside a Python pipeline on the same mailbox in the same run: fetch from a private Dovecot, archive synced
to disk, read with documents, record, decide. Prints messages a second and their ratio, cold and warm, and the largest sum of memory
of all processes of the program, for mailboxes of different sizes. Equal counts are asserted and a sample of fields is compared.

    bench.py [--build build] [--n 5000] [--runs 5] [--baseline-runs N] [--minutes 6] [--shared DIR] [--part speed|memory]
    bench.py --small       500 messages, one run of each: whether everything works, no figure to quote

--shared DIR: another workload and yardstick of the same kind (gen.py, pipeline.py); default FORTNIGHT_SHARED or ../shared where
its bench/ exists, else the project's own. --minutes bounds the repetitions: the yardstick, which is slower, is repeated less
often. README.md beside this file says what equal work means and what was measured."""
import argparse, datetime, glob, json, os, re, resource, shutil, sqlite3, statistics, subprocess, sys, threading, time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(HERE, '..', 'support'), os.path.join(HERE, '..', 'servers')]
import material
import workload
from servers import Dovecot

PROGRAM = os.path.join(ROOT, 'fortnight')
CONFIG = '''programme = {{ id = "bench"; title = "bench"; language = "zh"; zone = "Asia/Shanghai"; }};
state_dir = "state"; forms_dir = "{forms}"; roster = "organizations.csv";
mailbox = {{ kind = "imap"; host = "localhost"; port = {port}; tls = "none"; user = "{user}"; password_file = "secret"; }};
transport = {{ kind = "directory"; path = "sent"; from = {{ address = "youth@example.edu.cn"; }}; }};
obligations = ( {{ id = "report"; form = "report"; title = "report"; schedule = {{ days_of_month = [13, 27]; first_due = "2016-06-13"; }}; }} );
'''


MEMORY_MB = 120  # of all processes together, for messages up to 10 MB


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
    """The largest sum of memory (kB) of a process and all its descendants: PSS, and the pages of memfds that they hold, which PSS
    knows only where they are mapped."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.pss, self.held, self.processes, self.over = pid, 0, 0, 0, False

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

    @staticmethod
    def memfds(pid):
        """{inode: kB}"""
        found = {}
        for path in glob.glob(f'/proc/{pid}/fd/*'):
            try:
                if os.readlink(path).startswith('/memfd:'):
                    info = os.stat(path)
                    found[info.st_ino] = info.st_blocks // 2
            except OSError:
                pass
        return found

    def run(self):
        while not self.over:
            pss, held, pids = 0, {}, self.tree()
            for pid in pids:
                try:
                    pss += int(re.search(r'^Pss:\s+(\d+)', open(f'/proc/{pid}/smaps_rollup').read(), re.M).group(1))
                except (OSError, AttributeError):
                    pass
                held.update(self.memfds(pid))
            self.held = max(self.held, sum(held.values()))
            if pss > self.pss:
                self.pss, self.processes = pss, len(pids)
            time.sleep(0.05)

    def __str__(self):
        return f'{self.pss / 1024:.0f} MB PSS in {self.processes} processes, {self.held / 1024:.0f} MB in memfds'


def spent():
    """Processor seconds of all children that have ended, and of theirs: what a busy machine changes least."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def run_baseline(command, work):
    db = os.path.join(work, 'yard.db')
    for path in glob.glob(db + '*'):
        os.unlink(path)
    start, before = time.monotonic(), spent()
    out = subprocess.run(command(db), check=True, capture_output=True, text=True).stdout
    return time.monotonic() - start, int(out), spent() - before


def run_program(config, with_memory=False):
    """A poll from nothing. The state of the run before stays beside until the end: after thousands of files were removed, ext4 takes
    0.2 ms longer for each new one (it passes over inodes that were freed within five minutes)."""
    state = os.path.join(os.path.dirname(config), 'state')
    if os.path.exists(state):
        os.rename(state, f'{state}.{len(glob.glob(state + ".*"))}')
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


def deliver(imap, user, files, change=lambda data: data):
    """In pieces: the whole mailbox need not fit into memory."""
    for first in range(0, len(files), 500):
        imap.deliver(user, [change(open(f, 'rb').read()) for f in files[first:first + 500]])


def configure(work, user, imap, orgs):
    """A gateway of its own for one mailbox; returns its configuration file."""
    folder = os.path.join(work, user)
    os.makedirs(os.path.join(folder, 'sent'))
    config = os.path.join(folder, 'fortnight.conf')
    open(config, 'w').write(CONFIG.format(forms=os.path.join(HERE, 'forms'), port=imap.port, user=user))
    with open(os.open(os.path.join(folder, 'secret'), os.O_WRONLY | os.O_CREAT, 0o600), 'w') as f:
        f.write('secret\n')
    open(os.path.join(folder, 'organizations.csv'), 'w').write('name,liaison_address\n' + ''.join(f'{n},{a}\n' for n, a in orgs.items()))
    return config


def median(seconds, n):
    return f'{n / statistics.median(seconds):.0f} messages/s (median of {len(seconds)}: {statistics.median(seconds):.1f} s, least {min(seconds):.1f} s)'


def compare(arguments, imap, config, baseline, rows):
    """Cold and warm: both programs in turn on the same mailbox; the first run of each is never left out."""
    end = time.monotonic() + 60 * arguments.minutes
    for phase, until in (('cold', end - 30 * arguments.minutes), ('warm', end)):
        ours, theirs, cpu_ours, cpu_theirs = [], [], [], []
        while len(ours) < arguments.runs or len(theirs) < arguments.baseline_runs:
            # what is left goes to ours first: the yardstick has few, long runs
            if len(ours) < arguments.runs and (not ours or time.monotonic() + max(ours) < until):
                if phase == 'cold':
                    make_cold(imap)
                before = spent()
                ours.append(run_program(config)[0])
                cpu_ours.append(spent() - before)
            elif ours and theirs and time.monotonic() + min(max(ours), max(theirs)) >= until:
                break
            if len(theirs) < arguments.baseline_runs and (not theirs or time.monotonic() + max(theirs) + max(ours) * (arguments.runs - len(ours)) < until):
                if phase == 'cold':
                    make_cold(imap)
                seconds, n, cpu = run_baseline(lambda db: baseline(imap.port, db), os.path.dirname(config))
                assert n == len(rows), f'the yardstick recorded {n} of {len(rows)}'
                theirs.append(seconds)
                cpu_theirs.append(cpu)
            elif len(ours) >= arguments.runs or time.monotonic() + max(ours) >= until:
                break
        ratio = statistics.median(theirs) / statistics.median(ours)
        print(f'{phase}: fortnight {median(ours, len(rows))}')
        print(f'{phase}: yardstick {median(theirs, len(rows))}')
        each = [1000 * statistics.median(cpu) / len(rows) for cpu in (cpu_ours, cpu_theirs)]
        print(f'{phase}: ratio {ratio:.1f}; processor time a message {each[0]:.1f} ms beside {each[1]:.1f} ms, without the server\'s; '
              f'load {os.getloadavg()[0]:.1f}', flush=True)


def grown(data):
    """A copy that is another message."""
    return re.sub(rb'(?im)^(message-id: *<)', rb'\1again.', data, count=1)


def big_messages(imap, n, megabytes, organization, address):
    """n reports whose Word form holds a picture, each of about so many megabytes as a mail."""
    form = material.docx('青年之声双周报', [('报送单位', organization), ('收集问题数', 3)], padding=int(megabytes * 1e6 / 1.37))
    for i in range(n):
        mail = material.mail(('图片', address), 'youth@example.edu.cn', '双周报', '请查收。\n',
                             datetime.datetime(2016, 6, 27, 9, 0, i, tzinfo=workload.material_zone()), 'big%d@example.edu.cn' % i, [('双周报.docx', form)])
        imap.deliver('big', [mail])


def measure_speed(arguments, work, imap, files, orgs, baseline, rows):
    deliver(imap, 'bench', files)
    config = configure(work, 'bench', imap, orgs)
    compare(arguments, imap, config, baseline, rows)
    compared, wrong = check(config, rows)
    print(f'equal work: {len(rows)} messages archived, read and recorded; {compared} fields of a sample compared, {wrong} wrong', flush=True)
    return wrong == 0


def measure_memory(arguments, work, imap, files, orgs):
    """Whether memory grows with the mailbox, or with the messages."""
    good = True
    few, many = files[:arguments.n // 5], files
    deliver(imap, 'few', few)
    deliver(imap, 'many', many)
    deliver(imap, 'many', many, grown)
    n_big = 5 if arguments.small else 50
    big_messages(imap, n_big, 10, *next(iter(orgs.items())))
    for user, text in (('few', f'{len(few)} messages'), ('many', f'{2 * len(many)} messages'), ('big', f'{n_big} messages of 10 MB')):
        config = configure(work, user, imap, orgs)
        _, out, memory = run_program(config, with_memory=True)
        expected = {'few': len(few), 'many': 2 * len(many), 'big': n_big}[user]
        assert f': {expected} recorded' in out, out
        is_fine = memory.pss / 1024 <= MEMORY_MB
        good &= is_fine
        print(f'memory, {text}: at most {memory}' + ('' if is_fine else f': more than {MEMORY_MB} MB'), flush=True)
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--build', default='build')
    parser.add_argument('--n', type=int)
    parser.add_argument('--runs', type=int)
    parser.add_argument('--baseline-runs', type=int)
    parser.add_argument('--minutes', type=float, default=4, help='for the comparison; preparation and memory come on top, about 2 minutes')
    parser.add_argument('--small', action='store_true')
    parser.add_argument('--part', choices=('all', 'speed', 'memory'), default='all')
    parser.add_argument('--shared', default=os.environ.get('FORTNIGHT_SHARED', os.path.join(ROOT, '..', 'shared')))
    arguments = parser.parse_args()
    arguments.n = arguments.n or (500 if arguments.small else 5000)
    arguments.runs = arguments.runs or (1 if arguments.small else 5)
    arguments.baseline_runs = arguments.baseline_runs or arguments.runs
    arguments.build = os.path.abspath(arguments.build)
    corpus, baseline = prepare(arguments)
    rows = manifest(corpus)
    work = os.path.join(arguments.build, 'bench', 'work')
    shutil.rmtree(work, ignore_errors=True)
    files = sorted(glob.glob(os.path.join(corpus, 'mail', '*.eml')))
    size = sum(os.path.getsize(f) for f in files)
    print(f'{len(files)} messages, {size / len(files) / 1024:.0f} KB on average, {os.path.basename(corpus)}; {os.cpu_count()} processors, '
          f'load {os.getloadavg()[0]:.1f}', flush=True)
    orgs = {r['form']['报送单位']: r['addr'] for r in rows}
    with Dovecot(os.path.join(work, 'servers'), {user: 'secret' for user in ('bench', 'few', 'many', 'big')}) as imap:
        good = True
        if arguments.part != 'memory':
            good &= measure_speed(arguments, work, imap, files, orgs, baseline, rows)
        if arguments.part != 'speed':
            good &= measure_memory(arguments, work, imap, files, orgs)
    shutil.rmtree(work, ignore_errors=True)
    sys.exit(0 if good else 1)


if __name__ == '__main__':
    main()
