#!/usr/bin/env python3
"""lint.py [ROOT]: the rules of the house that a machine can check. Prints file:line: rule; exits 1 if there is any.

include graph without a cycle, layers that only point down, one library per place, the clock in one file, no banned function,
no function over 100 lines, no file over 800, every public prototype documented, headers that compile alone, own header first,
no path of one machine, formatting by clang-format where it is installed."""
import collections, glob, os, re, shutil, subprocess, sys, tempfile

ROOT = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), '..'))
FUNCTION_LINES, FILE_LINES, FUZZ_LINES = 100, 800, 15

# a layer may include itself and those below it; anything else is an arrow that points up
BELOW = {
    'parsers': [],
    'gateway/core': ['parsers'],
    'gateway/store': ['gateway/core', 'parsers'],
    'gateway/io': ['gateway/core', 'parsers'],
    'gateway/keeper': ['gateway/io', 'gateway/store', 'gateway/core', 'parsers'],
    'gateway/commands': ['gateway/keeper', 'gateway/io', 'gateway/store', 'gateway/core', 'parsers'],
    'gateway': ['gateway/commands', 'gateway/keeper', 'gateway/io', 'gateway/store', 'gateway/core', 'parsers'],
}
# library header → where it may be included
HOME = [
    (r'sqlite3\.h', r'gateway/store/'),
    (r'libetpan/', r'gateway/io/(imap|tls_stream)'),
    (r'curl/', r'gateway/io/(smtp|sender)'),
    (r'gmime/', r'(parsers/|gateway/io/(letter_mime|reader))'),
    (r'libconfig\.h', r'gateway/io/conf_file\.c'),
    (r'archive(_entry)?\.h', r'(parsers/|gateway/io/)'),
    (r'libxml/', r'(parsers/|gateway/io/reader)'),
    (r'gnutls/', r'gateway/(io/tls_stream|core/digest)'),
    (r'seccomp\.h', r'gateway/io/seccomp'),
    (r'linux/landlock\.h', r'gateway/io/landlock'),
    (r'libical/', r'gateway/core/'),
    (r'(cairo|pango/)', r'(gateway/io/chart|parsers/pdf)'),
    (r'xlsxwriter\.h', r'gateway/io/workbook\.c'),
]
BANNED = {
    'strcpy': 'g_strlcpy', 'strcat': 'GString', 'sprintf': 'g_strdup_printf', 'vsprintf': 'g_strdup_vprintf', 'strtok': 'g_strsplit',
    'gets': 'nothing', 'atoi': 'g_ascii_string_to_signed', 'atol': 'g_ascii_string_to_signed', 'atof': 'g_ascii_strtod',
    'localtime': 'GDateTime', 'mktime': 'GDateTime', 'gmtime': 'GDateTime', 'asctime': 'GDateTime', 'ctime': 'GDateTime',
    'system': 'execve', 'popen': 'execve', 'alloca': 'g_malloc', 'tmpnam': 'mkstemp', 'strncpy': 'g_strlcpy', 'scanf': 'a parser',
    'g_unix_signal_add': 'signalfd (it starts a thread)',
}
CLOCK = r'\b(time|gettimeofday|clock_gettime|g_get_real_time|g_get_monotonic_time|g_date_time_new_now\w*|g_get_current_time)\s*\('
CLOCK_HOME = 'gateway/io/clock.c'
PURE = re.compile(r'^(parsers|gateway/core)/')
IMPURE = r'\b(printf|fprintf|puts|fopen|open|g_file_get_contents|exit|abort|g_message|g_warning|g_info|g_debug|g_critical|getenv|g_getenv)\s*\('

found = []


def report(path, line, rule):
    found.append(f'{path}:{line}: {rule}')


def sources():
    for top in ('parsers', 'gateway'):
        for folder, _, names in sorted(os.walk(os.path.join(ROOT, top))):
            for name in sorted(names):
                if name.endswith(('.c', '.h')):
                    yield os.path.relpath(os.path.join(folder, name), ROOT)


