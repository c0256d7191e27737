#!/usr/bin/env python3
"""What a person at a terminal sees: `status` aligned with double-width characters, coloured on a terminal and plain in a pipe, as CSV and JSON; progress of long
work on a terminal and nothing of it in a pipe."""
import csv, io, json, os, pty, re, select, subprocess, sys, time, unicodedata

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'support')]
import material, tap
from programme import PROGRAM, Programme
from reporting import FIRST, LAST, PERIOD, SCHEDULE, SUMMARY, World, instant

MADE = []
ESCAPE = re.compile(r'\x1b\[[0-9;]*[A-Za-z]')


def world():
    if not MADE:
        MADE.append(World())
    return MADE[0]


def width(text):
    """Terminal cells (UAX 11): wide and full-width characters take two, combining ones none."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in 'WF' else 1 for c in text)


def on_terminal(*arguments, config=None, errors_only=False, **environment):
    """What a command writes to a terminal: of both outputs, or of standard error alone."""
    parent, child = pty.openpty()
    argv = [PROGRAM, arguments[0], '--config', config or world().programme.config, *arguments[1:]]
    started = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE if errors_only else child, stderr=child,
                               env={**{k: v for k, v in os.environ.items() if k != 'NO_COLOR'}, 'TERM': 'xterm', **environment})
    os.close(child)
    seen, deadline = b'', time.monotonic() + 120
    while time.monotonic() < deadline:
        if select.select([parent], [], [], 1)[0]:
            try:
                data = os.read(parent, 65536)
            except OSError:  # the other end is closed
                break
            if not data:
                break
            seen += data
        elif started.poll() is not None:
            break
    started.wait(60)
    if started.stdout:
        started.stdout.close()
    os.close(parent)
    return seen.decode(), started.returncode


AT = ('--at', '@%d' % instant(*SUMMARY).timestamp())


def test_aligned():
    """columns of `status` begin in one cell of the terminal each, whatever characters stand before them"""
    out = world().programme.run('status', PERIOD, at=instant(*SUMMARY))[1]
    lines = out.split('\n')
    head = next(i for i, line in enumerate(lines) if line.startswith('组织'))
    rows = lines[head:head + 9]
    starts = [[width(line[:m.start()]) for m in re.finditer(r'(?<!\S)\S', line)] for line in rows]
    for row, line in zip(starts, rows):
        assert row[1] == starts[0][1] and row[2] == starts[0][2], f'{line!r} begins at {row[:3]}, the headings at {starts[0][:3]}'
    assert '\x1b' not in out, 'colours in a pipe'


def test_colours():
    """colours on a terminal, none with NO_COLOR or on a dumb one; the same text otherwise"""
    plain = world().programme.run('status', PERIOD, at=instant(*SUMMARY))[1]
    coloured, status = on_terminal('status', PERIOD, *AT)
    tap.equal(status, 0)
    for colour, words in (('32', '已交'), ('31', '逾期未交'), ('33', '迟 6小时')):
        assert re.search(rf'\x1b\[{colour}m{words}', coloured), f'{words} is not shown in colour {colour}'
    tap.equal(ESCAPE.sub('', coloured).replace('\r\n', '\n'), plain)
    for environment in ({'NO_COLOR': '1'}, {'TERM': 'dumb'}):
        assert '\x1b' not in on_terminal('status', PERIOD, *AT, **environment)[0], environment


def test_csv_and_json():
    """`status --csv` and `--json` say the same of every organization"""
    out = world().programme.run('status', PERIOD, '--csv', at=instant(*SUMMARY))[1]
    rows = list(csv.DictReader(io.StringIO(out.lstrip('\ufeff'))))
    data = json.loads(world().programme.run('status', PERIOD, '--json', at=instant(*SUMMARY))[1])['rows']
    tap.equal([r['组织'] for r in rows], [o['name'] for o in world().organizations])
    tap.equal([r['组织'] for r in rows], [d['organization'] for d in data])
    tap.equal([r['状态'] for r in rows], [{'submitted': '已交', 'missing': '逾期未交'}[d['state']] for d in data])


def test_progress():
    """first fetch, ingest and replay show a bar on a terminal, and clear it; in a pipe there is none"""
    folder = os.path.join(world().folder, 'second')
    other = Programme(folder, world().organizations, SCHEDULE)
    files = []
    for i in range(60):
        org = world().organizations[i % 7]
        data = material.mail((org['liaison_name'], org['liaison_address']), 'youth@example.edu.cn', '双周报', '见附件', instant(20, 9, i % 60), f'p{i}@example.edu.cn',
                             [('双周报.docx', material.report_docx(world().draw.report(org, FIRST, LAST)))])
        path = os.path.join(folder, 'mail' if i < 30 else '.', f'p{i:02}.eml')
        with open(path, 'wb') as f:
            f.write(data)
        if i >= 30:
            files.append(path)
    for what, arguments in (('poll', ()), ('ingest', files), ('replay', ())):
        seen, status = on_terminal(what, *AT, *arguments, config=other.config, errors_only=True)
        assert status in (0, 1), f'{what}: {status} {seen}'
        steps = [tuple(map(int, m)) for m in re.findall(r'\[[# ]{30}\] (\d+)/(\d+)', seen)]
        assert steps, f'{what} shows no bar: {seen[-300:]!r}'
        assert all(0 <= done <= total for done, total in steps) and steps == sorted(steps, key=lambda s: s[0]), f'{what}: {steps}'
        assert seen.rstrip('\r\n').endswith('\x1b[K'), f'{what} leaves its bar: {seen[-80:]!r}'
    _, out, errors = other.run('replay', at=instant(*SUMMARY))
    assert '\r' not in out + errors and '[#' not in out + errors, errors


if __name__ == '__main__':
    try:
        tap.run([case for name, case in list(globals().items()) if name.startswith('test_')])
    finally:
        for made in MADE:
            made.remove()
