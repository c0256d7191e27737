#!/usr/bin/env python3
"""The fuzzers find a fault that was planted for them."""
import os, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(HERE, '..')]
import tap

SECONDS = 60


def has_libfuzzer():
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, 'a.c')
        with open(source, 'w') as out:
            out.write('int LLVMFuzzerTestOneInput(const unsigned char *a, unsigned long n) { return 0; }\n')
        try:
            return subprocess.run(['clang', '-fsanitize=fuzzer,address', '-o', os.path.join(folder, 'a'), source], capture_output=True).returncode == 0
        except FileNotFoundError:
            return False


def test_planted():
    """an overflow planted in the reader of csv is found within a minute, and named"""
    if not has_libfuzzer():
        raise tap.Skip('clang without libFuzzer (libclang-rt-14-dev)')
    with tempfile.TemporaryDirectory() as folder:
        build = subprocess.run(['make', '--no-print-directory', f'O={folder}', f'{folder}/fuzz/planted/fuzz_csv'], cwd=ROOT, capture_output=True, text=True)
        tap.equal(build.returncode, 0, build.stdout + build.stderr)
        run = subprocess.run([sys.executable, os.path.join(ROOT, 'tests', 'fuzz', 'run.py'), '--seconds', str(SECONDS), '--targets', f'{folder}/fuzz/planted',
                              '--out', f'{folder}/found'], capture_output=True, text=True, timeout=SECONDS * 4)
        tap.note(run.stdout)
        tap.equal(run.returncode, 1, 'exit status')
        found = [name for name in os.listdir(f'{folder}/found/csv') if name.startswith('crash-')]
        # written far beyond the end, it may hit memory that was free: the same fault, by another name
        assert found and ('heap-buffer-overflow' in run.stdout or 'heap-use-after-free' in run.stdout), run.stdout
        path = f'{folder}/found/csv/{found[0]}'
        run = subprocess.run([os.environ.get('FORTNIGHT', os.path.join(ROOT, 'fortnight')), 'parse', '--json', path], capture_output=True, text=True)
        tap.equal((run.returncode, run.stderr), (0, ''), 'the same input without the fault')


if __name__ == '__main__':
    tap.main()