def bare(text):
    """The text with comments and strings blanked, lines kept."""
    blank = lambda m: re.sub(r'[^\n]', ' ', m.group(0))
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text, flags=re.S)


def layer(path):
    folder = os.path.dirname(path)
    while folder not in BELOW and folder:
        folder = os.path.dirname(folder)
    return folder


def check_includes(path, text, graph):
    own = path[:-2] + '.h'
    includes = [(text.count('\n', 0, m.start()) + 1, m.group(2), m.group(1) == '<')
                for m in re.finditer(r'^#include ([<"])([^>"]+)[>"]', text, re.M)]
    local = [(n, name) for n, name, is_system in includes if not is_system]
    for number, name in local:
        if not os.path.exists(os.path.join(ROOT, name)):
            if not name.startswith('build/') and not re.search(r'schema', name):
                report(path, number, f'include of "{name}" is not from the root')
            continue
        graph[path].add(name)
        if layer(name) != layer(path) and layer(name) not in BELOW[layer(path)]:
            report(path, number, f'{layer(path)} may not include {layer(name)} ("{name}")')
    if path.endswith('.c') and os.path.exists(os.path.join(ROOT, own)) and includes and includes[0][1] != own:
        report(path, includes[0][0], f'own header "{own}" must be included first')
    for number, name, is_system in includes:
        for pattern, home in HOME:
            if is_system and re.match(pattern, name) and not re.match(home, path):
                report(path, number, f'<{name}> belongs into {home}')


def check_text(path, code):
    for number, line in enumerate(code.split('\n'), 1):
        for name, instead in BANNED.items():
            if re.search(r'(?<![\w.>])' + name + r'\s*\(', line):
                report(path, number, f'{name}() is banned; use {instead}')
        if path != CLOCK_HOME and re.search(CLOCK, line):
            report(path, number, f'the clock is read outside {CLOCK_HOME}')
        if PURE.match(path) and re.search(IMPURE, line):
            report(path, number, 'pure code does not log, print, exit or read files')


def check_header(path, text):
    """Every public prototype has a comment above it (one comment may cover a group without blank lines)."""
    if '#pragma once' not in text:
        report(path, 1, '#pragma once is missing')
    if not text.startswith('/*'):
        report(path, 1, 'a header begins with what the module is')
    documented, comment = False, False
    depth, statement, start = 0, '', 0
    for number, line in enumerate(text.split('\n'), 1):
        stripped = line.strip()
        if comment or stripped.startswith('/*'):
            comment = '*/' not in stripped
            documented = True
            continue
        if not stripped:
            if not statement:
                documented = False
            continue
        if stripped.startswith('#') or stripped.startswith('G_DEFINE'):
            continue
        opened = depth
        depth += stripped.count('{') - stripped.count('}')
        if opened or depth:
            statement = ''
            continue
        statement, start = (statement + ' ' + stripped).strip(), start or number
        if stripped.endswith(';'):
            is_prototype = re.match(r'^[\w\s*]+\b\w+\s*\([^;]*\)[\w\s(),]*;', statement) and not statement.startswith(('typedef', 'static inline', 'extern'))
            if is_prototype and not documented and not re.search(r'\b\w+_(free|unref|clear)\(', statement):
                report(path, start, 'public prototype without a comment: ' + statement[:60])
            statement, start = '', 0


def check_cycles(graph):
    state = {}

    def visit(path, trail):
        state[path] = 1
        for name in sorted(graph[path]):
            if state.get(name) == 1:
                report(path, 1, 'include cycle: ' + ' → '.join(trail[trail.index(name):] + [name] if name in trail else trail + [name]))
            elif name not in state:
                visit(name, trail + [name])
        state[path] = 2

    for path in sorted(graph):
        if path not in state:
            visit(path, [path])


