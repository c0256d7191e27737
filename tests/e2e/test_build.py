#!/usr/bin/env python3
"""The program as built: hardened, without warnings by gcc and clang, within the rules of the house."""
import os, subprocess, sys, shutil

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.environ.get('FORTNIGHT', os.path.join(ROOT, 'fortnight'))
number = 0


def case(good, name, detail=''):
    global number
    number += 1
    print(f'{"ok" if good else "not ok"} {number} - {name}')
    for line in detail.splitlines()[-40:] if not good else []:
        print('# ' + line)


def output(*argv):
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def check_hardening(program, name):
    _, header = output('readelf', '-hW', program)
    case('DYN' in header, f'{name}: position independent', header)
    _, dynamic = output('readelf', '-dW', program)
    case('BIND_NOW' in dynamic or 'NOW' in dynamic, f'{name}: symbols bound at the start (BIND_NOW)', dynamic)
    _, segments = output('readelf', '-lW', program)
    case('GNU_RELRO' in segments, f'{name}: read-only relocations (RELRO)', segments)
    stack = [line for line in segments.splitlines() if 'GNU_STACK' in line]
    case(bool(stack) and 'RWE' not in stack[0], f'{name}: stack not executable', '\n'.join(stack))
    _, symbols = output('nm', '-D', program)
    case('__stack_chk_fail' in symbols, f'{name}: stack protector', symbols)
    case('_chk@' in symbols or '_chk\n' in symbols, f'{name}: FORTIFY_SOURCE', symbols)


def main():
    check_hardening(PROGRAM, 'fortnight')
    check_hardening(os.path.join(ROOT, 'build', 'release', 'reader'), 'the reader within it')
    status, text = output('tests/lint.py')
    case(status == 0, 'rules of the house (make lint)', text)
    if shutil.which('clang'):
        folder = os.path.join(os.environ.get('FORTNIGHT_BUILD', 'build/san'), '..', 'clang')
        objects = [os.path.join(folder, 'release', os.path.splitext(p)[0] + '.o') for p in subprocess.run(
            ['git', 'ls-files', 'gateway/*.c', 'parsers/*.c'], cwd=ROOT, capture_output=True, text=True).stdout.split()]
        status, text = output('make', '-s', f'-j{os.cpu_count()}', 'CC=clang', f'O={folder}', *objects)
        case(status == 0 and 'warning:' not in text, 'clang builds without a warning', text)
    else:
        number_skipped = number + 1
        print(f'ok {number_skipped} - clang builds without a warning # SKIP clang is not installed')
    print(f'1..{number + (0 if shutil.which("clang") else 1)}')


if __name__ == '__main__':
    main()
