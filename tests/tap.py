"""TAP for end-to-end tests: tap.main() runs the functions test_* of the calling program in the order they stand in.

The first line of a function's docstring is the case's name. AssertionError or any other exception: not ok; tap.Skip: skipped."""
import inspect
import sys
import traceback


class Skip(Exception):
    """Raised by a test that cannot run here; its text says what is missing."""


def note(text):
    """A remark or a figure that belongs to the case under way."""
    for line in str(text).splitlines():
        print(f"# {line}", flush=True)


def equal(got, want, what=""):
    assert got == want, f"{what}: got {got!r}, want {want!r}"


def main():
    module = sys.modules["__main__"]
    tests = [f for name, f in vars(module).items() if name.startswith("test_") and inspect.isfunction(f)]
    print(f"1..{len(tests)}", flush=True)
    failed = 0
    for number, test in enumerate(tests, 1):
        name = (test.__doc__ or test.__name__).strip().split("\n")[0].rstrip(".")
        try:
            test()
            print(f"ok {number} - {name}", flush=True)
        except Skip as reason:
            print(f"ok {number} - {name} # SKIP {reason}", flush=True)
        except Exception:
            failed += 1
            note(traceback.format_exc(limit=-2)[-1500:])
            print(f"not ok {number} - {name}", flush=True)
    sys.exit(1 if failed else 0)
