"""TAP for end-to-end tests: each case is a function that raises where something is wrong."""
import sys, traceback


class Skip(Exception):
    """The case cannot run here; the text says why."""


def run(cases):
    """cases: functions, or (name, function). The docstring's first line is the name; a text that a case returns
    (figures) is shown behind it. Exit status 1 if one fails."""
    failed = 0
    print(f'1..{len(cases)}', flush=True)
    for number, case in enumerate(cases, 1):
        name, function = case if isinstance(case, tuple) else ((case.__doc__ or case.__name__).strip().splitlines()[0].rstrip('.'), case)
        try:
            remark = function()
            print(f'ok {number} - {name}' + (f': {remark}' if isinstance(remark, str) else ''), flush=True)
        except Skip as reason:
            print(f'ok {number} - {name} # SKIP {reason}', flush=True)
        except BaseException as error:
            failed += 1
            print(f'not ok {number} - {name}', flush=True)
            print(''.join('# ' + line + '\n' for line in traceback.format_exc().splitlines()), end='', flush=True)
            if isinstance(error, KeyboardInterrupt):
                raise
    sys.exit(bool(failed))


def note(text):
    """A figure that belongs to the case under way."""
    print('# ' + text, flush=True)


def equal(found, expected, what=''):
    if found != expected:
        raise AssertionError(f'{what}: found {found!r}, expected {expected!r}')