def check_lengths(paths):
    for path in paths:
        lines = open(os.path.join(ROOT, path), encoding='utf-8').read().count('\n')
        if lines > FILE_LINES:
            report(path, lines, f'file of {lines} lines, at most {FILE_LINES}')
    if not shutil.which('ctags'):
        return
    out = subprocess.run(['ctags', '-x', '--c-kinds=f', '--fields=+ne', '--_xformat=%{end} %n %N %F', *[p for p in paths if p.endswith('.c')]],
                         cwd=ROOT, capture_output=True, text=True).stdout
    for row in out.splitlines():
        end, start, name, path = row.split(' ', 3)
        if end.isdigit() and int(end) - int(start) + 1 > FUNCTION_LINES:
            report(path, start, f'{name}() has {int(end) - int(start) + 1} lines, at most {FUNCTION_LINES}')


def check_alone(paths):
    flags = subprocess.run(['make', '-s', 'print-cflags'], cwd=ROOT, capture_output=True, text=True).stdout.split()
    with tempfile.NamedTemporaryFile('w', suffix='.c') as unit:
        for path in paths:
            if path.endswith('.h'):
                done = subprocess.run(['gcc', *flags, '-fsyntax-only', '-x', 'c', '-include', path, unit.name], cwd=ROOT, capture_output=True, text=True)
                if done.returncode:
                    report(path, 1, 'does not compile alone: ' + done.stderr.strip().split('\n')[0])


def check_format(paths):
    if not shutil.which('clang-format'):
        print('SKIPPED formatting: clang-format is not installed')
        return
    for path in paths:
        done = subprocess.run(['clang-format', '--dry-run', '-Werror', path], cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            line = re.search(r':(\d+):\d+:', done.stderr)
            report(path, line.group(1) if line else 1, 'not formatted: run make format')


def check_tree():
    listed = subprocess.run(['git', 'ls-files', '-z'], cwd=ROOT, capture_output=True, text=True).stdout.split('\0')
    allowed = re.compile(r'^(gateway|parsers|templates|tests|etc)/|^(Makefile|README\.md|LICENSE)$|^\.')
    for path in filter(None, listed):
        if not allowed.match(path):
            report(path, 1, 'does not belong at the top level')
    for folder in {os.path.dirname(p) for p in listed if p.startswith(('gateway/', 'parsers/', 'templates/', 'tests/', 'etc/'))}:
        if folder.count('/') < 2 and not folder.startswith('tests/corpus') and not os.path.exists(os.path.join(ROOT, folder, 'README.md')):
            report(folder + '/README.md', 1, 'a folder has a README of orientation')


def check_fuzz():
    """The body of a fuzz target is short, and it is read again by tests/unit/test_fuzz.c."""
    with open(os.path.join(ROOT, 'tests', 'unit', 'test_fuzz.c'), encoding='utf-8') as handle:
        replayed = handle.read()
    for path in sorted(glob.glob(os.path.join(ROOT, 'tests', 'fuzz', 'fuzz_*.c'))):
        name = os.path.relpath(path, ROOT)
        with open(path, encoding='utf-8') as handle:
            body = re.search(r'^int LLVMFuzzerTestOneInput\([^)]*\) \{\n(.*?)^\}', handle.read(), re.S | re.M)
        lines = body.group(1).count('\n') if body else 0
        if not 0 < lines <= FUZZ_LINES:
            report(name, 1, f'the body of LLVMFuzzerTestOneInput() has {lines} lines, at most {FUZZ_LINES}')
        if f'"{os.path.basename(path)[5:-2]}"' not in replayed:
            report(name, 1, 'is not in tests/unit/test_fuzz.c')


def main():
    paths = list(sources())
    graph = collections.defaultdict(set)
    for path in paths:
        text = open(os.path.join(ROOT, path), encoding='utf-8').read()
        check_includes(path, text, graph)
        check_text(path, bare(text))
        if path.endswith('.h'):
            check_header(path, text)
    check_cycles(graph)
    check_lengths(paths)
    check_alone(paths)
    check_format(paths)
    check_tree()
    check_fuzz()
    print('\n'.join(found))
    arrows = sum(len(v) for v in graph.values())
    print(f'{len(paths)} files, {arrows} includes, {"no cycle" if not any("cycle" in f for f in found) else "a cycle"}, {len(found)} findings')
    sys.exit(bool(found))


if __name__ == '__main__':
    main()
