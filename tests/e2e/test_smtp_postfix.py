#!/usr/bin/env python3
"""The sender through a real Postfix."""
from smtp_cases import *  # noqa: F403: tap.main() runs the test_ functions of this module
from smtp_cases import run
from servers import Postfix

if __name__ == "__main__":
    run(Postfix)
