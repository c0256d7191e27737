#!/usr/bin/env python3
"""Processes killed at any moment: after the next pass everything stands as if nothing had happened (SPEC 8).

    test_crash.py [SEED]     the moments are drawn from the seed, which is printed; FORTNIGHT_LONG=1: as many as one could wish"""
import glob, os, random, shutil, signal, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'support'), os.path.join(HERE, '..', 'servers')]
import crash, material, tap
from fake_smtp import FakeSmtp
from servers import Dovecot, Unavailable

IS_LONG = bool(os.environ.get('FORTNIGHT_LONG'))
SEED = int(sys.argv[1]) if len(sys.argv) > 1 else random.randrange(1 << 32)
MESSAGES, MOMENTS = 200, 50 if IS_LONG else 10
COMMIT_MESSAGES = 24 if IS_LONG else 5
ROLES = ['supervisor', 'keeper', 'fetcher', 'reader', 'sender']


class Folder:
    """A folder of our own, gone at the end."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix='fortnight-crash-')
        os.chmod(self.path, 0o755)
        return self.path

    def __exit__(self, *unused):
        shutil.rmtree(self.path, ignore_errors=True)


def mta(imap):
    """An MTA that records what it took, at the latest moment before it says so."""
    good = os.path.join(imap.certificates, 'good')
    server = FakeSmtp(tls=(good + '.pem', good + '.key'))
    server.users, server.ca_file = {'youth': 'secret'}, imap.ca_file
    return server


def polled(scene, disturb):
    """A fresh copy of the scene, a pass that disturb(process) disturbs, and the passes that follow; checked on its own. Returns
    (end state, seconds of the disturbed pass)."""
    with mta(scene.imap) as smtp:
        smtp.tls_port = smtp.port
        programme = scene.copy(smtp)
        begun = time.monotonic()
        process = crash.start(programme)
        disturb(process)
        crash.wait_end(process)
        seconds = time.monotonic() - begun
        crash.finish(programme)
        crash.check_sound(programme)
        crash.check_letters(programme, [m['data'] for m in smtp.messages])
        found = crash.state(programme)
    shutil.rmtree(programme.folder)
    return found, seconds


def test_moments():
    """SIGKILL to any process at random moments of a pass over Dovecot: nothing missing, nothing twice"""
    chance = random.Random(SEED)
    print(f'# seed {SEED}, {MOMENTS} moments', flush=True)
    draw = material.Draw(11)
    organizations = draw.organizations(60)
    messages = crash.mails(draw, organizations[:50], MESSAGES)
    try:
        with Folder() as folder, Dovecot(folder, {'youth': 'secret'}) as imap:
            scene = crash.Scene(os.path.join(folder, 'scene'), organizations, imap)
            imap.deliver('youth', [data for _, data in messages])
            crash.set_times(glob.glob(os.path.join(imap.maildir('youth'), '*', '*')), messages)
            expected, seconds = polled(scene, lambda process: None)
            tap.equal([len(expected[k]) for k in ('messages', 'sightings', 'archive')], [MESSAGES] * 3, 'undisturbed')
            print(f'# undisturbed: {seconds:.1f} s, {len(expected["revisions"])} revisions, {len(expected["letters"])} letters', flush=True)
            hits = 0
            for i in range(MOMENTS):
                role = ROLES[i % len(ROLES)] if i < 2 * len(ROLES) else chance.choice(ROLES)
                after_s = chance.uniform(0, 0.9 * seconds)  # the load changes: a faster pass is over before the kill
                what = f'moment {i}, {role} after {after_s:.2f} s'

                def disturb(process):
                    nonlocal hits
                    time.sleep(after_s)
                    hits += crash.kill(process.pid, role, chance.choice)
                try:
                    crash.check_same(polled(scene, disturb)[0], expected, 'end state')
                except AssertionError as error:
                    raise AssertionError(f'{what}: {error}')
            print(f'# {hits} of {MOMENTS} met a living process', flush=True)
            assert hits >= MOMENTS // 4, 'too few moments met a living process'
    except Unavailable as reason:
        raise tap.Skip(str(reason))


def test_commit_points(call):
    """Every commit point: strace kills whoever enters the system call for the Nth time, for every N until a pass survives."""
    if not shutil.which('strace'):
        raise tap.Skip('strace is not installed')
    draw = material.Draw(12)
    organizations = draw.organizations(5)
    messages = crash.mails(draw, organizations[:4], COMMIT_MESSAGES)
    with Folder() as folder:
        scene = crash.Scene(os.path.join(folder, 'scene'), organizations)
        scene.fill(messages)

        def poll(wrapper):
            programme = scene.copy()
            status = crash.wait_end(crash.start(programme, wrapper=wrapper))
            crash.finish(programme)
            crash.check_sound(programme)
            crash.check_letters(programme, [open(p, 'rb').read() for p in glob.glob(os.path.join(programme.folder, 'sent', '*.eml'))])
            found = crash.state(programme)
            log = open(os.path.join(programme.folder, 'log')).read()
            shutil.rmtree(programme.folder)
            return found, status, log

        expected = poll(())[0]
        for n in range(1, 1000):
            trace = os.path.join(folder, 'trace')
            wrapper = ['strace', '-f', '-q', '-o', trace, '-e', f'trace={call}', '-e', f'inject={call}:signal=SIGKILL:when={n}']
            found, status, log = poll(wrapper)
            try:
                crash.check_same(found, expected, 'end state')
            except AssertionError as error:
                raise AssertionError(f'{call} {n}: {error}')
            if 'killed by SIGKILL' not in open(trace).read():
                break
        if n == 1 and 'ptrace' in log:
            raise tap.Skip('strace may not trace here')
        print(f'# {call}: {n - 1} points, {COMMIT_MESSAGES} messages, {len(expected["letters"])} letters', flush=True)
        assert n > COMMIT_MESSAGES // 2, 'too few commit points: is this still how a commit is made?'


def running(folder):
    """The daemon with a mailbox that keeps it busy for some seconds."""
    draw = material.Draw(13)
    organizations = draw.organizations(60)
    scene = crash.Scene(os.path.join(folder, 'scene'), organizations)
    scene.fill(crash.mails(draw, organizations[:50], MESSAGES))
    return scene.copy()


def count(programme, sql):
    try:
        return programme.sql(sql)[0][0]
    except Exception:  # no database yet, or busy
        return 0


def is_through(programme):
    return count(programme, "SELECT count(*) FROM message WHERE state IN ('recorded', 'review', 'ignored')") == MESSAGES and \
        count(programme, "SELECT count(*) FROM outbox WHERE state NOT IN ('sent', 'unsure')") == 0 and count(programme, 'SELECT count(*) FROM outbox') > 0


def test_supervisor_killed():
    """`run`: SIGKILL to the supervisor leaves no process behind"""
    for after_s in (0.05, 0.3, 1.5):
        with Folder() as folder:
            process = crash.start(running(folder), 'run')
            time.sleep(after_s)
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            crash.wait_until(lambda: not crash.processes(process.pid), f'end of {crash.processes(process.pid)}', 10)


def test_terminated():
    """`run`: SIGTERM, at work and at rest, ends it cleanly with exit 0"""
    for at_rest in (False, True):
        with Folder() as folder:
            programme = running(folder)
            process = crash.start(programme, 'run')
            if at_rest:
                crash.wait_until(lambda: is_through(programme), 'the first pass', 60)
            else:
                crash.wait_until(lambda: count(programme, 'SELECT count(*) FROM message') > 0, 'the first message', 60)
            os.kill(process.pid, signal.SIGTERM)
            tap.equal(crash.wait_end(process, 40), 0, 'exit status')
            crash.finish(programme)
            crash.check_sound(programme)


def test_goes_on():
    """`run`: with every role killed again and again it keeps going, and all is done in the end"""
    chance = random.Random(SEED)
    with Folder() as folder:
        programme = running(folder)
        process = crash.start(programme, 'run')
        for _ in range(2):
            for role in ROLES[1:]:
                crash.wait_until(lambda: crash.kill(process.pid, role, chance.choice), f'a {role} to kill')
                time.sleep(chance.uniform(0, 0.3))
        tap.equal(process.poll(), None, 'exit status')
        crash.wait_until(lambda: is_through(programme), 'the end of the pass', 90)
        os.kill(process.pid, signal.SIGTERM)
        tap.equal(crash.wait_end(process, 40), 0, 'exit status')
        crash.finish(programme)
        crash.check_sound(programme)
        crash.check_letters(programme, [open(p, 'rb').read() for p in glob.glob(os.path.join(programme.folder, 'sent', '*.eml'))])


CASES = [test_supervisor_killed, test_terminated, test_goes_on,
         ('SIGKILL at every fdatasync(): messages and transactions', lambda: test_commit_points('fdatasync')),
         ('SIGKILL at every fsync(): folders and letters', lambda: test_commit_points('fsync')), test_moments]

if __name__ == '__main__':
    tap.run(CASES)
