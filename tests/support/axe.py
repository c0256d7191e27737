"""axe-core, the accessibility checker, from npm: installed into the build folder with the version and digest of tests/browser/package-lock.json."""
import os
import shutil
import subprocess

import tap

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGE = os.path.join(HERE, '..', 'browser')
BUILD = os.path.join(HERE, '..', '..', 'build', 'npm')


def script():
    """The text of axe-core; skips where npm is missing or reaches no registry."""
    path = os.path.join(BUILD, 'node_modules', 'axe-core', 'axe.min.js')
    if not os.path.exists(path):
        if not shutil.which('npm'):
            raise tap.Skip('npm is not installed')
        os.makedirs(BUILD, exist_ok=True)
        for name in ('package.json', 'package-lock.json'):
            shutil.copy(os.path.join(PACKAGE, name), BUILD)
        try:
            done = subprocess.run(['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--fetch-retries=1'], cwd=BUILD, capture_output=True, text=True, timeout=120)
            said = done.stderr.strip().splitlines() or ['no reason given']
        except subprocess.TimeoutExpired:
            said = ['no answer within two minutes']
        if not os.path.exists(path):
            raise tap.Skip('npm cannot install axe-core: ' + said[0][:120])
    with open(path, encoding='utf-8') as f:
        return f.read()


def violations(browser, text):
    """What axe finds on the page that is shown: ["rule: element", …]."""
    browser.run(text + '; true')
    return browser.run('''axe.run(document, {resultTypes: ['violations']}).then((r) => r.violations.flatMap((v) =>
        v.nodes.map((n) => v.id + ': ' + n.target.join(' ') + ' ' + (n.any[0] ? n.any[0].message : ''))))''')
